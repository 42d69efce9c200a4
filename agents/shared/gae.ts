import type { AutoresetMode } from "../../env/core/env.ts";
import { ConfigError, ContractError, expectLength } from "../../src/core/errors.ts";

/** What one rollout of T steps in B environments knows when its advantages are computed. Rows are t*B+b. */
export interface RolloutOutcome {
  /** T, steps an environment. */
  readonly steps: number;
  /** B, environments. */
  readonly envs: number;
  /** r_t, the reward of the transition s_t -> s_t+1. [T*B] */
  readonly rewards: Float64Array;
  /** V(s_t) when the action was chosen. [T*B] */
  readonly values: Float64Array;
  /** V of the observation that follows the last row. [B] */
  readonly lastValues: Float64Array;
  /** 1 where the transition ended its episode for good. [T*B] */
  readonly terminated: Uint8Array;
  /** 1 where a limit cut the episode. Termination wins where both are set. [T*B] */
  readonly truncated: Uint8Array;
  /** V(true last observation), read in same-step mode where an episode was truncated. [T*B] */
  readonly finalValues: Float64Array;
  /** Next-step mode: 1 where row 0 is the reset that an episode's end in the rollout before has caused. [B] */
  readonly resetFirst: Uint8Array;
}

/** Where the advantages go. Rows that are no transition get advantage 0, return V(s_t) and valid 0. */
export interface Advantages {
  /** A_t. [T*B] */
  readonly advantages: Float64Array;
  /** A_t + V(s_t), the critic's target. [T*B] */
  readonly returns: Float64Array;
  /** 1 where the row is a transition that may enter the loss. [T*B] */
  readonly valid: Uint8Array;
}

/** Throws a ConfigError unless trainers here handle the autoreset mode. */
export function checkAutoresetMode(mode: AutoresetMode, environment: string): void {
  if (mode !== "same-step" && mode !== "next-step")
    throw new ConfigError("The trainer does not handle this autoreset mode.", {
      which: `${environment}: metadata.autoresetMode`,
      value: mode,
      fix: 'Vectorise the environment with autoreset mode "same-step" or "next-step".',
    });
}

/**
 * Generalised advantage estimation: A_t = delta_t + gamma*lambda*A_t+1 with delta_t = r_t + gamma*V(s_t+1) - V(s_t).
 * Source: Schulman et al. (2016), "High-dimensional continuous control using generalized advantage estimation", eq. 16.
 * At an episode's end the recursion is cut; a termination bootstraps with 0, a truncation with V(last observation)
 * (Pardo et al. 2018, "Time limits in reinforcement learning"), never with the value of the episode that follows.
 *
 * In same-step mode row t+1 already belongs to the next episode, so V(last observation) comes in as `finalValues`.
 * In next-step mode row t+1 still shows the last observation, so its value is the bootstrap; that row's action was ignored by the
 * environment and it is masked out.
 * Throws a ConfigError on another mode and a ContractError on a wrong shape or a discount outside [0, 1].
 */
export function generalisedAdvantages(
  mode: AutoresetMode,
  rollout: RolloutOutcome,
  gamma: number,
  lambda: number,
  out: Advantages,
): void {
  checkAutoresetMode(mode, "generalisedAdvantages");
  const { steps, envs, rewards, values, lastValues, terminated, truncated, finalValues, resetFirst } = rollout;
  for (const [name, factor] of Object.entries({ gamma, lambda }))
    if (!(factor >= 0 && factor <= 1))
      throw new ContractError(`"${name}" is outside [0, 1].`, { which: name, value: factor, fix: "Pass 0 to 1." });
  const rows = steps * envs;
  for (const [name, array] of Object.entries({ rewards, values, terminated, truncated }))
    expectLength(array, rows, name);
  for (const name of ["advantages", "returns", "valid"] as const) expectLength(out[name], rows, name);
  expectLength(lastValues, envs, "lastValues");
  if (mode === "same-step") expectLength(finalValues, rows, "finalValues");
  else expectLength(resetFirst, envs, "resetFirst");

  for (let b = 0; b < envs; b++) {
    let nextAdvantage = 0;
    let nextValue = lastValues[b]!;
    for (let t = steps - 1; t >= 0; t--) {
      const i = t * envs + b;
      const value = values[i]!;
      if (mode === "next-step" && (t > 0 ? ended(terminated, truncated, i - envs) : resetFirst[b] === 1)) {
        out.valid[i] = 0;
        out.advantages[i] = 0;
        out.returns[i] = value;
        nextAdvantage = 0;
        nextValue = value;
        continue;
      }
      let bootstrap = nextValue;
      let carried = nextAdvantage;
      if (ended(terminated, truncated, i)) {
        carried = 0;
        bootstrap = terminated[i] === 1 ? 0 : mode === "same-step" ? finalValues[i]! : nextValue;
      }
      const advantage = rewards[i]! + gamma * bootstrap - value + gamma * lambda * carried;
      out.valid[i] = 1;
      out.advantages[i] = advantage;
      out.returns[i] = advantage + value;
      nextAdvantage = advantage;
      nextValue = value;
    }
  }
}

function ended(terminated: Uint8Array, truncated: Uint8Array, row: number): boolean {
  return terminated[row] === 1 || truncated[row] === 1;
}
