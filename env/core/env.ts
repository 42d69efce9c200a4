import type { Stateful } from "../../src/core/state.ts";
import type { Space } from "./spaces.ts";

/** Semantics follow Gymnasium 1.x; the vector form is the native one (struct of arrays, no objects a step). */

/** What happens to a vector environment's sub-environment that has finished. A trainer refuses a mode that it does not handle. */
export type AutoresetMode = "next-step" | "same-step" | "disabled";

export type NumericArray = Float64Array | Float32Array | Int32Array;

export interface ResetOptions {
  /** Re-seeds the environment's generators when given; without it the generators go on. */
  readonly seed?: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

export type Info = Record<string, unknown>;

export interface EnvMetadata {
  /** e.g. `CartPole-v1`. A change of dynamics bumps the version. */
  readonly id: string;
  /** True where `reset` accepts `options.perturbFuture = { afterStep, salt }`, which checkLeakage needs. */
  readonly canPerturbFuture?: boolean;
  /** Steps after which an episode is truncated, where there is such a limit. */
  readonly maxSteps?: number;
}

export interface VectorMetadata extends EnvMetadata {
  readonly autoresetMode: AutoresetMode;
}

export interface StepResult {
  obs: NumericArray;
  reward: number;
  terminated: boolean;
  truncated: boolean;
  info: Info;
}

/** One environment. The action is a number for Discrete, an array for Box, MultiDiscrete and MultiBinary. */
export interface Env extends Stateful {
  readonly metadata: EnvMetadata;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  reset(options?: ResetOptions): { obs: NumericArray; info: Info };
  step(action: number | NumericArray): StepResult;
  close?(): void;
}

/** Infos of a vector environment: arrays [B] (or [B*k]) by name, and a mask `_name` that says which entries are set. */
export type VectorInfo = Record<string, NumericArray | Uint8Array | readonly unknown[]>;

export interface VectorStepResult {
  /** [B*O], row b*O+i. A view: valid until the next step. */
  obs: NumericArray;
  /** [B] */
  rewards: Float64Array;
  /** [B] 1 or 0 */
  terminated: Uint8Array;
  truncated: Uint8Array;
  /** In same-step mode, `final_obs` [B*O] and its mask `_final_obs` [B] hold the true last observations. */
  info: VectorInfo;
}

/** B environments stepped together. Sub-environment i is seeded with seed + i unless the environment documents otherwise. */
export interface VectorEnv extends Stateful {
  readonly metadata: VectorMetadata;
  readonly numEnvs: number;
  readonly singleObservationSpace: Space;
  readonly singleActionSpace: Space;
  /** `options.reset_mask` (Uint8Array [B]) resets only those sub-environments (disabled mode). */
  reset(options?: ResetOptions): { obs: NumericArray; info: VectorInfo };
  /** actions: [B] (Discrete) or [B*A], row b*A+i. */
  step(actions: NumericArray): VectorStepResult;
  /** Allowed discrete actions [B*n], where the environment masks. */
  actionMask?(): Uint8Array;
  close?(): void;
}

export type AgentId = string;

/** Many agents at once, after PettingZoo's parallel API: agents may finish, never revive. */
export interface ParallelEnv extends Stateful {
  readonly metadata: EnvMetadata;
  readonly possibleAgents: readonly AgentId[];
  /** Live agents now. */
  readonly agents: readonly AgentId[];
  /** The same object at every call. */
  observationSpace(agent: AgentId): Space;
  actionSpace(agent: AgentId): Space;
  reset(options?: ResetOptions): { obs: Record<AgentId, NumericArray>; infos: Record<AgentId, Info> };
  step(actions: Record<AgentId, number | NumericArray>): {
    obs: Record<AgentId, NumericArray>;
    rewards: Record<AgentId, number>;
    terminated: Record<AgentId, boolean>;
    truncated: Record<AgentId, boolean>;
    infos: Record<AgentId, Info>;
  };
  /** The global state for centralised critics. */
  state?(): NumericArray;
  close?(): void;
}
