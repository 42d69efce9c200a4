/** Who can supply a feature live; `src/core/live-sources.ts` names sets of them. */
export const LIVE_SOURCES = [
  "clock",
  "account",
  "book",
  "deribit-public",
  "ethereum-rpc",
  "mempool",
  "oracle",
] as const;
export type LiveSource = (typeof LIVE_SOURCES)[number];

/** One named raw feature. Its value is a float64 in `unit`; `low` and `high` are the range in which encoders are expected to see it. */
export interface FeatureSpec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** All of these are needed to compute it live; none for what is known before a session starts. */
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
