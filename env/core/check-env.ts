import { Random } from "../../src/core/random.ts";
import { checkObservation, checkSpace } from "./check-spaces.ts";
import type { Env, Info, NumericArray, ResetOptions, StepResult } from "./env.ts";
import { type Finding, Findings, firstDifference, same, throws } from "./findings.ts";
import { sample } from "./space-values.ts";

export interface CheckOptions {
  /** The first of the seeds that are used. */
  readonly seed?: number;
  /** Steps of each run; episodes that end are reset and go on. */
  readonly steps?: number;
}

type Action = number | NumericArray;

/** What one step (or, with `reset`, a new episode) showed, copied. */
interface Seen {
  readonly reset: boolean;
  readonly obs: NumericArray;
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: Info;
}

const SEEN_FIELDS = ["obs", "reward", "terminated", "truncated", "info"] as const;

function seenReset(result: { obs: NumericArray; info: Info }): Seen {
  const obs = result.obs.slice();
  return { reset: true, obs, reward: 0, terminated: false, truncated: false, info: { ...result.info } };
}

function seenStep(result: StepResult): Seen {
  return { ...result, reset: false, obs: result.obs.slice(), info: { ...result.info } };
}

/** Steps on, resetting without a seed after each end. */
function goOn(env: Env, actions: readonly Action[]): Seen[] {
  const seen: Seen[] = [];
  for (const action of actions) {
    const result = env.step(typeof action === "number" ? action : action.slice());
    seen.push(seenStep(result));
    if (result.terminated || result.truncated) seen.push(seenReset(env.reset()));
  }
  return seen;
}

function roll(env: Env, actions: readonly Action[], options?: ResetOptions): Seen[] {
  return [seenReset(env.reset(options)), ...goOn(env, actions)];
}

/** "obs at step 3" where two runs first differ, or undefined. */
function firstSplit(a: readonly Seen[], b: readonly Seen[]): string | undefined {
  let step = 0;
  for (let i = 0; i < a.length; i++) {
    if (!a[i]!.reset) step++;
    const field = firstDifference(a[i]!, b[i]!, SEEN_FIELDS);
    if (field) return `${field} at ${a[i]!.reset ? `the reset after step ${step}` : `step ${step}`}`;
  }
  return undefined;
}

class EnvCheck {
  readonly findings = new Findings();
  readonly #make: () => Env;
  readonly #seed: number;
  readonly #actions: readonly Action[];

  constructor(make: () => Env, { seed = 1, steps = 60 }: CheckOptions) {
    this.#make = make;
    this.#seed = seed;
    const random = new Random(seed, "check-actions");
    const space = make().actionSpace;
    this.#actions = Array.from({ length: steps }, () => sample(space, random));
  }

  run(): Finding[] {
    const f = this.findings;
    f.attempt("reading the spaces", () => this.#spaces());
    f.attempt("reset and step", () => this.#values());
    f.attempt("reset without a seed", () => this.#make().reset());
    this.#options();
    f.attempt("the seeding check", () => this.#seeding());
    f.attempt("the check of generators", () => this.#generators());
    f.attempt("the check of the step limit", () => this.#limit());
    f.attempt("saveState and loadState", () => this.#saving());
    return f.list();
  }

  #spaces(): undefined {
    const env = this.#make();
    const id = env.metadata.id;
    if (!/-v\d+$/.test(id)) this.findings.warning("metadata-id", `metadata.id "${id}" has no version like "${id}-v1".`);
    for (const name of ["observationSpace", "actionSpace"] as const) {
      const [once, again] = [env[name], env[name]];
      if (once !== again) this.findings.error("same-space-object", `${name} returns a new object at every call.`);
      checkSpace(this.findings, name, once, name === "actionSpace");
    }
  }

  /** What reset and step return, one by one. */
  #values(): undefined {
    const env = this.#make();
    const f = this.findings;
    const space = env.observationSpace;
    const start = env.reset({ seed: this.#seed });
    checkObservation(f, "reset", space, start.obs);
    if (typeof start.info !== "object" || start.info === null)
      f.error("info-object", `reset returned info of type ${typeof start.info}.`);
    let first = true;
    let last: { returned: NumericArray; copy: NumericArray } | undefined;
    for (const action of this.#actions) {
      const given = typeof action === "number" ? action : action.slice();
      const result = env.step(given);
      if (!same(given, action)) f.error("action-untouched", "step changed the action array that it was given.");
      checkObservation(f, "step", space, result.obs);
      if (typeof result.reward !== "number" || !Number.isFinite(result.reward))
        f.error("reward-finite", `step returned the reward ${String(result.reward)}.`);
      for (const flag of ["terminated", "truncated"] as const)
        if (typeof result[flag] !== "boolean")
          f.error("flags-boolean", `step returned ${flag} of type ${typeof result[flag]}.`);
      if (typeof result.info !== "object" || result.info === null)
        f.error("info-object", `step returned info of type ${typeof result.info}.`);
      if (first && result.truncated === true)
        f.error("truncation-at-once", "The first step of an episode was truncated.");
      if (last && !same(last.returned, last.copy))
        f.warning("observation-copy", "step overwrote the observation array of the step before.");
      last = { returned: result.obs, copy: result.obs.slice() };
      first = Boolean(result.terminated || result.truncated);
      if (first) {
        env.reset();
        last = undefined;
      }
    }
  }

  #options(): undefined {
    if (throws(() => this.#make().reset({ seed: this.#seed, options: {} })))
      this.findings.error("options-accepted", "reset refused empty options.");
  }

  #seeding(): undefined {
    const f = this.findings;
    const seed = this.#seed;
    const [one, two] = [this.#make(), this.#make()];
    const a = roll(one, this.#actions, { seed });
    const b = roll(two, this.#actions, { seed });
    if (firstDifference(a[0]!, b[0]!, SEEN_FIELDS))
      return f.error("seed-determinism", `Two environments reset with seed ${seed} start differently.`);
    const split = firstSplit(a, b);
    if (split) return f.error("step-determinism", `Seed ${seed} and the same actions differed in ${split}.`);
    if (!same(seenReset(one.reset()), seenReset(two.reset())))
      f.error(
        "reset-determinism",
        "After the same seed and steps, reset() without a seed differs between environments.",
      );
    const again = firstSplit(a, roll(one, this.#actions, { seed }));
    if (again) f.error("re-seed-determinism", `One environment re-seeded with ${seed} differed in ${again}.`);
  }

  #generators(): undefined {
    const seed = this.#seed;
    const env = this.#make();
    const runs = [seed, seed + 1, seed + 2, seed + 3].map((s) => {
      const seen = roll(env, this.#actions, { seed: s });
      return { seen, state: env.saveState() };
    });
    const differ = runs.some((run) => !same(run.seen, runs[0]!.seen));
    if (!differ && runs.every((run) => same(run.state, runs[0]!.state)))
      return this.findings.warning(
        "seed-has-effect",
        `Seeds ${seed} to ${seed + 3} give the same run and saved state.`,
      );
    if (!differ) return;
    env.reset({ seed });
    const repeats = [0, 1, 2, 3].map(() => roll(env, this.#actions));
    if (repeats.every((run) => same(run, repeats[0])))
      this.findings.error("generator-advances", "reset() without a seed repeats one episode, although seeds differ.");
  }

  /** An episode ends by truncation at metadata.maxSteps, not before and not after. */
  #limit(): undefined {
    const env = this.#make();
    const limit = env.metadata.maxSteps;
    if (limit === undefined || limit > 20_000) return;
    const random = new Random(this.#seed, "check-limit");
    for (let episode = 0; episode < 3; episode++) {
      env.reset({ seed: this.#seed + episode });
      for (let t = 1; t <= limit; t++) {
        const { terminated, truncated } = env.step(sample(env.actionSpace, random));
        if (truncated && !terminated && t < limit)
          return this.findings.error("max-steps", `Truncated at step ${t}, before metadata.maxSteps = ${limit}.`);
        if (terminated || truncated) break;
        if (t === limit) return this.findings.error("max-steps", `No end at step ${t}, metadata.maxSteps = ${limit}.`);
      }
    }
  }

  #saving(): undefined {
    const f = this.findings;
    const env = this.#make();
    const half = this.#actions.length >> 1;
    const rest = this.#actions.slice(half);
    roll(env, this.#actions.slice(0, half), { seed: this.#seed });
    const saved = env.saveState();
    const before = structuredClone(saved);
    const on = goOn(env, rest);
    if (!same(saved, before))
      return f.error("saved-state-copy", "saveState returned an object that changed when the environment went on.");
    env.loadState(saved);
    const back = firstSplit(on, goOn(env, rest));
    if (back) return f.error("save-load", `After loadState the same environment went on differently: ${back}.`);
    const fresh = this.#make();
    fresh.loadState(saved);
    const other = firstSplit(on, goOn(fresh, rest));
    if (other) return f.error("save-load-fresh", `After loadState a new environment went on differently: ${other}.`);
    if (!throws(() => fresh.loadState({ not: "a state" })))
      f.error("load-misfit", "loadState accepted a state of another kind.");
  }
}

/**
 * Checks an environment against the contract of env/core/env.ts, rule by rule; a good one gives an empty list.
 * The rules are Gymnasium's environment checker's, and: saved states continue bit for bit, space objects are stable, the step
 * limit is exact. `make` is called several times and must give equal environments.
 */
export function checkEnv(make: () => Env, options: CheckOptions = {}): Finding[] {
  return new EnvCheck(make, options).run();
}
