import { ContractError } from "../../src/core/errors.ts";
import { Random } from "../../src/core/random.ts";
import type { Env, NumericArray, ResetOptions, VectorEnv } from "./env.ts";
import { type Finding, Findings, same } from "./findings.ts";
import { sample } from "./space-values.ts";
import { flatSize } from "./spaces.ts";

export interface LeakageOptions {
  readonly seeds?: readonly number[];
  /** Steps of each run: more than the last of `afterSteps`, less than an episode. */
  readonly steps?: number;
  /** The future is perturbed after these steps, 0 being the reset. */
  readonly afterSteps?: readonly number[];
}

interface Seen {
  readonly obs: NumericArray;
  readonly rewards: readonly number[];
  /** Whether each copy's episode ended here. */
  readonly ended: readonly boolean[];
}

/** Observations and rewards of reset (index 0) and of each step, up to the first end; nothing after an end is comparable. */
function watch(
  env: Env | VectorEnv,
  actions: readonly (readonly (number | NumericArray)[])[],
  how: ResetOptions,
): Seen[] {
  const seen: Seen[] = [{ obs: env.reset(how).obs.slice(), rewards: [], ended: [] }];
  for (const row of actions) {
    if ("numEnvs" in env) {
      const flat = Float64Array.from(row.flatMap((a) => (typeof a === "number" ? [a] : [...a])));
      const r = env.step(flat);
      const ended = Array.from(r.terminated, (flag, b) => flag === 1 || r.truncated[b] === 1);
      seen.push({ obs: r.obs.slice(), rewards: [...r.rewards], ended });
      if (ended.includes(true)) return seen;
    } else {
      const r = env.step(row[0]!);
      const ended = r.terminated || r.truncated;
      seen.push({ obs: r.obs.slice(), rewards: [r.reward], ended: [ended] });
      if (ended) return seen;
    }
  }
  return seen;
}

/**
 * Perturbs the future and asserts the past: with `reset({ options: { perturbFuture: { afterStep, salt } } })` the world is another one
 * after step `afterStep`. Observations and rewards up to that step must be the same to the last bit, and something after it must
 * differ (otherwise nothing was tested). Works for single and vector environments.
 */
export function checkLeakage(make: () => Env | VectorEnv, options: LeakageOptions = {}): Finding[] {
  const { seeds = [1, 2, 3], steps = 20, afterSteps = [0, 1, 3, 7, 12] } = options;
  const findings = new Findings();
  if (afterSteps.some((k) => !(k >= 0 && k < steps)))
    throw new ContractError("A perturbed step lies outside the run.", {
      which: "afterSteps",
      value: afterSteps,
      fix: `Use steps from 0 to ${steps - 1}.`,
    });
  findings.attempt("the leakage check", () => {
    const probe = make();
    if (probe.metadata.canPerturbFuture !== true)
      return findings.error(
        "leakage-checkable",
        `${probe.metadata.id} does not declare metadata.canPerturbFuture, so leakage cannot be checked.`,
      );
    let changed = false;
    for (const seed of seeds) {
      const random = new Random(seed, "check-leakage");
      const copies = "numEnvs" in probe ? probe.numEnvs : 1;
      const space = "numEnvs" in probe ? probe.singleActionSpace : probe.actionSpace;
      const actions = Array.from({ length: steps }, () => Array.from({ length: copies }, () => sample(space, random)));
      const plain = watch(make(), actions, { seed });
      for (const afterStep of afterSteps) {
        const salt = 1 + afterStep;
        const other = watch(make(), actions, { seed, options: { perturbFuture: { afterStep, salt } } });
        changed = compare(findings, plain, other, afterStep, flatSizeOf(probe)) || changed;
      }
    }
    if (!changed) findings.error("leakage-perturbs", "perturbFuture changed nothing after the step: it tests nothing.");
  });
  return findings.list();
}

function flatSizeOf(env: Env | VectorEnv): number {
  return flatSize("numEnvs" in env ? env.singleObservationSpace : env.observationSpace);
}

/** True where something differs after the step; what differs up to it is a finding. */
function compare(
  findings: Findings,
  a: readonly Seen[],
  b: readonly Seen[],
  afterStep: number,
  width: number,
): boolean {
  for (let t = 0; t <= afterStep && t < a.length; t++) {
    const where = t === 0 ? "at reset" : `at step ${t}`;
    const [x, y] = [a[t]!, b[t]];
    if (!y || !same(x.ended, y.ended))
      findings.error("leakage-end", `The episode's end ${where} knows the future after step ${afterStep}.`);
    else if (!same(x.obs, y.obs)) {
      const i = x.obs.findIndex((v, k) => !Object.is(v, y.obs[k]));
      findings.error(
        "leakage-observation",
        `Element ${i % width} of the observation ${where} knows the future after step ${afterStep}.`,
      );
    } else if (!same(x.rewards, y.rewards))
      findings.error("leakage-reward", `The reward ${where} knows the future after step ${afterStep}.`);
  }
  return !same(a.slice(afterStep + 1), b.slice(afterStep + 1));
}
