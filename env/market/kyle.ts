import { ContractError } from "../../src/core/errors.ts";

/** Closed forms of two models of informed trading, for tests of estimators and of learning agents. */

export interface KyleEquilibrium {
  /** The insider buys beta (value - mean). */
  readonly beta: number;
  /** The market maker moves the price by lambda a unit of net order flow. */
  readonly lambda: number;
  /** Variance of the value that is left once the flow has been seen. */
  readonly posteriorVariance: number;
  /** The insider's expected profit. */
  readonly expectedProfit: number;
}

/**
 * The linear equilibrium of Kyle (1985), one period: value with standard deviation `valueSd`, noise orders with `noiseSd`.
 * @throws ContractError unless both are positive
 */
export function kyleEquilibrium(valueSd: number, noiseSd: number): KyleEquilibrium {
  if (!(valueSd > 0 && noiseSd > 0))
    throw new ContractError("Kyle's model needs positive standard deviations.", {
      which: "valueSd, noiseSd",
      value: [valueSd, noiseSd],
      fix: "Give two numbers greater than 0.",
    });
  return {
    beta: noiseSd / valueSd,
    lambda: valueSd / (2 * noiseSd),
    posteriorVariance: (valueSd * valueSd) / 2,
    expectedProfit: (noiseSd * valueSd) / 2,
  };
}

export interface Quotes {
  readonly bid: number;
  readonly ask: number;
}

/**
 * Zero-profit quotes of Glosten and Milgrom (1985) for one unit of a value of 0 or 1.
 * @param probability prior that the value is 1
 * @param informedShare probability that the next trader knows the value; the others buy or sell with equal chances
 * @throws ContractError unless the prior is in (0, 1) and the share in [0, 1]
 */
export function glostenMilgrom(probability: number, informedShare: number): Quotes {
  if (!(probability > 0 && probability < 1 && informedShare >= 0 && informedShare <= 1))
    throw new ContractError("Glosten and Milgrom's quotes need a prior in (0, 1) and a share in [0, 1].", {
      which: "probability, informedShare",
      value: [probability, informedShare],
      fix: "Give two probabilities.",
    });
  const p = probability;
  const m = informedShare;
  const tilt = m * (2 * p - 1);
  return { ask: (p * (1 + m)) / (1 + tilt), bid: (p * (1 - m)) / (1 - tilt) };
}
