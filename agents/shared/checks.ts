import type { NumericArray, VectorEnv, VectorInfo } from "../../env/core/env.ts";
import type { ParameterSet } from "../../src/core/contracts/network.ts";
import { ConfigError, ContractError, GreekgymError } from "../../src/core/errors.ts";

/** Checks between environment, networks and learner. A number that is not finite throws GreekgymError `diverged`, naming step and tensor. */

function diverged(tensor: string, value: number, step: number, fix: string): GreekgymError {
  return new GreekgymError("diverged", `Training stopped at environment step ${step}: "${tensor}" is not finite.`, {
    which: `step ${step}, ${tensor}`,
    value,
    fix,
  });
}

const LESS = "Lower the learning rate or normalise observations and rewards; the last checkpoint is intact.";
const ENVIRONMENT = "Mend the environment: observations and rewards must be finite.";

/** Checks the observations of a reset [B*O]. */
export function checkObservations(obs: NumericArray, step: number): void {
  for (let i = 0; i < obs.length; i++)
    if (!Number.isFinite(obs[i]!)) throw diverged(`observations[${i}]`, obs[i]!, step, ENVIRONMENT);
}

/** Checks what the environment returned: observations [B*O] and rewards [B]. */
export function checkTransitions(obs: NumericArray, rewards: Float64Array, step: number): void {
  checkObservations(obs, step);
  for (let b = 0; b < rewards.length; b++)
    if (!Number.isFinite(rewards[b]!)) throw diverged(`rewards[${b}]`, rewards[b]!, step, ENVIRONMENT);
}

/** Width of a row of the environment's action mask, 0 where it has none. @throws ConfigError where the policy takes no mask. */
export function checkMaskWidth(env: VectorEnv, policyWidth: number): number {
  if (env.actionMask && policyWidth === 0)
    throw new ConfigError("The environment masks actions, but the policy's distribution takes no mask.", {
      which: `${env.metadata.id}: actionMask`,
      value: env.singleActionSpace.kind,
      fix: "Mask discrete actions only, or leave actionMask out.",
    });
  return env.actionMask ? policyWidth : 0;
}

/** The true last observations [B*O] of a same-step environment that has truncated an episode. @throws ContractError without them. */
export function finalObservations(info: VectorInfo, environment: string): NumericArray {
  const finals = info.final_obs;
  if (finals instanceof Float64Array || finals instanceof Float32Array || finals instanceof Int32Array) return finals;
  throw new ContractError("A same-step environment truncated an episode without showing its last observation.", {
    which: `${environment}: info.final_obs`,
    value: finals,
    fix: "Return final_obs [B*O] in the step's info.",
  });
}

/** Checks named losses. */
export function checkLosses(losses: Readonly<Record<string, number>>, step: number): void {
  // Not Object.entries, which costs more than the rest of a small minibatch's checks: this runs at each of them.
  for (const name in losses) if (!Number.isFinite(losses[name])) throw diverged(name, losses[name]!, step, LESS);
}

/** Checks the sets' values, after gradient steps and before they are saved; `names` are of the sets, in order. */
export function checkParameters(sets: readonly ParameterSet[], names: readonly string[], step: number): void {
  for (const [s, set] of sets.entries())
    for (const slice of set.slices)
      for (let i = slice.offset; i < slice.offset + slice.length; i++) {
        const x = set.values[i]!;
        if (!Number.isFinite(x)) throw diverged(`${names[s]}.${slice.name}`, x, step, LESS);
      }
}

/** Checks the gradients of the sets when their joint norm is not finite; `names` are of the sets, in order. */
export function checkGradients(sets: readonly ParameterSet[], names: readonly string[], norm: number, step: number) {
  if (Number.isFinite(norm)) return;
  for (const [s, set] of sets.entries())
    for (const slice of set.slices)
      for (let i = slice.offset; i < slice.offset + slice.length; i++) {
        const g = set.gradients[i]!;
        if (!Number.isFinite(g)) throw diverged(`gradient of ${names[s]}.${slice.name}`, g, step, LESS);
      }
  throw diverged("gradient norm", norm, step, LESS);
}
