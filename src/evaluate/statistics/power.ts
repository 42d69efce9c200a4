import { inverseNormalCdf } from "../../core/normal.ts";

const Z_975 = 1.959963984540054;

/**
 * The smallest true difference that a comparison with this standard error finds with the given power: (critical + z(power)) se.
 * @param critical half-width of the interval in standard errors, 1.96 unless told (larger for simultaneous intervals)
 */
export function minimumDetectableEffect(standardError: number, power = 0.8, critical = Z_975): number {
  return (critical + inverseNormalCdf(power)) * standardError;
}

export interface DecisionInput {
  /** Estimated difference of objectives. */
  readonly difference: number;
  /** Half-width of equivalence, in the objective's unit. */
  readonly margin: number;
  readonly pathStandardError: number;
  /** Does not shrink with episodes. */
  readonly seedStandardError: number;
  /** Observations that the path error rests on: episodes, or whole windows where episodes share recorded data. */
  readonly independent: number;
  readonly critical?: number;
  readonly power?: number;
}

/**
 * How many more independent observations (episodes, or recorded windows) would decide with the given power (0.8 unless told), if the true difference is the estimated one: the least
 * number for any of better, worse, equivalent. Undefined where no number would, because the spread over training seeds alone is too wide
 * or the difference is exactly 0 and the margin too.
 */
export function moreEpisodesToDecide(input: DecisionInput): number | undefined {
  const { difference: d, margin } = input;
  const critical = input.critical ?? Z_975;
  const power = input.power ?? 0.8;
  const needed: number[] = [];
  const add = (room: number, z: number) => {
    if (!(room > 0)) return;
    // (critical + z)² (path²/f + seed²) ≤ room², solved for the factor f on observations.
    const left = (room / (critical + z)) ** 2 - input.seedStandardError ** 2;
    if (left > 0) needed.push(input.pathStandardError ** 2 / left);
  };
  // The interval has to clear 0 on one side (better; or worse, or equivalent where it stays inside the margin) …
  add(Math.abs(d), inverseNormalCdf(power));
  // … or both ends have to stay inside the margin.
  add(margin - Math.abs(d), inverseNormalCdf((1 + power) / 2));
  if (needed.length === 0) return undefined;
  return Math.max(0, Math.ceil((Math.min(...needed) - 1) * input.independent));
}
