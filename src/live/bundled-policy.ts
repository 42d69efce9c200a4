import { createBaseline } from "../../agents/baselines/registry.ts";
import { type FeatureConfig, schemaOf } from "../../env/features/schema.ts";
import { networkOf } from "../../models/format/architecture.ts";
import { type BundleFiles, openBundle } from "../../models/format/bundle.ts";
import { checkGolden, type Golden } from "../../models/format/golden.ts";
import { contextOf, expectAccount, expectFeatures, type PolicyJson } from "../../models/format/policy-json.ts";
import type { FeatureSchema, LiveSource } from "../core/contracts/features.ts";
import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { Policy, PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError } from "../core/errors.ts";
import { listUnsupplied, unsupplied } from "../core/live-sources.ts";
import { makeLearnedPolicy } from "../evaluate/learned-policy.ts";

/** The account and decisions that a policy is loaded for. */
export interface PolicyAccount {
  readonly features: FeatureConfig;
  readonly context: PolicyContext;
  /** What supplies the features; everything where it is left out. */
  readonly sources?: readonly LiveSource[];
}

export interface LoadedPolicy {
  /** Decides for `account` where one was given, else for the account of the bundle. */
  readonly policy: Policy;
  readonly policyJson: PolicyJson;
  /** SHA-256 of the bundle's manifest. */
  readonly hash: string;
  /** Rows of features with the intents that were exported with them, reproduced at the load. */
  readonly golden: Golden;
}

/**
 * Makes a bundle's policy, in Node and in browsers alike, and proves that it fits: files whole, features the runner's own, golden outputs
 * reproduced on this engine, the account of the kind that it was trained for. `dir` names the bundle in errors.
 * Throws a CorruptFileError or ConfigError naming file, field, value and fix.
 */
export function policyOf(files: BundleFiles, dir: string, engine: Engine, account?: PolicyAccount): LoadedPolicy {
  const { policy: policyJson, values, golden, hash } = openBundle(files, dir);
  const which = `${dir}/policy.json`;
  const schema = schemaOf(policyJson.account);
  expectFeatures(policyJson, schema, which);
  if (account !== undefined) {
    expectAccount(policyJson, account.features as PolicyJson["account"], account.context.decisionSeconds, which);
    expectFeatures(policyJson, account.context.schema, which);
  }
  const build = (context: PolicyContext) =>
    makeLearnedPolicy({
      snapshot: networkOf(policyJson.architecture, values),
      encoder: policyJson.encoder,
      head: policyJson.head as HeadSpec,
      context,
      engine,
      id: policyJson.id,
    });
  const trained = build(contextOf(policyJson, schema));
  if (account?.sources !== undefined) {
    const { baseline, params } = policyJson.envelope.fallback;
    const fallback = createBaseline(baseline, params, account.context);
    expectSupplied("policy", trained.requires, account.context.schema, account.sources, which);
    expectSupplied(`fallback rule ${baseline}`, fallback.reads, account.context.schema, account.sources, which);
  }
  checkGolden(golden, policyJson, trained, engine.name, `${dir}/golden.json`);
  return { policy: account === undefined ? trained : build(account.context), policyJson, hash, golden };
}

/** Throws a ConfigError naming every feature that the feed's sources cannot supply to whoever reads these. */
export function expectSupplied(
  who: string,
  reads: readonly string[],
  schema: FeatureSchema,
  sources: readonly LiveSource[],
  which: string,
): void {
  const missing = unsupplied(schema, sources, reads);
  if (missing.length > 0)
    throw new ConfigError(`The feed cannot supply what the ${who} reads.`, {
      which,
      value: missing.map((m) => m.name),
      fix: "Connect the missing sources, or train for those that there are: greekgym train … --deploy <target>.",
      hints: [`Without a source: ${listUnsupplied(missing)}.`, `The feed has: ${sources.join(", ")}.`],
    });
}
