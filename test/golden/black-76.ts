/**
 * E. G. Haug, The Complete Guide to Option Pricing Formulas (2nd ed., 2007), section 1.1.4, "Black-76": a European option on a Brent
 * future, call and put 1.7011 (at the forward they cost the same).
 */
export const HAUG_BLACK_76 = { forward: 19, strike: 19, rate: 0.1, volatility: 0.28, years: 0.75, price: 1.7011 };
