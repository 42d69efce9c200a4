import { ContractError } from "../../src/core/errors.ts";
import type { StateTree } from "../../src/core/state.ts";
import { autoreset } from "./autoreset.ts";
import type { Batch } from "./batch.ts";
import type { AutoresetMode, Env, EnvMetadata, Info, NumericArray, ResetOptions, VectorEnv } from "./env.ts";
import { stateTrees } from "./restore.ts";
import { flatSize, type Space } from "./spaces.ts";

/** B single environments as a batch. Serial on purpose: for cheap environments, messages cost more than steps. */
class EnvBatch implements Batch {
  readonly metadata: EnvMetadata;
  readonly numEnvs: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly infos: Info[];
  readonly #envs: readonly Env[];
  readonly #width: number;
  readonly #actionWidth: number;

  constructor(envs: readonly Env[]) {
    const first = envs[0]!;
    this.#envs = envs;
    this.metadata = first.metadata;
    this.numEnvs = envs.length;
    this.observationSpace = first.observationSpace;
    this.actionSpace = first.actionSpace;
    this.#width = flatSize(first.observationSpace);
    this.#actionWidth = flatSize(first.actionSpace);
    this.infos = envs.map(() => ({}));
    for (const [i, env] of envs.entries())
      if (
        flatSize(env.observationSpace) !== this.#width ||
        flatSize(env.actionSpace) !== this.#actionWidth ||
        env.actionSpace.kind !== first.actionSpace.kind
      )
        throw new ContractError(`Environment ${i} has other spaces than environment 0.`, {
          which: env.metadata.id,
          fix: "Vectorise environments with equal spaces.",
        });
  }

  reset(mask: Uint8Array, obs: NumericArray, seed?: number, options?: Readonly<Record<string, unknown>>): void {
    for (let b = 0; b < this.numEnvs; b++) {
      if (!mask[b]) continue;
      const how: { -readonly [K in keyof ResetOptions]: ResetOptions[K] } = {};
      if (seed !== undefined) how.seed = seed + b;
      if (options && Object.keys(options).length > 0) how.options = options;
      const result = this.#envs[b]!.reset(how);
      obs.set(result.obs, b * this.#width);
      this.infos[b] = result.info;
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
    const width = this.#actionWidth;
    const scalar = this.actionSpace.kind === "discrete";
    for (let b = 0; b < this.numEnvs; b++) {
      if (!live[b]) continue;
      const action = scalar ? actions[b]! : actions.slice(b * width, (b + 1) * width);
      const result = this.#envs[b]!.step(action);
      obs.set(result.obs, b * this.#width);
      rewards[b] = result.reward;
      terminated[b] = result.terminated ? 1 : 0;
      truncated[b] = result.truncated ? 1 : 0;
      this.infos[b] = result.info;
    }
  }

  close(): void {
    for (const env of this.#envs) env.close?.();
  }

  saveState(): StateTree {
    return { envs: this.#envs.map((env) => env.saveState()) };
  }

  loadState(state: StateTree): void {
    const trees = stateTrees(state, "envs", this.numEnvs);
    const before = this.#envs.map((env) => env.saveState());
    try {
      this.#envs.forEach((env, b) => {
        env.loadState(trees[b]!);
      });
    } catch (error) {
      // A state that does not fit changes nothing, also where the first sub-environments did fit.
      this.#envs.forEach((env, b) => {
        env.loadState(before[b]!);
      });
      throw error;
    }
  }
}

/**
 * B copies of a single environment as one vector environment, stepped one after the other.
 * @param makeEnv makes sub-environment `index`; all must have equal spaces.
 * @param autoresetMode see {@link autoreset}.
 * @throws ContractError for fewer than one environment or unequal spaces.
 */
export function vectorise(
  makeEnv: (index: number) => Env,
  numEnvs: number,
  autoresetMode: AutoresetMode = "same-step",
): VectorEnv {
  expectCopies(numEnvs);
  return autoreset(new EnvBatch(Array.from({ length: numEnvs }, (_, i) => makeEnv(i))), autoresetMode);
}

/** Throws a ContractError unless the number of copies is an integer of at least 1. */
export function expectCopies(numEnvs: number): void {
  if (!Number.isInteger(numEnvs) || numEnvs < 1)
    throw new ContractError("The number of environments is wrong.", {
      which: "numEnvs",
      value: numEnvs,
      fix: "Pass an integer of at least 1.",
    });
}
