import { bandTrade, writeExposureTrade } from "../../models/heads/band-clamp.ts";
import type { Band, BandRule } from "../../src/core/contracts/heads.ts";
import { INTENT_WIDTH, writeTrade } from "../../src/core/contracts/intent.ts";
import type { Policy, PolicyContext } from "../../src/core/contracts/policy.ts";
import { FeatureReader } from "./feature-reader.ts";

export type Params = Readonly<Record<string, number>>;

/** A rule that trades: a policy, its complete parameters, and its band where the learned `band` head can start from it. */
export interface Baseline extends Policy {
  readonly params: Params;
  /** Names of all features that its decisions depend on at these parameters: `requires`, and those that count as 0 where they are missing. */
  readonly reads: readonly string[];
  readonly rule?: BandRule;
}

/** One parameter of a rule: what it means, where the tuner searches, and what it may be at all. */
export interface ParameterSpec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** The tuner's box. */
  readonly low: number;
  readonly high: number;
  readonly scale: "log" | "linear";
  /** The default, and where the tuner starts. */
  readonly start: number;
  /** Values outside [minimum, maximum] are errors; the box is narrower. */
  readonly minimum: number;
  readonly maximum: number;
  /** The value at which the features behind this parameter are not looked at; left out where there is none. */
  readonly silent?: number;
  /** False where the parameter only exists in some markets. */
  readonly appliesTo?: (context: PolicyContext) => boolean;
}

/** A row of the table of baselines. */
export interface BaselineDefinition {
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  /** True where it is a band of finite width, which the `band` head can scale. */
  readonly reference: boolean;
  /** False for rules that are compared as they are run elsewhere; left out = tuned. */
  readonly tuned?: boolean;
  readonly parameters: readonly ParameterSpec[];
  /** Points that the tuner tries first, as changes of the defaults: with them a tuned rule is never worse than what it nests. */
  readonly anchors: readonly Params[];
  /** False where the market cannot express the rule. */
  readonly appliesTo?: (context: PolicyContext) => boolean;
  /** What such a market lacks, for the error that says so. */
  readonly needs?: string;
  /** The rule for the first slot's exposure. */
  readonly band: (params: Params, context: PolicyContext, read: FeatureReader) => BandRule;
  /** For rules that also trade other slots: takes the place of `band` where it returns a policy's `decide`. */
  readonly decide?: (params: Params, context: PolicyContext, read: FeatureReader) => Policy["decide"] | undefined;
}

/** Builds the policy of a definition from complete, checked parameters. */
export function buildBaseline(definition: BaselineDefinition, params: Params, context: PolicyContext): Baseline {
  const read = new FeatureReader(context.schema);
  const own = definition.decide?.(params, context, read);
  const rule = own === undefined ? definition.band(params, context, read) : undefined;
  const decide = own ?? decideByBand(rule!, context, read);
  return {
    id: definition.id,
    params,
    memoryWidth: 0,
    maskWidth: 0,
    requires: read.required,
    reads: read.names,
    decide,
    ...(rule !== undefined && definition.reference ? { rule } : {}),
  };
}

/** The `decide` of a rule that keeps the first slot's exposure in a band and leaves the other slots alone. Allocates nothing a call. */
function decideByBand(rule: BandRule, context: PolicyContext, read: FeatureReader): Policy["decide"] {
  const exposure = read.need("delta");
  const unitDelta = read.need("slot0_unit_delta");
  const width = context.schema.features.length;
  const slots = context.slots.length;
  const { bookSize } = context;
  const band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  return (batch, features, _available, _memory, _mask, out) => {
    for (let b = 0; b < batch; b++) {
      const row = b * width;
      const intent = b * slots * INTENT_WIDTH;
      rule.band(features, row, band);
      const change = bandTrade(features[row + exposure]!, band);
      writeExposureTrade(out, intent, 0, change, bookSize, features[row + unitDelta]!);
      for (let s = 1; s < slots; s++) writeTrade(out, intent + s * INTENT_WIDTH, s, 0);
    }
  };
}
