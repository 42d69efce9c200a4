import { createBaseline } from "../../../agents/baselines/registry.ts";
import { type PlayedContender, summarise } from "../compare.ts";
import type { Experiment } from "../experiment.ts";
import type { Arena } from "../rollout.ts";

/** Mean cost against its standard deviation, in the objective's unit. */
export interface FrontierPoint {
  readonly mean: number;
  readonly sd: number;
}

export interface WidthSweep {
  readonly id: string;
  /** In order of width. */
  readonly points: readonly (FrontierPoint & { readonly width: number })[];
}

export interface Frontier {
  readonly points: readonly (FrontierPoint & { readonly id: string })[];
  readonly sweeps: readonly WidthSweep[];
}

/** One point for every contender, the same numbers as in the table of contenders, and the sweeps given. */
export function frontier(
  experiment: Experiment,
  played: readonly PlayedContender[],
  sweeps: readonly WidthSweep[] = [],
): Frontier {
  const points = played.map((contender) => {
    const { id, mean, sd } = summarise(experiment, contender);
    return { id, mean, sd };
  });
  return { points, sweeps };
}

/** The tuned half-width may be 0 (always rehedge) or without bound (never): the sweep's middle stays where bands are bands. Delta per unit of book. */
const MIDDLE = { least: 0.01, most: 0.5 } as const;
/** The sweep runs from the middle divided by this to the middle times this. */
const REACH = 6;

export interface WidthSweepInput {
  readonly experiment: Experiment;
  /** Of the judged split and seed: the sweep plays its first episodes. */
  readonly arena: Arena;
  /** Tuned parameters; all but the half-width are kept. */
  readonly params: Readonly<Record<string, number>>;
  /** A rule with the parameter `halfWidth`. */
  readonly id?: string;
  readonly widths?: number;
  /** As many as the contenders played puts the sweep exactly through the rule's own point. */
  readonly episodes?: number;
}

/**
 * Plays a band rule at half-widths evenly spaced in their logarithm around the tuned one; an odd number has the tuned one in the middle.
 * Throws a ConfigError where the rule has no half-width.
 */
export function sweepWidth({
  experiment,
  arena,
  params,
  id = "delta-band",
  widths = 13,
  episodes = 500,
}: WidthSweepInput): WidthSweep {
  const { context } = arena.env;
  const tuned = createBaseline(id, params, context).params.halfWidth ?? MIDDLE.least;
  const middle = Math.min(MIDDLE.most, Math.max(MIDDLE.least, tuned));
  const points = Array.from({ length: widths }, (_, i) => {
    const share = widths === 1 ? 0 : (2 * i) / (widths - 1) - 1;
    const width = middle * REACH ** share;
    const policy = createBaseline(id, { ...params, halfWidth: width }, context);
    const tables = [arena.play(policy, 0, episodes)];
    const budget = { steps: 0, trials: 0, coreSeconds: 0 };
    const { mean, sd } = summarise(experiment, { id, kind: "baseline", tuned: false, params, budget, tables });
    return { width, mean, sd };
  });
  return { id, points };
}
