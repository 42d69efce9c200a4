/**
 * Heston prices with their sources.
 * Lewis: A. Lewis's table in 1e-10 digits, as collected in QuantLib's test-suite/hestonmodel.cpp.
 * Forty digits: mpmath 1.3 with mp.dps = 40, Lewis's integral on the real line by Gauss-Legendre panels up to where the integrand is below e^-80:
 *   u = w - 0.5j; b = kappa - rho*sigma*1j*u; d = sqrt(b*b + sigma**2*(1j*u + u*u)); g = (b - d)/(b + d); e = exp(-d*T)
 *   D = (b - d)/sigma**2*(1 - e)/(1 - g*e); C = kappa*theta/sigma**2*((b - d)*T - 2*log((1 - g*e)/(1 - g)))
 *   call = S*exp(-q*T) - sqrt(S*K)*exp(-(r + q)*T/2)/pi * quad(re(exp(C + D*v0 + 1j*w*log(forward/K))/(w*w + 1/4)))
 */
export const lewis = {
  terms: { spot: 100, rate: 0.01, dividendYield: 0.02, years: 1 },
  parameters: { v0: 0.04, kappa: 4, theta: 0.25, sigma: 1, rho: -0.5 },
  /** [strike, call, put] */
  rows: [
    [80, 26.774758743998856, 7.958878113256768],
    [90, 20.93334900059671, 12.017966707346305],
    [100, 16.070154917028834, 17.05527096127011],
    [110, 12.132211516709845, 23.0178258984428],
    [120, 9.024913483457835, 29.811026202682473],
  ],
} as const;

/** [spot, strike, rate, dividendYield, years, v0, kappa, theta, sigma, rho, call] */
export const fortyDigits = [
  [100, 75.91, 0.02, 0.01, 0.412, 0.02362536, 19.43424, 0.0681876, 0.0616099, -0.182032, 24.53414411678148],
  [100, 67.05, 0.02, 0.01, 0.681, 0.258945, 3.553475, 0.00855184, 0.166914, 0.000622, 33.76101658539519],
  [100, 105, 0, 0, 0.01, 0.04, 1.5, 0.04, 2, -0.9, 6.127893565834092e-7],
  [100, 140, 0.05, 0, 0.25, 0.36, 4, 0.5, 2, 0.4, 4.015504139239404],
  [100, 60, 0.03, 0.01, 5, 0.09, 0.5, 0.09, 0.8, -0.7, 47.97664620011175],
  [100, 100, 0, 0, 10, 0.04, 0.5, 0.04, 1, -0.9, 13.08467013699236],
  [100, 100, 0, 0, 0.001953125, 0.25, 5, 0.5, 2.5, -0.3, 0.8817758025098838],
] as const;
