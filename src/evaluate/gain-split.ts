import type { Attribution } from "../core/contracts/evaluation.ts";

/** What a contender needs to have for its gain to be split. Attribution parts are profits: they sum to -mean. */
export interface AttributedObjective {
  readonly objective: number;
  /** Mean cost. */
  readonly mean: number;
  readonly attribution: Attribution;
}

/** A gain in the objective, positive is good, in five parts that sum to it (docs/statistics.md). */
export interface GainSplit {
  /** Spread, fee, impact and gas saved. */
  readonly costSaved: number;
  /** Theta, funding and basis earned. */
  readonly carry: number;
  /** Delta and collateral: what the market's drift paid for standing on one side of it. */
  readonly direction: number;
  /** Gamma, vega, vanna, volga and residual. */
  readonly exposure: number;
  /** The part of the objective that is not the mean: less standard deviation, a thinner tail. */
  readonly risk: number;
}

const GROUPS = {
  costSaved: ["spread", "fee", "impact", "gas"],
  carry: ["theta", "funding", "basis"],
  direction: ["delta", "collateral"],
  exposure: ["gamma", "vega", "vanna", "volga", "residual"],
} as const satisfies Record<string, readonly (keyof Attribution)[]>;

/** Splits the gain of `a` over `b` into cost saved, carry, direction, exposure and risk. */
export function splitGain(a: AttributedObjective, b: AttributedObjective): GainSplit {
  const sum = (parts: readonly (keyof Attribution)[]) =>
    parts.reduce((total, part) => total + a.attribution[part] - b.attribution[part], 0);
  return {
    costSaved: sum(GROUPS.costSaved),
    carry: sum(GROUPS.carry),
    direction: sum(GROUPS.direction),
    exposure: sum(GROUPS.exposure),
    risk: b.objective - b.mean - (a.objective - a.mean),
  };
}

/** True where more than half of a positive gain is carry and direction: earned by a position, not by hedging. */
export function isNotHedgingSkill(split: GainSplit): boolean {
  const total = split.costSaved + split.carry + split.direction + split.exposure + split.risk;
  return total > 0 && split.carry + split.direction > 0.5 * total;
}
