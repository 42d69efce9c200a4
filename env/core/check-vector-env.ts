import { Random } from "../../src/core/random.ts";
import type { CheckOptions } from "./check-env.ts";
import { checkObservation, checkSpace } from "./check-spaces.ts";
import type { AutoresetMode, NumericArray, VectorEnv, VectorStepResult } from "./env.ts";
import { type Finding, Findings, firstDifference, same, throws } from "./findings.ts";
import { sample } from "./space-values.ts";
import { flatSize } from "./spaces.ts";

export type MakeVectorEnv = (numEnvs: number, mode: AutoresetMode) => VectorEnv;

const COPIES = 3;
const FIELDS = ["obs", "rewards", "terminated", "truncated"] as const;

/** A step's arrays, copied. */
interface Seen {
  readonly obs: NumericArray;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
}

function seen(r: VectorStepResult): Seen {
  return {
    obs: r.obs.slice(),
    rewards: r.rewards.slice(),
    terminated: r.terminated.slice(),
    truncated: r.truncated.slice(),
  };
}

function drawActions(env: VectorEnv, steps: number, seed: number, numEnvs = env.numEnvs): NumericArray[] {
  const random = new Random(seed, "check-actions");
  const space = env.singleActionSpace;
  const width = flatSize(space);
  return Array.from({ length: steps }, () => {
    const out = space.kind === "box" ? new Float64Array(numEnvs * width) : new Int32Array(numEnvs * width);
    for (let b = 0; b < numEnvs; b++) {
      const a = sample(space, random);
      out.set(typeof a === "number" ? [a] : a, b * width);
    }
    return out;
  });
}

function ended(r: { terminated: Uint8Array; truncated: Uint8Array }, b: number): boolean {
  return r.terminated[b] === 1 || r.truncated[b] === 1;
}

function anyEnded(r: { terminated: Uint8Array; truncated: Uint8Array }): boolean {
  return r.terminated.includes(1) || r.truncated.includes(1);
}

class VectorCheck {
  readonly findings = new Findings();
  readonly #make: MakeVectorEnv;
  readonly #seed: number;
  readonly #steps: number;
  readonly #horizon: number;

  constructor(make: MakeVectorEnv, { seed = 1, steps = 60 }: CheckOptions) {
    this.#make = make;
    this.#seed = seed;
    this.#steps = steps;
    // Long enough to see an end of an episode, where there is a step limit.
    this.#horizon = Math.min((make(1, "same-step").metadata.maxSteps ?? steps) + 2, 2000);
  }

  run(): Finding[] {
    const f = this.findings;
    f.attempt("reading the shape", () => this.#shape());
    f.attempt("reset and step", () => this.#values());
    f.attempt("the seeding check", () => this.#seeding());
    f.attempt("the check of independent copies", () => this.#independence());
    f.attempt('autoreset mode "next-step"', () => this.#nextStep());
    f.attempt('autoreset mode "same-step"', () => this.#sameStep());
    f.attempt('autoreset mode "disabled"', () => this.#disabled());
    f.attempt("saveState and loadState", () => this.#saving());
    return f.list();
  }

  #shape(): undefined {
    const f = this.findings;
    for (const mode of ["next-step", "same-step", "disabled"] as const) {
      const env = this.#make(COPIES, mode);
      if (env.metadata.autoresetMode !== mode)
        f.error("autoreset-mode", `Asked for mode "${mode}", metadata says "${env.metadata.autoresetMode}".`);
      if (env.numEnvs !== COPIES) f.error("num-envs", `Asked for ${COPIES} copies, numEnvs is ${env.numEnvs}.`);
    }
    const env = this.#make(COPIES, "same-step");
    checkSpace(f, "singleObservationSpace", env.singleObservationSpace, false);
    checkSpace(f, "singleActionSpace", env.singleActionSpace, true);
    const actions = env.singleActionSpace;
    env.reset({ seed: this.#seed });
    const mask = env.actionMask?.();
    if (mask && actions.kind === "discrete" && mask.length !== COPIES * actions.n)
      f.error("action-mask", `actionMask has length ${mask.length}, wanted ${COPIES * actions.n}.`);
  }

  #values(): undefined {
    const f = this.findings;
    const env = this.#make(COPIES, "same-step");
    const space = env.singleObservationSpace;
    checkObservation(f, "reset", space, env.reset({ seed: this.#seed }).obs, COPIES, "the space of 3 copies");
    let first = true;
    for (const actions of drawActions(env, this.#steps, this.#seed)) {
      const given = actions.slice();
      const r = env.step(given);
      if (!same(given, actions)) f.error("action-untouched", "step changed the action array that it was given.");
      checkObservation(f, "step", space, r.obs, COPIES, "the space of 3 copies");
      if (!(r.rewards instanceof Float64Array) || r.rewards.length !== COPIES)
        return f.error(
          "rewards-array",
          `rewards is a ${r.rewards.constructor.name}, wanted a Float64Array [${COPIES}].`,
        );
      if (!r.rewards.every(Number.isFinite)) f.error("reward-finite", `step returned the rewards ${r.rewards}.`);
      for (const flag of ["terminated", "truncated"] as const)
        if (!(r[flag] instanceof Uint8Array) || r[flag].length !== COPIES || r[flag].some((x) => x > 1))
          return f.error("flags-array", `${flag} is ${String(r[flag])}, wanted a Uint8Array [${COPIES}] of 0 and 1.`);
      if (first && r.truncated.includes(1))
        f.error("truncation-at-once", "The first step of an episode was truncated.");
      first = false;
    }
  }

  #roll(env: VectorEnv, actions: readonly NumericArray[]): Seen[] {
    return actions.map((a) => seen(env.step(a)));
  }

  #seeding(): undefined {
    const f = this.findings;
    const seed = this.#seed;
    const [one, two] = [this.#make(COPIES, "same-step"), this.#make(COPIES, "same-step")];
    const actions = drawActions(one, this.#horizon, seed);
    if (!same(one.reset({ seed }).obs, two.reset({ seed }).obs))
      return f.error("seed-determinism", `Two environments reset with seed ${seed} start differently.`);
    const a = this.#roll(one, actions);
    const split = firstSplit(a, this.#roll(two, actions));
    if (split) return f.error("step-determinism", `Seed ${seed} and the same actions differed in ${split}.`);
    one.reset({ seed });
    const again = firstSplit(a, this.#roll(one, actions));
    if (again) f.error("re-seed-determinism", `One environment re-seeded with ${seed} differed in ${again}.`);
    const width = flatSize(one.singleObservationSpace);
    const whole = one.reset({ seed }).obs.slice();
    for (let b = 0; b < COPIES; b++) {
      const alone = this.#make(1, "same-step").reset({ seed: seed + b }).obs;
      if (!same(alone.slice(), whole.slice(b * width, (b + 1) * width)))
        f.warning("seed-per-copy", `Copy ${b} of seed ${seed} does not start like copy 0 of seed ${seed + b}.`);
    }
  }

  /** Another action for copy 0 changes nothing for copy 1. */
  #independence(): undefined {
    const env = this.#make(COPIES, "next-step");
    const width = flatSize(env.singleObservationSpace);
    const actionWidth = flatSize(env.singleActionSpace);
    const actions = drawActions(env, this.#steps, this.#seed);
    const others = drawActions(env, this.#steps, this.#seed + 1);
    const runs = [false, true].map((swap) => {
      env.reset({ seed: this.#seed });
      return this.#roll(
        env,
        actions.map((a, t) => {
          const row = a.slice();
          if (swap) row.set(others[t]!.subarray(0, actionWidth), 0);
          return row;
        }),
      );
    });
    for (let t = 0; t < this.#steps; t++) {
      const [a, b] = [runs[0]![t]!, runs[1]![t]!];
      if (a.rewards[1] !== b.rewards[1] || !same(a.obs.slice(width, 2 * width), b.obs.slice(width, 2 * width)))
        return this.findings.error("independent-copies", `At step ${t + 1} the action of copy 0 reached copy 1.`);
    }
  }

  #nextStep(): undefined {
    const f = this.findings;
    const env = this.#make(COPIES, "next-step");
    const actions = drawActions(env, this.#horizon, this.#seed);
    const others = drawActions(env, this.#horizon, this.#seed + 1);
    env.reset({ seed: this.#seed });
    for (let t = 0; t + 1 < actions.length; t++) {
      const done = seen(env.step(actions[t]!));
      if (!anyEnded(done)) continue;
      const saved = env.saveState();
      const after = seen(env.step(actions[t + 1]!));
      env.loadState(saved);
      const mixed = actions[t + 1]!.slice();
      const width = flatSize(env.singleActionSpace);
      for (let b = 0; b < COPIES; b++)
        if (ended(done, b)) mixed.set(others[t]!.subarray(b * width, (b + 1) * width), b * width);
      if (!same(seen(env.step(mixed)), after))
        f.error("next-step-action", "The step after an end uses the action; it must ignore it and reset.");
      for (let b = 0; b < COPIES; b++)
        if (ended(done, b) && (after.rewards[b] !== 0 || ended(after, b)))
          f.error("next-step-reset", `The step after copy ${b}'s end has a reward or an end; it must only reset.`);
      return;
    }
  }

  /** The last observations of same-step mode are what next-step mode shows, and its observations are the new episode's. */
  #sameStep(): undefined {
    const f = this.findings;
    const env = this.#make(COPIES, "same-step");
    const twin = this.#make(COPIES, "next-step");
    const actions = drawActions(env, this.#horizon, this.#seed);
    env.reset({ seed: this.#seed });
    twin.reset({ seed: this.#seed });
    const width = flatSize(env.singleObservationSpace);
    for (let t = 0; t + 1 < actions.length; t++) {
      const r = env.step(actions[t]!);
      const last = seen(twin.step(actions[t]!));
      if (!anyEnded(r)) continue;
      const { final_obs: final, _final_obs: mask } = r.info;
      if (!final || final.length !== COPIES * width || !(mask instanceof Uint8Array) || mask.length !== COPIES)
        return f.error("final-obs", "info.final_obs [B*O] and info._final_obs [B] are missing at an episode's end.");
      const first = seen(twin.step(actions[t + 1]!));
      for (let b = 0; b < COPIES; b++) {
        if ((mask[b] === 1) !== ended(r, b))
          f.error("final-obs-mask", `info._final_obs[${b}] is ${mask[b]}, the flags of copy ${b} say otherwise.`);
        if (!ended(r, b)) continue;
        const [from, to] = [b * width, (b + 1) * width];
        if (!same((final as NumericArray).slice(from, to), last.obs.slice(from, to)))
          f.error("final-obs-value", `info.final_obs of copy ${b} is not the last observation of its episode.`);
        if (!same(r.obs.slice(from, to), first.obs.slice(from, to)))
          f.error("same-step-obs", `The observation of copy ${b} at its end is not the new episode's.`);
      }
      return;
    }
  }

  #disabled(): undefined {
    const f = this.findings;
    const env = this.#make(COPIES, "disabled");
    const actions = drawActions(env, this.#horizon, this.#seed);
    env.reset({ seed: this.#seed });
    for (const a of actions) {
      const r = seen(env.step(a));
      if (!anyEnded(r)) continue;
      if (!throws(() => env.step(a)))
        return f.error("disabled-refuses", "A copy was stepped after its end without an error.");
      if (!throws(() => env.reset({ options: { reset_mask: new Uint8Array(COPIES) } })))
        f.error("reset-mask-empty", "reset accepted a reset_mask without any 1.");
      const mask = Uint8Array.from({ length: COPIES }, (_, b) => (ended(r, b) ? 1 : 0));
      const width = flatSize(env.singleObservationSpace);
      const { obs } = env.reset({ options: { reset_mask: mask } });
      for (let b = 0; b < COPIES; b++)
        if (!mask[b] && !same(obs.slice(b * width, (b + 1) * width), r.obs.slice(b * width, (b + 1) * width)))
          f.error("reset-mask", `reset_mask was 0 for copy ${b}, and it was reset.`);
      env.step(a);
      return;
    }
  }

  #saving(): undefined {
    const f = this.findings;
    for (const mode of ["same-step", "next-step"] as const) {
      const env = this.#make(COPIES, mode);
      const actions = drawActions(env, 2 * this.#steps, this.#seed);
      env.reset({ seed: this.#seed });
      this.#roll(env, actions.slice(0, this.#steps));
      const saved = env.saveState();
      const before = structuredClone(saved);
      const on = this.#roll(env, actions.slice(this.#steps));
      if (!same(saved, before))
        return f.error("saved-state-copy", "saveState returned an object that changed when the environment went on.");
      const fresh = this.#make(COPIES, mode);
      fresh.loadState(saved);
      const split = firstSplit(on, this.#roll(fresh, actions.slice(this.#steps)));
      if (split) return f.error("save-load", `After loadState a new environment went on differently: ${split}.`);
      if (!throws(() => fresh.loadState({ not: "a state" })))
        f.error("load-misfit", "loadState accepted a state of another kind.");
    }
  }
}

function firstSplit(a: readonly Seen[], b: readonly Seen[]): string | undefined {
  for (let t = 0; t < a.length; t++) {
    const field = firstDifference(a[t]!, b[t]!, FIELDS);
    if (field) return `${field} at step ${t + 1}`;
  }
  return undefined;
}

/**
 * Checks a vector environment against the contract of env/core/env.ts with three copies in all three autoreset modes.
 * A good one gives an empty list.
 */
export function checkVectorEnv(make: MakeVectorEnv, options: CheckOptions = {}): Finding[] {
  return new VectorCheck(make, options).run();
}
