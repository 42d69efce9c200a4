import { FEATURE_GROUPS, type FeatureGroup, featureSchema } from "../../../env/features/schema.ts";
import { featureIndex } from "../../../src/core/contracts/features.ts";
import { INTENT, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { Policy, PolicyContext, SlotInfo } from "../../../src/core/contracts/policy.ts";
import { Random } from "../../../src/core/random.ts";

/** A context of one leg and a perpetual, changed as told, with the features of such a market. */
export function contextOf(changes: Partial<PolicyContext> = {}, groups: readonly FeatureGroup[] = []): PolicyContext {
  const slots: readonly SlotInfo[] = changes.slots ?? [{ name: "perpetual", kind: "perpetual" }];
  const legs = changes.legs ?? 1;
  return {
    schema: featureSchema(slots, legs, groups),
    slots,
    decisionSeconds: 3600,
    daysPerYear: 365,
    costRate: 5e-4,
    rate: 0,
    bookSize: 1,
    legs,
    stochasticVolatility: false,
    coinSettled: false,
    ...changes,
  };
}

/** One row of raw features: a short at-the-money 30-day call on a coin of 100 USD, unhedged, after the first decision; changed as told. */
export function rowOf(context: PolicyContext, changes: Readonly<Record<string, number>> = {}): Float64Array {
  const values: Record<string, number> = {
    spot: 100,
    delta: -0.5,
    book_delta: -0.5,
    gamma_percent: -0.02,
    vega_percent: -0.001,
    implied_volatility: 0.6,
    realised_volatility_slow: 0.6,
    years_left: 30 / 365,
    time_left: 0.5,
    cost_rate_bps: 5,
    slot0_unit_delta: 1,
    leg0_quantity: -1,
    leg0_years: 30 / 365,
    leg0_sign: 1,
    leg0_volatility: 0.6,
    ...changes,
  };
  const index = featureIndex(context.schema);
  const row = new Float64Array(context.schema.features.length);
  for (const [name, value] of Object.entries(values)) {
    if (index[name] === undefined) throw new RangeError(`no feature ${name}`);
    row[index[name]] = value;
  }
  return row;
}

const OF_GROUPS = new Set(featureSchema([], 0, FEATURE_GROUPS).features.map((f) => f.name));
for (const { name } of featureSchema([], 0).features) OF_GROUPS.delete(name);

/** Random rows [batch*F] in and beyond the ranges in which features are seen. */
export function randomRows(context: PolicyContext, batch: number, seed: number): Float64Array {
  const random = new Random(seed, "test/rows");
  const out = new Float64Array(batch * context.schema.features.length);
  for (let b = 0; b < batch; b++) {
    const first = random.uniform() < 0.2 ? 1 : 0;
    const years = 0.3 * random.uniform();
    const changes: Record<string, number> = {
      spot: 50 + 100 * random.uniform(),
      delta: 2 * random.uniform() - 1,
      gamma_percent: 0.1 * (random.uniform() - 0.7),
      vega_percent: 0.01 * (random.uniform() - 0.5),
      implied_volatility: 0.2 + random.uniform(),
      realised_volatility_slow: 0.2 + random.uniform(),
      years_left: years,
      time_left: random.uniform(),
      base_fee_fast: 2 * random.uniform() - 1,
      gas_cost_bps: 20 * random.uniform(),
      cost_rate_bps: 30 * random.uniform(),
      hours_since_trade: 30 * random.uniform(),
      is_first: first,
      slot0_unit_delta: 0.5 + random.uniform(),
      slot0_position: random.uniform() - 0.5,
      leg0_log_moneyness: 0.4 * (random.uniform() - 0.5),
      leg0_years: years,
      leg0_volatility: 0.2 + random.uniform(),
    };
    for (const { name, low, high } of context.schema.features)
      if (OF_GROUPS.has(name)) changes[name] = low + (high - low) * random.uniform();
    out.set(rowOf(context, changes), b * context.schema.features.length);
  }
  return out;
}

/** Intents of a policy for rows of features. */
export function intentsOf(policy: Policy, context: PolicyContext, features: Float64Array): Float64Array {
  const batch = features.length / context.schema.features.length;
  const out = new Float64Array(batch * context.slots.length * INTENT_WIDTH).fill(Number.NaN);
  const available = new Uint8Array(context.schema.features.length).fill(1);
  policy.decide(batch, features, available, new Float64Array(0), new Uint8Array(0), out);
  return out;
}

/** The change that a policy wants of a slot, in instrument units, for one row. */
export function changeOf(policy: Policy, context: PolicyContext, row: Float64Array, slot = 0): number {
  return intentsOf(policy, context, row)[slot * INTENT_WIDTH + INTENT.change]!;
}
