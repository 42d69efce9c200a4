import { parseContender } from "../../agents/baselines/contender.ts";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { mayRead, silence } from "../../agents/baselines/silence.ts";
import { policyContext } from "../../env/tasks/rebalance/feature-config.ts";
import type { BundleDeployment } from "../../models/format/policy-json.ts";
import { type FeatureSchema, featureIndex, type LiveSource } from "../core/contracts/features.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError, didYouMean } from "../core/errors.ts";
import { listUnsupplied, SIMULATION, sourcesOf, unsupplied } from "../core/live-sources.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { headFeatures } from "../evaluate/learned-policy.ts";

/**
 * Training for a target: the policy reads what the target's sources supply, in training as live, and starts from a rule that can run there.
 * Opponents keep all that the market publishes: a rule that cannot run at the target is a harder one to beat, and is named in the notes.
 */

/** What becomes of a feature in the policy's inputs. */
export interface FeatureUse {
  readonly name: string;
  /** `masked` and `refused` features have no source at the target; `left-out` ones are not selected. */
  readonly use: "read" | "masked" | "refused" | "left-out";
  /** Why it is not read. */
  readonly why?: string;
}

/** Own history that deep hedging does not differentiate: left out of its inputs unless `agent.features` names it. */
const OWN_HISTORY: readonly string[] = ["profit_bps", "costs_bps", "hours_since_trade"];

/** Features that the config selects, in its order. Throws a ConfigError for an unknown name. */
function chosenFeatures(experiment: Experiment, schema: FeatureSchema): readonly string[] {
  const { features, algorithm } = experiment.agent;
  const names = schema.features.map((f) => f.name);
  if (features === "all") return names.filter((n) => algorithm !== "deep-hedging" || !OWN_HISTORY.includes(n));
  for (const [i, name] of features.entries()) {
    if (features.indexOf(name) !== i)
      throw new ConfigError(`The feature "${name}" is chosen twice.`, {
        which: "agent.features",
        value: features,
        fix: "Name each feature once.",
      });
    if (!names.includes(name))
      throw new ConfigError(`No feature is called "${name}".`, {
        which: "agent.features",
        value: name,
        fix: "Use names that `greekgym env describe rebalance-v1` prints.",
        hints: didYouMean(name, names),
      });
  }
  return features;
}

/** What becomes of each feature of the schema. */
export function featureUse(experiment: Experiment, schema: FeatureSchema): FeatureUse[] {
  const { features, deploy } = experiment.agent;
  const chosen = chosenFeatures(experiment, schema);
  const missing = new Map(unsupplied(schema, sourcesOf(deploy.target)).map((u) => [u.name, u.missing]));
  const notChosen = features === "all" ? "own history, which deep hedging does not see" : "not in agent.features";
  return schema.features.map(({ name }) => {
    if (!chosen.includes(name)) return { name, use: "left-out", why: notChosen };
    const sources = missing.get(name);
    if (sources === undefined) return { name, use: "read" };
    return { name, use: deploy.missing === "mask" ? "masked" : "refused", why: `no ${sources.join(" + ")}` };
  });
}

/** Positions of the features that the policy reads, in the order of the config. Throws what {@link checkDeployment} throws of features. */
export function selectedFeatures(experiment: Experiment, schema: FeatureSchema): number[] {
  checkFeatures(experiment, schema);
  const use = featureUse(experiment, schema);
  const index = featureIndex(schema);
  return chosenFeatures(experiment, schema).flatMap((name) => {
    const i = index[name]!;
    return use[i]!.use === "read" ? [i] : [];
  });
}

function checkFeatures(experiment: Experiment, schema: FeatureSchema): void {
  const { target } = experiment.agent.deploy;
  const use = featureUse(experiment, schema);
  const refused = use.filter((f) => f.use === "refused").map((f) => f.name);
  if (refused.length > 0)
    throw new ConfigError(`Features that the policy would read have no live source at ${target}.`, {
      which: "agent.features",
      value: experiment.agent.features,
      fix: "Leave them out (agent.deploy.missing=mask, or a list in agent.features), or add their sources to the target.",
      hints: [`Without a source: ${listUnsupplied(unsupplied(schema, sourcesOf(target), refused))}.`],
    });
  if (!use.some((f) => f.use === "read"))
    throw new ConfigError(`Nothing is left for the policy to read at ${target}.`, {
      which: "agent.features",
      value: experiment.agent.features,
      fix: "Select a feature that the target supplies; `greekgym config explain` lists the sources of each.",
    });
}

/** True where the sources supply all of these features. */
function allSupplied(schema: FeatureSchema, sources: readonly LiveSource[], names: readonly string[]): boolean {
  return unsupplied(schema, sources, names).length === 0;
}

/**
 * Throws a ConfigError where the policy could not run at its target: features without a live source (unless they are masked), an action head
 * that reads one, or a named reference rule that cannot do without one. Before anything is tuned.
 */
export function checkDeployment(experiment: Experiment): void {
  const { deploy, head, reference } = experiment.agent;
  const context = policyContext(experiment.scenario);
  const { schema } = context;
  checkFeatures(experiment, schema);
  if (deploy.target === SIMULATION) return;
  const sources = sourcesOf(deploy.target);
  const ofHead = unsupplied(schema, sources, headFeatures(head, context));
  if (ofHead.length > 0)
    throw new ConfigError(`The ${head} head reads features that have no live source at ${deploy.target}.`, {
      which: "agent.deploy.target",
      value: deploy.target,
      fix: "Add their sources to the target: no head can do without them.",
      hints: [`Without a source: ${listUnsupplied(ofHead)}.`],
    });
  if (reference === "best") return;
  const { id, params } = parseContender(reference);
  const reads = params === undefined ? mayRead(id, context) : createBaseline(id, params, context).reads;
  const ofRule = unsupplied(schema, sources, reads);
  if (ofRule.length === 0) return;
  const supplied = (name: string) => allSupplied(schema, sources, [name]);
  if (deploy.missing === "mask" && silence(id, params ?? {}, context, supplied) !== undefined) return;
  throw new ConfigError(`The reference rule reads features that have no live source at ${deploy.target}.`, {
    which: "agent.reference",
    value: reference,
    fix: "Set agent.reference to best or to a rule that can run there, or add the sources to the target.",
    hints: [`Without a source: ${listUnsupplied(ofRule)}.`],
  });
}

/** A rule with its parameters. */
interface Rule {
  readonly label: string;
  readonly id: string;
  readonly params: Readonly<Record<string, number>>;
}

/** Where the rules of a comparison stand at the target. */
export interface RulesAtTarget<R extends Rule = Rule> {
  /** Copies of rules that cannot run there as they are, at parameters that leave out what is missing. */
  readonly silenced: readonly (R & { readonly silencedOf: string })[];
  /** Labels of the rules that cannot run there as they are, and what each lacks. */
  readonly unable: readonly { readonly label: string; readonly lacks: string }[];
}

/**
 * Sorts rules by whether they can run at the experiment's target. Of one that cannot there is a copy, called `<label>@<target>`, whose
 * parameters are those of the rule except where they read what is missing, if the rule can do without.
 */
export function rulesAtTarget<R extends Rule>(
  experiment: Experiment,
  context: PolicyContext,
  rules: readonly R[],
): RulesAtTarget<R> {
  const { target } = experiment.agent.deploy;
  const sources = sourcesOf(target);
  const { schema } = context;
  const supplied = (name: string) => allSupplied(schema, sources, [name]);
  const silenced: (R & { silencedOf: string })[] = [];
  const unable: { label: string; lacks: string }[] = [];
  for (const rule of rules) {
    const lacking = unsupplied(schema, sources, createBaseline(rule.id, rule.params, context).reads);
    if (lacking.length === 0) continue;
    unable.push({ label: rule.label, lacks: listUnsupplied(lacking) });
    const params = silence(rule.id, rule.params, context, supplied);
    if (params !== undefined)
      silenced.push({
        ...rule,
        params,
        label: `${rule.label}@${target.replaceAll(/\s*,\s*/g, "+")}`,
        silencedOf: rule.label,
      });
  }
  return { silenced, unable };
}

/** What a bundle says of its target. */
export function deploymentOf(experiment: Experiment, context: PolicyContext): BundleDeployment {
  const { target } = experiment.agent.deploy;
  const masked = featureUse(experiment, context.schema).filter((f) => f.use === "masked");
  return { target, sources: [...sourcesOf(target)], masked: masked.map((f) => f.name) };
}

/** What a reader of a comparison must know of the target, one line each. */
export function deploymentNotes(
  experiment: Experiment,
  context: PolicyContext,
  unable: RulesAtTarget<Rule>["unable"],
): string[] {
  const { target } = experiment.agent.deploy;
  if (target === SIMULATION) return [];
  const masked = featureUse(experiment, context.schema).filter((f) => f.use === "masked");
  return [
    `Trained for ${target}: ${masked.length === 0 ? "no feature is masked" : `the policy does not read ${masked.map((f) => f.name).join(", ")}`}.`,
    ...unable.map(
      ({ label, lacks }) =>
        `${label} cannot run on ${target}, which does not supply ${lacks}; it plays with them all the same.`,
    ),
  ];
}
