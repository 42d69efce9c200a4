/** A training seed's curve as the trainer keeps it: NaN where nothing was measured. */
export interface TrainedCurve {
  readonly seed: number;
  readonly curve: Iterable<{
    /** Environment steps so far. */
    readonly step: number;
    /** On select episodes, in the objective's unit. */
    readonly objective: number;
    /** Reward units. */
    readonly meanReturn: number;
  }>;
}

export interface LearningCurve {
  readonly seeds: readonly {
    readonly seed: number;
    readonly steps: readonly number[];
    readonly objective: readonly (number | null)[];
    readonly return: readonly (number | null)[];
  }[];
  readonly references: readonly { readonly id: string; readonly objective: number }[];
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The learning curves of a report. `references`: tuned rules with their objectives on the same select episodes. */
export function learningCurve(
  seeds: readonly TrainedCurve[],
  references: readonly { readonly id: string; readonly objective: number }[],
): LearningCurve {
  return {
    seeds: seeds.map(({ seed, curve }) => {
      const points = [...curve];
      return {
        seed,
        steps: points.map((p) => p.step),
        objective: points.map((p) => known(p.objective)),
        return: points.map((p) => known(p.meanReturn)),
      };
    }),
    references: references.map(({ id, objective }) => ({ id, objective })),
  };
}
