import { ContractError } from "../../src/core/errors.ts";
import { Random } from "../../src/core/random.ts";
import type { StateTree } from "../../src/core/state.ts";
import { autoreset } from "./autoreset.ts";
import { type Batch, expectSeed } from "./batch.ts";
import type { AutoresetMode, Env, EnvMetadata, NumericArray, ResetOptions, StepResult, VectorEnv } from "./env.ts";
import { packRandoms, stateArray, stateBoolean, stateTree, unpackRandoms } from "./restore.ts";
import { allocate } from "./space-values.ts";
import { flatSize, type Space } from "./spaces.ts";
import { expectCopies } from "./vectorise.ts";

/**
 * The dynamics of a small environment, written once over arrays. {@link vectorFromDynamics} and {@link envFromDynamics} make the
 * vector and the single form of it, with generators, the step limit and saved states.
 */
export interface Dynamics {
  readonly id: string;
  /** Steps after which an episode is truncated. An episode may terminate and be truncated at the same step. */
  readonly maxSteps?: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** The state of all copies, row b*S+i; the whole of what evolves. */
  readonly state: Float64Array | Int32Array;
  /** Draws the first state of copy b. */
  start(b: number, random: Random): void;
  /** Steps the copies where `live` is 1: writes rewards [B] and terminated [B] (1 or 0) for them. */
  advance(
    actions: NumericArray,
    live: Uint8Array,
    randoms: readonly Random[],
    rewards: Float64Array,
    terminated: Uint8Array,
  ): void;
  /** Writes the observation of copy b into row b of `obs` [B*O]. */
  observe(b: number, obs: NumericArray): void;
  /** Writes the observations of all copies; offered where they follow from the state alone and this is faster than one by one. */
  observeAll?(obs: NumericArray): void;
}

/** Makes the dynamics of `numEnvs` copies. */
export type MakeDynamics = (numEnvs: number) => Dynamics;

class DynamicsBatch implements Batch {
  readonly metadata: EnvMetadata;
  readonly numEnvs: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #dynamics: Dynamics;
  readonly #maxSteps: number;
  readonly #elapsed: Int32Array;
  readonly #actionWidth: number;
  #randoms: Random[];

  constructor(dynamics: Dynamics, numEnvs: number) {
    this.#dynamics = dynamics;
    this.numEnvs = numEnvs;
    this.observationSpace = dynamics.observationSpace;
    this.actionSpace = dynamics.actionSpace;
    this.#maxSteps = dynamics.maxSteps ?? Number.POSITIVE_INFINITY;
    this.metadata =
      dynamics.maxSteps === undefined ? { id: dynamics.id } : { id: dynamics.id, maxSteps: dynamics.maxSteps };
    this.#elapsed = new Int32Array(numEnvs);
    this.#actionWidth = flatSize(dynamics.actionSpace);
    this.#randoms = Array.from({ length: numEnvs }, (_, b) => new Random(b, dynamics.id));
  }

  reset(mask: Uint8Array, obs: NumericArray, seed?: number): void {
    for (let b = 0; b < this.numEnvs; b++) {
      if (!mask[b]) continue;
      // Copy i of seed s is copy 0 of seed s + i.
      if (seed !== undefined) this.#randoms[b] = new Random(seed + b, this.#dynamics.id);
      this.#elapsed[b] = 0;
      this.#dynamics.start(b, this.#randoms[b]!);
      this.#dynamics.observe(b, obs);
    }
  }

  step(
    actions: NumericArray,
    live: Uint8Array,
    obs: NumericArray,
    rewards: Float64Array,
    terminated: Uint8Array,
    truncated: Uint8Array,
  ): void {
    this.#refuseWrong(actions, live);
    const dynamics = this.#dynamics;
    dynamics.advance(actions, live, this.#randoms, rewards, terminated);
    const elapsed = this.#elapsed;
    const maxSteps = this.#maxSteps;
    for (let b = 0; b < this.numEnvs; b++) {
      if (live[b] === 0) continue;
      const steps = elapsed[b]! + 1;
      elapsed[b] = steps;
      truncated[b] = steps >= maxSteps ? 1 : 0;
    }
    if (dynamics.observeAll !== undefined) dynamics.observeAll(obs);
    else for (let b = 0; b < this.numEnvs; b++) if (live[b] !== 0) dynamics.observe(b, obs);
  }

  /** Before anything changes: an action outside a Discrete space or a NaN is the caller's bug. Boxes clip by themselves. */
  #refuseWrong(actions: NumericArray, live: Uint8Array): void {
    const space = this.actionSpace;
    const width = this.#actionWidth;
    if (space.kind === "discrete") {
      const low = space.start;
      const high = low + space.n - 1;
      for (let b = 0; b < this.numEnvs; b++) {
        const a = actions[b]!;
        if (!(a >= low && a <= high && a === Math.floor(a)) && live[b] === 1) this.#refuse(b, a, low, high);
      }
      return;
    }
    for (let b = 0; b < this.numEnvs; b++) {
      if (live[b] === 0) continue;
      for (let i = b * width; i < (b + 1) * width; i++)
        if (!Number.isFinite(actions[i]!)) this.#refuse(i, actions[i]!, undefined, undefined);
    }
  }

  #refuse(i: number, action: number, low: number | undefined, high: number | undefined): never {
    throw new ContractError("An action is outside the action space.", {
      which: `${this.metadata.id}, actions[${i}]`,
      value: action,
      fix: low === undefined ? "Pass finite numbers." : `Pass an integer in [${low}, ${high}].`,
    });
  }

  saveState(): StateTree {
    return {
      state: this.#dynamics.state.slice(),
      elapsed: this.#elapsed.slice(),
      randoms: packRandoms(this.#randoms),
    };
  }

  loadState(tree: StateTree): void {
    const state = stateArray(tree, "state", this.#dynamics.state);
    const elapsed = stateArray(tree, "elapsed", this.#elapsed);
    const randoms = stateArray(tree, "randoms", new Uint32Array(this.numEnvs * 4));
    this.#dynamics.state.set(state);
    this.#elapsed.set(elapsed);
    unpackRandoms(randoms, this.#randoms);
  }
}

/** The single form: a batch of one, with observations that are copies and flags that are booleans. */
class SingleEnv implements Env {
  readonly metadata: EnvMetadata;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #batch: DynamicsBatch;
  readonly #one = new Uint8Array([1]);
  readonly #obs: NumericArray;
  readonly #action: NumericArray;
  readonly #reward = new Float64Array(1);
  readonly #terminated = new Uint8Array(1);
  readonly #truncated = new Uint8Array(1);
  #running = false;

  constructor(dynamics: Dynamics) {
    this.#batch = new DynamicsBatch(dynamics, 1);
    this.metadata = this.#batch.metadata;
    this.observationSpace = dynamics.observationSpace;
    this.actionSpace = dynamics.actionSpace;
    this.#obs = allocate(dynamics.observationSpace);
    // Float64, so that a fraction where an index is wanted is seen, not cut off.
    this.#action = new Float64Array(flatSize(dynamics.actionSpace));
  }

  reset(options: ResetOptions = {}): { obs: NumericArray; info: Record<string, unknown> } {
    expectSeed(options.seed);
    this.#batch.reset(this.#one, this.#obs, options.seed);
    this.#running = true;
    return { obs: this.#obs.slice(), info: {} };
  }

  step(action: number | NumericArray): StepResult {
    if (!this.#running)
      throw new ContractError("step() was called before reset() or after the episode's end.", {
        which: this.metadata.id,
        fix: "Call reset() first.",
      });
    const width = typeof action === "number" ? 1 : action.length;
    if (width !== this.#action.length)
      throw new ContractError("The action has the wrong length.", {
        which: `${this.metadata.id}, action`,
        value: width,
        fix: `Pass ${this.#action.length} numbers.`,
      });
    if (typeof action === "number") this.#action[0] = action;
    else this.#action.set(action);
    this.#batch.step(this.#action, this.#one, this.#obs, this.#reward, this.#terminated, this.#truncated);
    const terminated = this.#terminated[0] === 1;
    const truncated = this.#truncated[0] === 1;
    this.#running = !(terminated || truncated);
    return { obs: this.#obs.slice(), reward: this.#reward[0]!, terminated, truncated, info: {} };
  }

  saveState(): StateTree {
    return { batch: this.#batch.saveState(), running: this.#running };
  }

  loadState(state: StateTree): void {
    const running = stateBoolean(state, "running");
    this.#batch.loadState(stateTree(state, "batch"));
    this.#running = running;
  }
}

/** The single form of dynamics. Steps throw a ContractError before reset, after the episode's end, and for wrong actions. */
export function envFromDynamics(make: MakeDynamics): Env {
  return new SingleEnv(make(1));
}

/** The vector form of dynamics: struct of arrays, nothing allocated a step. */
export function vectorFromDynamics(
  make: MakeDynamics,
  numEnvs: number,
  autoresetMode: AutoresetMode = "same-step",
): VectorEnv {
  expectCopies(numEnvs);
  return autoreset(new DynamicsBatch(make(numEnvs), numEnvs), autoresetMode);
}
