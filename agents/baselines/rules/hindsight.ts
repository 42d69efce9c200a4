import type { FeatureSchema } from "../../../src/core/contracts/features.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { widen } from "../band-rule.ts";
import type { BaselineDefinition, ParameterSpec } from "../baseline.ts";
import { makeCentre } from "../centre.ts";
import { hasFeature } from "../feature-reader.ts";
import { COMPOSITE, compositeBand } from "./adaptive.ts";

/** What nobody can see, as columns after those of the schema: the displacement of the price, and how far the base fee will fall. */
export const TRUTH = ["transient", "gas_to_come"] as const;
export type TruthColumn = (typeof TRUTH)[number];

/** The schema with columns of truth appended, in the order of {@link TRUTH}. */
export function truthSchema(schema: FeatureSchema, columns: readonly TruthColumn[]): FeatureSchema {
  const all = {
    transient: { unit: "log", description: "Displacement of the mid from the efficient price.", low: -0.1, high: 0.1 },
    gas_to_come: {
      unit: "log",
      description: "Lowest base fee of the next 6 hours over the fee now.",
      low: -3,
      high: 0,
    },
  };
  const added = TRUTH.filter((name) => columns.includes(name)).map((name) => ({ name, sources: [], ...all[name] }));
  return { ...schema, features: [...schema.features, ...added] };
}

const knows = (column: TruthColumn) => (context: PolicyContext) => hasFeature(context.schema, column);

const PARAMETERS: readonly ParameterSpec[] = [
  {
    name: "transientLean",
    unit: "fraction",
    description: "Share of the displacement's delta that is left unhedged; 1 hedges at the efficient price.",
    low: 0,
    high: 2,
    scale: "linear",
    start: 0,
    minimum: -100,
    maximum: 100,
    appliesTo: knows("transient"),
  },
  {
    name: "transientPosition",
    unit: "delta per unit of book",
    description: "Exposure held on purpose while the price is displaced by 1%.",
    low: -2,
    high: 2,
    scale: "linear",
    start: 0,
    minimum: -100,
    maximum: 100,
    appliesTo: knows("transient"),
  },
  {
    name: "gasWaitBelow",
    unit: "log",
    description: "Wait while the base fee is going to fall this far within 6 hours.",
    low: -2,
    high: 0,
    scale: "linear",
    start: -0.3,
    minimum: Number.NEGATIVE_INFINITY,
    maximum: Number.POSITIVE_INFINITY,
    appliesTo: knows("gas_to_come"),
  },
  {
    name: "gasWaitMultiple",
    unit: "half-widths",
    description: "While waiting for a lower fee the band is this much wider; 1 = never wait.",
    low: 1,
    high: 10,
    scale: "log",
    start: 1,
    minimum: 1,
    maximum: 1e6,
    appliesTo: knows("gas_to_come"),
  },
];

/**
 * The composite band that also knows the truth. At the defaults of its own parameters it is the composite band:
 *   centre + transientLean * 100 gamma_percent x + transientPosition * 100 x,   x = transient
 * and `gasWaitMultiple` times as wide while gas_to_come < gasWaitBelow. In no table of rules: nobody can trade it.
 */
export const HINDSIGHT: BaselineDefinition = {
  ...COMPOSITE,
  id: "hindsight",
  summary:
    "The composite band that also sees which part of the price will come back and how far the base fee will fall.",
  source: "Definition: a bound on what better information could bring to such a band.",
  reference: false,
  parameters: [...PARAMETERS, ...COMPOSITE.parameters],
  band: (params, context, read) => {
    const lean = params.transientLean ?? 0;
    const position = params.transientPosition ?? 0;
    const base = makeCentre(params, context, read);
    const gammaAt = read.need("gamma_percent");
    const transientAt = lean === 0 && position === 0 ? -1 : read.need("transient");
    const centre =
      transientAt < 0
        ? base
        : (features: Float64Array, o: number) =>
            base(features, o) + 100 * features[o + transientAt]! * (lean * features[o + gammaAt]! + position);
    const rule = compositeBand(params, read, () => centre);
    const multiple = params.gasWaitMultiple ?? 1;
    if (multiple === 1) return rule;
    const below = params.gasWaitBelow!;
    const gasAt = read.need("gas_to_come");
    return {
      band(features, o, out) {
        rule.band(features, o, out);
        if (features[o + gasAt]! < below) widen(out, multiple);
      },
    };
  },
};
