import { z } from "zod";
import type { EvaluationResult } from "../../src/core/contracts/evaluation.ts";
import { type FeatureSchema, LIVE_SOURCES } from "../../src/core/contracts/features.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError, CorruptFileError } from "../../src/core/errors.ts";

/** The file `policy.json` of a policy bundle: everything but the weights. Version 1; readers refuse any other. */
export const POLICY_FORMAT = "greekgym-policy";
export const POLICY_VERSION = 1;

const number = z.number();
const positive = z.number().positive();
const rule = z.strictObject({ baseline: z.string().min(1), params: z.record(z.string(), number) });
const slot = z.strictObject({
  name: z.string(),
  kind: z.enum(["spot", "perpetual", "inverse-perpetual", "option"]),
});

const head = z.discriminatedUnion("head", [
  z.strictObject({ head: z.literal("gate+size"), maxChange: positive }),
  z.strictObject({ head: z.literal("band"), reference: rule, scale: positive }),
  z.strictObject({ head: z.literal("target"), maxPosition: positive }),
  z.strictObject({
    head: z.literal("menu"),
    fractions: z.array(number).min(1),
    minimumTrade: z.number().nonnegative().optional(),
  }),
]);

const account = z.strictObject({
  slots: z.array(slot).min(1),
  contractSizes: z.array(positive),
  takerFees: z.array(number),
  onChain: z.array(z.boolean()),
  legs: z.int().nonnegative(),
  bookSize: positive,
  deltaConvention: z.enum(["bs", "netTransaction", "usdEquity"]),
  numeraire: z.enum(["usd", "coin"]),
  collateral: z.enum(["usd", "coin"]),
  rate: number,
  dividendYield: number,
  secondsPerYear: positive,
  gasUnits: number,
  priorityFeeGwei: number,
  /** Optional groups of features; a bundle without the field has none. */
  groups: z.array(z.enum(["flow", "oracle", "api"])).default([]),
});

const context = z.strictObject({
  decisionSeconds: positive,
  daysPerYear: positive,
  costRate: number,
  rate: number,
  bookSize: positive,
  legs: z.int().nonnegative(),
  stochasticVolatility: z.boolean(),
  coinSettled: z.boolean(),
});

const evaluation = z.strictObject({
  split: z.enum(["train", "select", "test"]),
  episodes: z.int().nonnegative(),
  seed: z.int(),
  objective: z.strictObject({
    name: z.string(),
    unit: z.string(),
    direction: z.literal("minimise"),
    k: number.optional(),
  }),
  verdict: z.strictObject({
    value: z.enum(["better", "equivalent", "worse", "inconclusive"]),
    delta: number,
    contender: z.string(),
    against: z.string(),
    sentence: z.string(),
    notHedgingSkill: z.boolean().optional(),
  }),
  contenders: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(["baseline", "learned", "oracle"]),
      tuned: z.boolean(),
      params: z.record(z.string(), number),
      objective: number,
      mean: number,
      sd: number,
    }),
  ),
});

const deploy = z.strictObject({
  /** As in `agent.deploy.target`. */
  target: z.string().min(1),
  /** What supplies features there. */
  sources: z.array(z.enum(LIVE_SOURCES)),
  /** Features that the policy was trained without, because the target does not supply them. */
  masked: z.array(z.string()),
});

const distribution = z.enum(["gaussian", "squashed", "categorical"]);
const perceptron = z.strictObject({
  kind: z.literal("mlp"),
  sizes: z.array(z.int().positive()).min(2),
  activation: z.enum(["tanh", "relu"]),
  distribution,
});
const layers = z.strictObject({
  kind: z.literal("layers"),
  inputs: z.int().positive(),
  outputs: z.int().positive(),
  /** A layers model of TensorFlow.js, as its `model.json` has it. */
  topology: z.json(),
  /** Its tensors in `weights.safetensors`, in the model's own order. */
  weights: z.array(z.strictObject({ name: z.string().min(1), shape: z.array(z.int().positive()) })).min(1),
  distribution,
});

const policyJson = z.strictObject({
  format: z.literal(POLICY_FORMAT),
  version: z.literal(POLICY_VERSION),
  id: z.string().min(1),
  /** Raw features in the order in which the runner must supply them. */
  features: z.array(z.strictObject({ name: z.string(), unit: z.string() })).min(1),
  encoder: z.strictObject({
    features: z.array(z.string()).min(1),
    clip: positive,
    mean: z.array(number),
    variance: z.array(z.number().nonnegative()),
    epsilon: z.number().nonnegative(),
  }),
  account,
  context,
  head,
  /** Where the policy was trained to run; a bundle without the field was made before there were targets. */
  deploy: deploy.optional(),
  recurrentState: z.literal("none"),
  architecture: z.discriminatedUnion("kind", [perceptron, layers]),
  provenance: z.strictObject({
    runId: z.string(),
    scenario: z.strictObject({ name: z.string(), version: z.int(), hash: z.string() }),
    seed: z.int(),
    steps: z.int().nonnegative(),
    gitSha: z.string().nullable(),
    configHash: z.string(),
    /** The module that built the network, where it is not a perceptron. */
    model: z.strictObject({ file: z.string().min(1), sha256: z.string().length(64) }).optional(),
  }),
  /** Null where the policy was exported without a comparison. */
  evaluation: evaluation.nullable(),
  /** What the evaluation means for whoever runs the policy, in one sentence. */
  statement: z.string().min(1),
  envelope: z.strictObject({
    /** Rows of features that the ranges were taken from. */
    rows: z.int().positive(),
    features: z.record(z.string(), z.strictObject({ min: number, q01: number, q99: number, max: number })),
    knownFailures: z.array(z.string()),
    /** The rule that takes over outside the envelope, until this many decisions in a row are inside again. */
    fallback: rule.extend({ returnAfterDecisions: z.int().positive() }),
  }),
  /** Bins of each feature in the episodes that the bundle was described on (a run's own bundle: of the select split): inner edges, and the share of rows in each of the edges.length + 1 bins. */
  driftReference: z.record(z.string(), z.strictObject({ edges: z.array(number), shares: z.array(number) })),
});

export type PolicyJson = z.output<typeof policyJson>;
/** The account and venues that the policy was trained for: the same fields as env/features/schema.ts's FeatureConfig. */
export type BundleAccount = PolicyJson["account"];
export type BundleEvaluation = NonNullable<PolicyJson["evaluation"]>;
export type BundleDeployment = NonNullable<PolicyJson["deploy"]>;
export type BundleProvenance = PolicyJson["provenance"];

/** Reads `policy.json`. Throws a CorruptFileError naming file, field, value and fix. */
export function parsePolicyJson(text: string, which: string): PolicyJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CorruptFileError("The policy's description is not JSON.", { which, fix: "Export the policy again." });
  }
  const { format, version } = (value ?? {}) as Record<string, unknown>;
  if (format !== POLICY_FORMAT)
    throw new CorruptFileError("This is not a policy's description.", {
      which: `${which}: format`,
      value: format,
      fix: `Use a file of format "${POLICY_FORMAT}".`,
    });
  if (version !== POLICY_VERSION)
    throw new CorruptFileError("The bundle is of a format version that this program does not know.", {
      which: `${which}: version`,
      value: version,
      fix: `Use version ${POLICY_VERSION}: export the policy again with this program, or run it with the one that wrote it.`,
    });
  const result = policyJson.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new CorruptFileError("The policy's description is malformed.", {
      which: `${which}: ${path.map(String).join(".")}`,
      value: message,
      fix: "Export the policy again.",
    });
  }
  checkLengths(result.data, which);
  return result.data;
}

/** Checks what the lists of a description say about one another. */
function checkLengths(p: PolicyJson, which: string): void {
  const inputs = p.encoder.features.length;
  const { architecture } = p;
  const [field, width] =
    architecture.kind === "mlp" ? ["sizes[0]", architecture.sizes[0]] : ["inputs", architecture.inputs];
  const names = new Set(p.features.map((f) => f.name));
  const S = p.account.slots.length;
  const missing = (table: object) => p.features.find((f) => !Object.hasOwn(table, f.name))?.name;
  const wrong: [field: string, value: unknown, ok: boolean][] = [
    ["features", "a name used twice", names.size === p.features.length],
    ["encoder.features", p.encoder.features.find((f) => !names.has(f)), p.encoder.features.every((f) => names.has(f))],
    ["encoder.mean", p.encoder.mean.length, p.encoder.mean.length === inputs],
    ["encoder.variance", p.encoder.variance.length, p.encoder.variance.length === inputs],
    [`architecture.${field}`, width, width === inputs],
    ["account.contractSizes", p.account.contractSizes.length, p.account.contractSizes.length === S],
    ["account.takerFees", p.account.takerFees.length, p.account.takerFees.length === S],
    ["account.onChain", p.account.onChain.length, p.account.onChain.length === S],
    ["context.legs", p.context.legs, p.context.legs === p.account.legs],
    ["context.bookSize", p.context.bookSize, p.context.bookSize === p.account.bookSize],
    ["envelope.features", missing(p.envelope.features), missing(p.envelope.features) === undefined],
    ["driftReference", missing(p.driftReference), missing(p.driftReference) === undefined],
  ];
  for (const [field, value, ok] of wrong)
    if (!ok)
      throw new CorruptFileError("The policy's description contradicts itself.", {
        which: `${which}: ${field}`,
        value,
        fix: "Export the policy again.",
      });
}

/** The context in which the policy decides, with the runner's own feature schema. */
export function contextOf(policy: PolicyJson, schema: FeatureSchema): PolicyContext {
  return { ...policy.context, slots: policy.account.slots, schema };
}

/** Throws a ConfigError naming the first difference unless the runner supplies the very features that the policy reads: name, unit, order, count. */
export function expectFeatures(policy: PolicyJson, schema: FeatureSchema, which: string): void {
  const wanted = policy.features;
  const have = schema.features;
  const show = (f: { name: string; unit: string } | undefined) => (f === undefined ? "none" : `${f.name} [${f.unit}]`);
  for (let i = 0; i < Math.max(wanted.length, have.length); i++)
    if (wanted[i]?.name !== have[i]?.name || wanted[i]?.unit !== have[i]?.unit)
      throw new ConfigError("The policy was trained on other features than this runner computes.", {
        which: `${which}: features[${i}]`,
        value: show(wanted[i]),
        fix: `The runner's feature ${i} is ${show(have[i])}: train or export the policy again with this version.`,
      });
}

/** Throws a ConfigError naming the first field in which the account is not of the kind that the policy was trained for. */
export function expectAccount(
  policy: PolicyJson,
  account: BundleAccount,
  decisionSeconds: number,
  which: string,
): void {
  const kinds = (a: BundleAccount) => a.slots.map((s) => s.kind).join(", ");
  const own = policy.account;
  const pairs: [field: string, trained: unknown, found: unknown][] = [
    ["numeraire", own.numeraire, account.numeraire],
    ["collateral", own.collateral, account.collateral],
    ["deltaConvention", own.deltaConvention, account.deltaConvention],
    ["slots", kinds(own), kinds(account)],
    ["contractSizes", own.contractSizes.join(", "), account.contractSizes.join(", ")],
    ["onChain", own.onChain.join(", "), account.onChain.join(", ")],
    ["legs", own.legs, account.legs],
    ["decisionSeconds", policy.context.decisionSeconds, decisionSeconds],
  ];
  for (const [field, trained, found] of pairs)
    if (trained !== found)
      throw new ConfigError(`The policy was trained for an account with another ${field}.`, {
        which: `account.${field}`,
        value: found,
        fix: `Use an account with ${field} ${JSON.stringify(trained)}, or a policy trained for this one (${which}).`,
      });
}

/** The part of a comparison that goes into a bundle. */
export function bundleEvaluation(result: EvaluationResult): BundleEvaluation {
  const { name, unit, direction, k } = result.objective;
  const { value, delta, contender, against, sentence, notHedgingSkill } = result.verdict;
  return {
    split: result.split,
    episodes: result.episodes,
    seed: result.seed,
    objective: { name, unit, direction, ...(k === undefined ? {} : { k }) },
    verdict: {
      value,
      delta,
      contender,
      against,
      sentence,
      ...(notHedgingSkill === undefined ? {} : { notHedgingSkill }),
    },
    contenders: result.contenders.map((c) => ({
      id: c.id,
      kind: c.kind,
      tuned: c.tuned,
      params: { ...c.params },
      objective: c.objective,
      mean: c.mean,
      sd: c.sd,
    })),
  };
}

/** The sentence that a bundle carries about its worth. A policy that is not better says so first. */
export function evaluationStatement(e: BundleEvaluation | null): string {
  if (e === null) return "NOT EVALUATED: this policy was exported without a comparison against the baselines.";
  const rule = e.contenders.find((c) => c.id === e.verdict.against);
  const against = e.verdict.against === "" ? "the baselines" : `${rule?.tuned ? "the tuned " : ""}${e.verdict.against}`;
  if (e.verdict.value !== "better")
    return `NOT BETTER than ${against} (${e.verdict.value}, ${e.split} split, ${e.episodes} episodes). ${e.verdict.sentence}`;
  const carry = e.verdict.notHedgingSkill === true ? " by carry or direction, not hedging skill" : "";
  return `Better than ${against}${carry} (${e.split} split, ${e.episodes} episodes). ${e.verdict.sentence}`;
}
