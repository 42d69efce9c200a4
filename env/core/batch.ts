import { ContractError } from "../../src/core/errors.ts";
import type { Stateful } from "../../src/core/state.ts";
import type { EnvMetadata, Info, NumericArray } from "./env.ts";
import type { Space } from "./spaces.ts";

/**
 * B sub-environments without any rule of what happens at an episode's end: {@link autoreset} adds that, one way for all.
 * Implemented by {@link dynamicsBatch} (native arrays) and inside `vectorise` (B single environments).
 */
export interface Batch extends Stateful {
  readonly metadata: EnvMetadata;
  readonly numEnvs: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /**
   * Starts new episodes where `mask` [B] is 1 and writes their rows of `obs` [B*O]; other rows stay.
   * With a seed, sub-environment i is re-seeded with seed + i.
   */
  reset(mask: Uint8Array, obs: NumericArray, seed?: number, options?: Readonly<Record<string, unknown>>): void;
  /** Steps the sub-environments where `live` [B] is 1 and writes their rows of the outputs; other rows stay. */
  step(
    actions: NumericArray,
    live: Uint8Array,
    obs: NumericArray,
    rewards: Float64Array,
    terminated: Uint8Array,
    truncated: Uint8Array,
  ): void;
  /** Infos of the last reset or step, one a sub-environment. */
  readonly infos?: readonly Info[];
  actionMask?(): Uint8Array;
  close?(): void;
}

/** Throws a ContractError for a seed that is no whole number: NaN would silently be a seed of its own. */
export function expectSeed(seed: number | undefined): void {
  if (seed !== undefined && !Number.isSafeInteger(seed))
    throw new ContractError("The seed is wrong.", { which: "seed", value: seed, fix: "Pass a whole number." });
}
