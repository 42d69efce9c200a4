import { black76Into, black76Price } from "./black-76.ts";
import { GREEK } from "./black-scholes.ts";
import { deltaUnder } from "./delta-convention.ts";

/**
 * Coin-settled ("inverse") options: quoted, margined and paid in the coin that they are written on. A call pays max(F - K, 0) / F coins.
 * Their value in coin is the undiscounted Black (1976) value over the forward; every Greek here is a derivative of that coin value.
 * With B, D, G the USD price, delta and gamma and v = B / F:
 *   dv/dF = (D - v) / F,   d2v/dF2 = (G - 2 (D - v) / F) / F,   vega, theta, volga over F,   d2v/dF dVol = (vanna - vega / F) / F.
 * F dv/dF = D - v is the net transaction delta: the number of coins' worth of futures that leaves no first-order change of coin wealth.
 */

/** Value in coin, arguments as for `black76Price`. Not checked, allocates nothing. */
export function coinPrice(sign: number, forward: number, strike: number, volatility: number, years: number): number {
  return black76Price(sign, forward, strike, 0, volatility, years) / forward;
}

/**
 * Writes the coin value and its Greeks at out[offset .. offset+7], in the order of `GREEK`: coins, coins per USD of forward, coins per USD^2,
 * coins for 1.00 of volatility, coins a year, 0 (rho: coin values are not discounted), and the second derivatives likewise.
 */
export function coinGreeksInto(
  out: Float64Array,
  offset: number,
  sign: number,
  forward: number,
  strike: number,
  volatility: number,
  years: number,
): void {
  black76Into(out, offset, sign, forward, strike, 0, volatility, years);
  const value = out[offset + GREEK.price]! / forward;
  const slope = (out[offset + GREEK.delta]! - value) / forward;
  out[offset + GREEK.price] = value;
  out[offset + GREEK.delta] = slope;
  out[offset + GREEK.gamma] = (out[offset + GREEK.gamma]! - 2 * slope) / forward;
  out[offset + GREEK.vanna] = (out[offset + GREEK.vanna]! - out[offset + GREEK.vega]! / forward) / forward;
  out[offset + GREEK.vega] = out[offset + GREEK.vega]! / forward;
  out[offset + GREEK.theta] = out[offset + GREEK.theta]! / forward;
  out[offset + GREEK.rho] = 0;
  out[offset + GREEK.volga] = out[offset + GREEK.volga]! / forward;
}

/** Net transaction delta of a coin-settled option from its Black delta and its mark in coin: in coins of futures. */
export function netTransactionDelta(blackDelta: number, markCoin: number, forward: number): number {
  return deltaUnder("netTransaction", blackDelta, markCoin * forward, forward, 0);
}

/**
 * Profit in coin of an inverse future of `coins` coins' worth at the entry price: USD notional coins * entry, which pays
 * coins * entry * (1 / entry - 1 / exit).
 */
export function inverseFutureProfit(coins: number, entry: number, exit: number): number {
  return coins * (1 - entry / exit);
}
