import { ConfigError } from "../../src/core/errors.ts";

/** Parameters of Heston's variance: dv = kappa (theta - v) dt + sigma sqrt(v) dW, v(0) = v0, corr(dW, d log S) = rho. */
export interface HestonParameters {
  /** Variance today, a year (0.04 for a volatility of 20%). */
  readonly v0: number;
  readonly kappa: number;
  /** Long-run variance, a year. */
  readonly theta: number;
  /** Volatility of variance. */
  readonly sigma: number;
  readonly rho: number;
}

/** Largest tilt of the contour of integration, radians. */
const LARGEST_TILT = Math.PI / 12;
/** The nodes t of the quadrature lie in [-RANGE, RANGE]. */
const RANGE = 4.2;
const FIRST_STEP = 0.25;
const HALVINGS = 6;
/** Two successive halvings of the step agree to this; each squares the error, so the later of the two is far better. */
const AGREEMENT = 1e-13;

/**
 * Price of a European option under Heston (1993), in the units of `spot`, to about 1e-13 of spot.
 * A. Lewis, "Option Valuation under Stochastic Volatility" (2000): the call is
 *   S e^(-qT) - sqrt(S K) e^(-(r+q)T/2) / pi · ∫ Re[ e^(iwk) phi(w - i/2) / (w² + 1/4) ] dw over w > 0, k = log(forward/K),
 * with the branch of phi that H. Albrecher, P. Mayer, W. Schoutens & J. Tistaert, "The little Heston trap" (2007) show to be continuous, written
 * so that nothing is divided by sigma: at sigma 0 it is Black-Scholes. The contour is tilted so that the integrand does not oscillate (L. Andersen &
 * M. Lake, "Robust high-precision option pricing by Fourier transforms" (2018)); the quadrature is exp-sinh, halved until it agrees.
 * @param sign 1 for a call, -1 for a put
 * @param rate,dividendYield continuously compounded, fraction a year
 * @param years time to expiry; 0 or less gives the intrinsic value
 */
export function hestonPrice(
  sign: number,
  spot: number,
  strike: number,
  rate: number,
  dividendYield: number,
  years: number,
  parameters: HestonParameters,
): number {
  expectParameters(parameters);
  const t = Math.max(years, 0);
  const s = spot * Math.exp(-dividendYield * t);
  const k = strike * Math.exp(-rate * t);
  const { v0, kappa, theta } = parameters;
  const variance = theta * t + ((v0 - theta) * -Math.expm1(-kappa * t)) / kappa;
  if (!(variance > 1e-14)) return Math.max(sign * (s - k), 0);
  const root = Math.sqrt(s * k);
  // The covered call costs root/pi times the integral; what is left of the discounted spot or strike is the call or the put.
  const covered = (root / Math.PI) * integral(Math.log(s / k), t, variance, parameters);
  return Math.max((sign > 0 ? s : k) - covered, sign * (s - k), 0);
}

function integral(moneyness: number, t: number, variance: number, p: HestonParameters): number {
  // Far out, phi decays as exp(-w (c sqrt(1-rho²) + i c rho)), c = (v0 + kappa theta t)/sigma; near 0 as exp(-w² variance/2).
  const c = (p.v0 + p.kappa * p.theta * t) / p.sigma;
  const fall = c * Math.sqrt(1 - p.rho * p.rho);
  const turn = c * p.rho - moneyness;
  const tilt = Number.isFinite(c)
    ? Math.max(-LARGEST_TILT, Math.min(LARGEST_TILT, -Math.atan2(turn, fall)))
    : Math.sign(moneyness) * LARGEST_TILT;
  const slope = Math.tan(tilt);
  const scale = 1 / Math.sqrt(variance) + (Number.isFinite(c) ? 1 / Math.hypot(fall, turn) : 0);
  let step = FIRST_STEP;
  let sum = 0;
  for (let i = -RANGE / step; i <= RANGE / step; i++) sum += node(i * step, scale, slope, moneyness, t, p);
  let value = sum * step;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const before = value;
    for (let x = -RANGE + 0.5 * step; x < RANGE; x += step) sum += node(x, scale, slope, moneyness, t, p);
    step *= 0.5;
    value = sum * step;
    if (Math.abs(value - before) < AGREEMENT) break;
  }
  return value;
}

/** The integrand at node x of the exp-sinh rule, times the rule's weight. Real and imaginary parts end in R and I. */
function node(x: number, scale: number, slope: number, moneyness: number, t: number, p: HestonParameters): number {
  const re = scale * Math.exp(0.5 * Math.PI * Math.sinh(x));
  const weight = re * 0.5 * Math.PI * Math.cosh(x);
  const im = re * slope;
  const { v0, kappa, theta, sigma, rho } = p;
  const sigma2 = sigma * sigma;
  // P = w² + 1/4, at u = w - i/2; beta = kappa - rho sigma i u.
  const pR = re * re - im * im + 0.25;
  const pI = 2 * re * im;
  const bR = kappa - rho * sigma * (0.5 - im);
  const bI = -rho * sigma * re;
  // d = sqrt(beta² + sigma² P), principal: its real part is positive.
  const qR = bR * bR - bI * bI + sigma2 * pR;
  const qI = 2 * bR * bI + sigma2 * pI;
  const q = Math.hypot(qR, qI);
  let dR = Math.sqrt(0.5 * (q + Math.abs(qR)));
  let dI = dR > 0 ? (0.5 * qI) / dR : 0;
  if (qR < 0) {
    const swap = Math.abs(dI);
    dI = qI < 0 ? -dR : dR;
    dR = swap;
  }
  // r = (beta - d)/sigma² = -P/(beta + d), and g = sigma² r/(beta + d).
  const sR = bR + dR;
  const sI = bI + dI;
  const s2 = sR * sR + sI * sI;
  const rR = -(pR * sR + pI * sI) / s2;
  const rI = -(pI * sR - pR * sI) / s2;
  const gR = (sigma2 * (rR * sR + rI * sI)) / s2;
  const gI = (sigma2 * (rI * sR - rR * sI)) / s2;
  // n = 1 - e^(-d t), without cancellation at small d t.
  const grow = Math.exp(-dR * t);
  const half = Math.sin(0.5 * dI * t);
  const nR = -Math.expm1(-dR * t) + 2 * grow * half * half;
  const nI = grow * Math.sin(dI * t);
  // Y = r n / ((beta + d) (1 - g)), so that sigma² Y = g n / (1 - g).
  const oR = 1 - gR;
  const oI = -gI;
  const mR = sR * oR - sI * oI;
  const mI = sR * oI + sI * oR;
  const m2 = mR * mR + mI * mI;
  const tR = rR * nR - rI * nI;
  const tI = rR * nI + rI * nR;
  const yR = (tR * mR + tI * mI) / m2;
  const yI = (tI * mR - tR * mI) / m2;
  // L = log(1 + sigma² Y) / sigma²; D = r n / (1 - g e^(-d t)), whose denominator is (1 - g)(1 + sigma² Y).
  const zR = sigma2 * yR;
  const zI = sigma2 * yI;
  const square = 2 * zR + zR * zR + zI * zI;
  const small = square * square + zI * zI < 1e-36;
  const lR = small ? yR : (0.5 * Math.log1p(square)) / sigma2;
  const lI = small ? yI : Math.atan2(zI, 1 + zR) / sigma2;
  const eR = oR * (1 + zR) - oI * zI;
  const eI = oR * zI + oI * (1 + zR);
  const e2 = eR * eR + eI * eI;
  const DR = (tR * eR + tI * eI) / e2;
  const DI = (tI * eR - tR * eI) / e2;
  const expR = kappa * theta * (rR * t - 2 * lR) + v0 * DR - im * moneyness;
  const expI = kappa * theta * (rI * t - 2 * lI) + v0 * DI + re * moneyness;
  // Re[ e^exp (1 + i slope) / P ].
  const size = (Math.exp(expR) * weight) / (pR * pR + pI * pI);
  if (!(size > 0)) return 0;
  const cos = Math.cos(expI);
  const sin = Math.sin(expI);
  return size * ((cos - slope * sin) * pR + (sin + slope * cos) * pI);
}

function expectParameters(p: HestonParameters): void {
  const bad = (field: keyof HestonParameters, fix: string) =>
    new ConfigError("A parameter of the Heston model is out of range.", { which: field, value: p[field], fix });
  if (!(p.v0 >= 0 && p.v0 < 400)) throw bad("v0", "Give a variance of at least 0 and below 400 (0.04 for 20%).");
  if (!(p.theta >= 0 && p.theta < 400)) throw bad("theta", "Give a variance of at least 0 and below 400.");
  if (!(p.kappa > 0 && p.kappa < 1e6)) throw bad("kappa", "Give a number above 0.");
  if (!(p.sigma >= 0 && p.sigma < 1000)) throw bad("sigma", "Give a number of at least 0.");
  if (!(Math.abs(p.rho) < 1)) throw bad("rho", "Give a number above -1 and below 1.");
}
