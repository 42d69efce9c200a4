/** Who can supply a feature live. `train --deploy <source>` masks or refuses features that have no such supplier. */
export type LiveSource = "clock" | "account" | "book" | "deribit-public" | "ethereum-rpc" | "mempool" | "oracle";

/** One named raw feature. Its value is a float64 in `unit`; `low` and `high` are the range in which encoders are expected to see it. */
export interface FeatureSpec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** All of these are needed to compute it live. */
  readonly sources: readonly LiveSource[];
  readonly low: number;
  readonly high: number;
}

/** The ordered list of raw features: what an observation becomes, and what a policy reads by name. */
export interface FeatureSchema {
  readonly version: 1;
  readonly features: readonly FeatureSpec[];
}

/** Position of each feature by name. */
export function featureIndex(schema: FeatureSchema): Readonly<Record<string, number>> {
  return Object.fromEntries(schema.features.map((f, i) => [f.name, i]));
}
