import { ContractError, expectLength } from "../../src/core/errors.ts";
import type { StateTree } from "../../src/core/state.ts";
import { type Batch, expectSeed } from "./batch.ts";
import type {
  AutoresetMode,
  NumericArray,
  ResetOptions,
  VectorEnv,
  VectorInfo,
  VectorMetadata,
  VectorStepResult,
} from "./env.ts";
import { copyRows, gatherInfos } from "./infos.ts";
import { stateArray, stateBoolean, stateTree } from "./restore.ts";
import { allocate } from "./space-values.ts";
import { flatSize, type Space } from "./spaces.ts";

export const AUTORESET_MODES = ["next-step", "same-step", "disabled"] as const satisfies readonly AutoresetMode[];

function readMask(value: unknown, numEnvs: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== numEnvs || !value.includes(1))
    throw new ContractError("The reset mask is wrong.", {
      which: "options.reset_mask",
      value: value instanceof Uint8Array ? Array.from(value) : value,
      fix: `Pass a Uint8Array of length ${numEnvs} with at least one 1.`,
    });
  return value;
}

class AutoresetVector implements VectorEnv {
  readonly metadata: VectorMetadata;
  readonly numEnvs: number;
  readonly singleObservationSpace: Space;
  readonly singleActionSpace: Space;
  readonly actionMask?: () => Uint8Array;
  readonly #batch: Batch;
  readonly #mode: AutoresetMode;
  readonly #width: number;
  readonly #actionWidth: number;
  readonly #all: Uint8Array;
  readonly #live: Uint8Array;
  readonly #finalObs: NumericArray;
  readonly #finalMask: Uint8Array;
  /** 1 where the last step ended the sub-environment's episode and it has not been reset. */
  readonly #done: Uint8Array;
  /** One object for all steps: nothing is allocated in the loop. */
  readonly #result: VectorStepResult;
  #started = false;

  constructor(batch: Batch, mode: AutoresetMode) {
    if (!AUTORESET_MODES.includes(mode))
      throw new ContractError("The autoreset mode is unknown.", {
        which: "autoresetMode",
        value: mode,
        fix: `Use one of ${AUTORESET_MODES.join(", ")}.`,
      });
    this.#batch = batch;
    this.#mode = mode;
    const numEnvs = batch.numEnvs;
    this.metadata = { ...batch.metadata, autoresetMode: mode };
    this.numEnvs = numEnvs;
    this.singleObservationSpace = batch.observationSpace;
    this.singleActionSpace = batch.actionSpace;
    if (batch.actionMask) this.actionMask = () => batch.actionMask!();
    this.#width = flatSize(batch.observationSpace);
    this.#actionWidth = flatSize(batch.actionSpace);
    this.#all = new Uint8Array(numEnvs).fill(1);
    this.#live = new Uint8Array(numEnvs).fill(1);
    this.#done = new Uint8Array(numEnvs);
    this.#finalObs = allocate(batch.observationSpace, mode === "same-step" ? numEnvs : 0);
    this.#finalMask = new Uint8Array(numEnvs);
    this.#result = {
      obs: allocate(batch.observationSpace, numEnvs),
      rewards: new Float64Array(numEnvs),
      terminated: new Uint8Array(numEnvs),
      truncated: new Uint8Array(numEnvs),
      info: this.#baseInfo(),
    };
  }

  #baseInfo(): VectorInfo {
    return this.#mode === "same-step" ? { final_obs: this.#finalObs, _final_obs: this.#finalMask } : {};
  }

  reset(options: ResetOptions = {}): { obs: NumericArray; info: VectorInfo } {
    expectSeed(options.seed);
    const { reset_mask: given, ...rest } = options.options ?? {};
    const mask = given === undefined ? this.#all : readMask(given, this.numEnvs);
    if (!this.#started && mask.includes(0))
      throw new ContractError("The first reset must start every sub-environment.", {
        which: "options.reset_mask",
        value: Array.from(mask),
        fix: "Call reset() without reset_mask first.",
      });
    // There is no ambient entropy: the first reset without a seed is the reset with seed 0.
    const seed = options.seed ?? (this.#started ? undefined : 0);
    this.#batch.reset(mask, this.#result.obs, seed, rest);
    for (let b = 0; b < this.numEnvs; b++) if (mask[b]) this.#done[b] = 0;
    this.#started = true;
    return { obs: this.#result.obs, info: this.#batch.infos ? gatherInfos(this.#batch.infos) : {} };
  }

  step(actions: NumericArray): VectorStepResult {
    if (!this.#started)
      throw new ContractError("step() was called before reset().", {
        which: this.metadata.id,
        fix: "Call reset() first.",
      });
    expectLength(actions, this.numEnvs * this.#actionWidth, "actions");
    const { obs, rewards, terminated, truncated } = this.#result;
    if (this.#mode === "disabled") this.#refuseDone();
    const pending = this.#mode === "next-step" && this.#done.includes(1);
    if (pending) this.#resetPending();
    this.#batch.step(actions, pending ? this.#live : this.#all, obs, rewards, terminated, truncated);
    let ended = 0;
    for (let b = 0; b < this.numEnvs; b++) ended |= this.#done[b] = terminated[b]! | truncated[b]!;
    this.#result.info = this.#mode === "same-step" ? this.#restartDone(ended === 1) : this.#infos({});
    return this.#result;
  }

  #infos(into: VectorInfo): VectorInfo {
    return this.#batch.infos ? gatherInfos(this.#batch.infos, into) : into;
  }

  #refuseDone(): void {
    const b = this.#done.indexOf(1);
    if (b >= 0)
      throw new ContractError(`Sub-environment ${b} is stepped after its episode has ended.`, {
        which: this.metadata.id,
        fix: 'Call reset({ options: { reset_mask } }) first, or use autoreset mode "next-step" or "same-step".',
      });
  }

  /** Next-step mode: this step ignores the action of an ended sub-environment and returns its reset observation. */
  #resetPending(): void {
    const { obs, rewards, terminated, truncated } = this.#result;
    this.#batch.reset(this.#done, obs);
    for (let b = 0; b < this.numEnvs; b++) {
      this.#live[b] = 1 - this.#done[b]!;
      if (this.#done[b]) rewards[b] = terminated[b] = truncated[b] = 0;
    }
  }

  /** Same-step mode: keeps the last observation (and info) of what ended, and starts it again. */
  #restartDone(any: boolean): VectorInfo {
    this.#finalMask.set(this.#done);
    if (!any && !this.#batch.infos) return this.#result.info;
    const info = this.#baseInfo();
    if (any) {
      copyRows(this.#result.obs, this.#finalObs, this.#done, this.#width);
      if (this.#batch.infos) {
        info.final_info = this.#batch.infos.map((last, b) => (this.#done[b] ? { ...last } : undefined));
        info._final_info = this.#finalMask;
      }
      this.#batch.reset(this.#done, this.#result.obs);
      this.#done.fill(0);
    }
    return this.#infos(info);
  }

  close(): void {
    this.#batch.close?.();
  }

  saveState(): StateTree {
    return {
      batch: this.#batch.saveState(),
      obs: this.#result.obs.slice(),
      done: this.#done.slice(),
      started: this.#started,
    };
  }

  loadState(state: StateTree): void {
    const obs = stateArray(state, "obs", this.#result.obs);
    const done = stateArray(state, "done", this.#done);
    const started = stateBoolean(state, "started");
    this.#batch.loadState(stateTree(state, "batch"));
    this.#result.obs.set(obs);
    this.#done.set(done);
    this.#started = started;
  }
}

/**
 * A vector environment over a batch, in one of the three autoreset modes (Gymnasium 1.1, "Vector Autoreset Mode"):
 * - `next-step`: the step after an end ignores the action and returns the reset observation, reward 0, both flags 0;
 * - `same-step`: the observation is already the new episode's; `info.final_obs` [B*O] holds the last one where the mask
 *   `info._final_obs` [B] is 1 (other rows are stale);
 * - `disabled`: stepping an ended sub-environment throws; `reset({ options: { reset_mask } })` starts it again.
 *
 * The step's result is one object with views, valid until the next call. A first reset without a seed uses seed 0.
 * @throws ContractError for an unknown mode, a step before reset, a wrong action length, a wrong mask.
 */
export function autoreset(batch: Batch, mode: AutoresetMode): VectorEnv {
  return new AutoresetVector(batch, mode);
}
