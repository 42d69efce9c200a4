import { ContractError, expectLength } from "../../src/core/errors.ts";
import { normalCdf } from "../../src/core/normal.ts";

/**
 * Volume-synchronised probability of informed trading (Easley, Lopez de Prado and O'Hara, 2012, "Flow toxicity and liquidity in a
 * high-frequency world"), as pure functions of whole series. The estimators of a running market are in toxicity.ts.
 */

/**
 * VPIN after each bucket: sum of |buy - sell| over the last `window` buckets, divided by their volume; 0 where nothing was traded.
 * @param buy buy volume of each bucket [N]
 * @param sell sell volume of each bucket [N]
 * @returns [N], in [0, 1]; NaN for the first window - 1 buckets
 * @throws ContractError for unequal lengths or a window that is not a positive integer
 */
export function vpin(buy: Float64Array, sell: Float64Array, window: number): Float64Array {
  expectLength(sell, buy.length, "sell");
  checkWindow(window);
  const out = new Float64Array(buy.length).fill(Number.NaN);
  for (let i = window - 1; i < buy.length; i++) {
    let imbalance = 0;
    let volume = 0;
    for (let j = i - window + 1; j <= i; j++) {
      imbalance += Math.abs(buy[j]! - sell[j]!);
      volume += buy[j]! + sell[j]!;
    }
    out[i] = volume > 0 ? imbalance / volume : 0;
  }
  return out;
}

/**
 * Bulk volume classification: the share of a bar's volume that is counted as bought, Phi(dP / sigma).
 * @param dP change of price (or log price) over the bar
 * @param sigma its standard deviation, in the same unit; 0 or NaN (unknown) gives 1/2
 */
export function bulkBuyShare(dP: number, sigma: number): number {
  return sigma > 0 ? normalCdf(dP / sigma) : 0.5;
}

/**
 * Sample standard deviation (divisor window - 1) of the last `window` values, the newest included.
 * @returns [N]; NaN where the window is not full or holds a NaN
 * @throws ContractError for a window below 2
 */
export function rollingSd(values: Float64Array, window: number): Float64Array {
  checkWindow(window, 2);
  const out = new Float64Array(values.length).fill(Number.NaN);
  for (let i = window - 1; i < values.length; i++) {
    let mean = 0;
    for (let j = i - window + 1; j <= i; j++) mean += values[j]! / window;
    let squares = 0;
    for (let j = i - window + 1; j <= i; j++) squares += (values[j]! - mean) ** 2;
    out[i] = Math.sqrt(squares / (window - 1));
  }
  return out;
}

/**
 * Mean of |buys - sells| / N for N independent trades of equal size and fair signs (N even): C(N, N/2) / 2^N, about sqrt(2 / (pi N)).
 * This is what VPIN shows where nobody is informed.
 * @throws ContractError unless N is a positive even integer
 */
export function vpinOfFairSigns(trades: number): number {
  if (!(Number.isInteger(trades) && trades > 0 && trades % 2 === 0))
    throw new ContractError("The closed form needs an even number of trades.", {
      which: "trades",
      value: trades,
      fix: "Give 2, 4, 6 ...",
    });
  // C(N, N/2) / 2^N = product of (2 i - 1) / (2 i), which never overflows.
  let product = 1;
  for (let i = 1; i <= trades / 2; i++) product *= (2 * i - 1) / (2 * i);
  return product;
}

function checkWindow(window: number, least = 1): void {
  if (!Number.isInteger(window) || window < least)
    throw new ContractError(`A window is a whole number of at least ${least}.`, {
      which: "window",
      value: window,
      fix: `Give ${least}, ${least + 1}, ${least + 2} ...`,
    });
}
