import { ATTRIBUTION_PARTS, type Attribution, type ContenderResult } from "../core/contracts/evaluation.ts";
import { HUES } from "./theme.ts";

/**
 * Parts of the mean cost that a drawing can tell apart; the table keeps all fourteen.
 * Gamma and theta stand together since a book earns the one by paying the other.
 */
export const ATTRIBUTION_GROUPS = [
  { name: "delta", parts: ["delta"], hue: HUES[0] },
  { name: "gamma and theta", parts: ["gamma", "theta"], hue: HUES[1] },
  { name: "vega, vanna, volga", parts: ["vega", "vanna", "volga"], hue: HUES[2] },
  { name: "residual", parts: ["residual"], hue: HUES[3] },
  { name: "carry (collateral, funding, basis)", parts: ["collateral", "funding", "basis"], hue: HUES[4] },
  { name: "spread and impact", parts: ["spread", "impact"], hue: HUES[5] },
  { name: "fee", parts: ["fee"], hue: HUES[6] },
  { name: "gas", parts: ["gas"], hue: HUES[7] },
] as const satisfies readonly { name: string; parts: readonly (keyof Attribution)[]; hue: string }[];

/** A part as a cost. The evaluation stores parts as profit; the page shows costs throughout, so the sign turns here and nowhere else. */
export function partCost(attribution: Attribution, part: keyof Attribution): number {
  return 0 - attribution[part];
}

/** Sum of all parts as a cost: the mean cost of an episode, if the attribution is complete. */
export function attributedCost(attribution: Attribution): number {
  return ATTRIBUTION_PARTS.reduce((sum, part) => sum + partCost(attribution, part), 0);
}

export function groupCost(attribution: Attribution, parts: readonly (keyof Attribution)[]): number {
  return parts.reduce((sum, part) => sum + partCost(attribution, part), 0);
}

/** What the parts leave unexplained of the mean cost; nought up to rounding, by contract (1e-9). */
export function unattributed(c: ContenderResult): number {
  return c.mean - attributedCost(c.attribution);
}

/** True where the parts sum to the mean to nine digits of the largest part. */
export function sums(c: ContenderResult): boolean {
  const scale = Math.max(1, Math.abs(c.mean), ...ATTRIBUTION_PARTS.map((p) => Math.abs(c.attribution[p])));
  return Math.abs(unattributed(c)) <= 1e-9 * scale;
}

/** Why two rows differ in objective; the six parts sum to `total` where both attributions are complete. */
export interface DifferenceSplit {
  readonly costs: number;
  readonly carry: number;
  /** What the mean exposure cost of the mean price move; all of delta where the rows do not tell. */
  readonly direction: number;
  /** The rest of delta: how exposure and later moves went together. Absent on recorded prices. */
  readonly timing?: number;
  readonly options: number;
  /** Objective beyond the mean, e.g. k standard deviations. */
  readonly risk: number;
  readonly total: number;
}

/** Splits the objective of `a` minus that of `b`: trading costs saved, carry, direction, timing, option Greeks with residual, and risk. */
export function splitDifference(a: ContenderResult, b: ContenderResult): DifferenceSplit {
  const part = (parts: readonly (keyof Attribution)[]): number =>
    groupCost(a.attribution, parts) - groupCost(b.attribution, parts);
  const delta = part(["delta"]);
  const drift = a.driftProfit === undefined || b.driftProfit === undefined ? undefined : b.driftProfit - a.driftProfit;
  return {
    costs: part(["spread", "fee", "impact", "gas"]),
    carry: part(["collateral", "funding", "basis"]),
    direction: drift ?? delta,
    ...(drift === undefined ? {} : { timing: delta - drift }),
    options: part(["gamma", "theta", "vega", "vanna", "volga", "residual"]),
    risk: a.objective - a.mean - (b.objective - b.mean),
    total: a.objective - b.objective,
  };
}
