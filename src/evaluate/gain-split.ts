import type { Attribution } from "../core/contracts/evaluation.ts";

/** What a contender needs to have for its gain to be split. Attribution parts are profits: they sum to -mean. */
export interface AttributedObjective {
  readonly objective: number;
  /** Mean cost. */
  readonly mean: number;
  readonly attribution: Attribution;
  /** What its mean exposure earned of the mean price move; absent on recorded prices. */
  readonly driftProfit?: number;
}

/** A gain in the objective, positive is good, in six parts that sum to it (docs/statistics.md). */
export interface GainSplit {
  /** Spread, fee, impact and gas saved. */
  readonly costSaved: number;
  /** Theta, funding and basis earned. */
  readonly carry: number;
  /** Collateral, and of delta what the mean price move paid for standing on one side of it on average. */
  readonly direction: number;
  /** The rest of delta: how exposure and later moves went together. 0 on recorded prices, where it cannot be told from luck. */
  readonly timing: number;
  /** Gamma, vega, vanna, volga and residual. */
  readonly exposure: number;
  /** The part of the objective that is not the mean: less standard deviation, a thinner tail. */
  readonly risk: number;
}

const GROUPS = {
  costSaved: ["spread", "fee", "impact", "gas"],
  carry: ["theta", "funding", "basis"],
  direction: ["collateral"],
  delta: ["delta"],
  exposure: ["gamma", "vega", "vanna", "volga", "residual"],
} as const satisfies Record<string, readonly (keyof Attribution)[]>;

/** Splits the gain of `a` over `b` into cost saved, carry, direction, timing, exposure and risk. */
export function splitGain(a: AttributedObjective, b: AttributedObjective): GainSplit {
  const sum = (parts: readonly (keyof Attribution)[]) =>
    parts.reduce((total, part) => total + a.attribution[part] - b.attribution[part], 0);
  const delta = sum(GROUPS.delta);
  const drift = a.driftProfit === undefined || b.driftProfit === undefined ? delta : a.driftProfit - b.driftProfit;
  return {
    costSaved: sum(GROUPS.costSaved),
    carry: sum(GROUPS.carry),
    direction: drift + sum(GROUPS.direction),
    timing: delta - drift,
    exposure: sum(GROUPS.exposure),
    risk: b.objective - b.mean - (a.objective - a.mean),
  };
}

/** True where more than half of a positive gain is carry and direction: earned by a position, not by hedging. */
export function isNotHedgingSkill(split: GainSplit): boolean {
  return isMost(split, split.carry + split.direction);
}

/** True where more than half of a positive gain is timing. */
export function isMostlyTiming(split: GainSplit): boolean {
  return isMost(split, split.timing);
}

function isMost(split: GainSplit, part: number): boolean {
  const total = split.costSaved + split.carry + split.direction + split.timing + split.exposure + split.risk;
  return total > 0 && part > 0.5 * total;
}
