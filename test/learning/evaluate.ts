import type { Ppo } from "../../agents/ppo.ts";
import type { VectorEnv } from "../../env/core/env.ts";

/** Mean undiscounted return of the first episode in each of the B environments, under the deterministic policy. */
export function meanReturn(learner: Ppo, env: VectorEnv, seed: number, maxSteps: number): number {
  const envs = env.numEnvs;
  let { obs } = env.reset({ seed });
  const actions = new Float64Array(envs);
  const returns = new Float64Array(envs);
  const done = new Uint8Array(envs);
  for (let t = 0; t < maxSteps && done.includes(0); t++) {
    learner.act(obs, envs, new Uint8Array(0), actions);
    const step = env.step(actions);
    obs = step.obs;
    for (let b = 0; b < envs; b++) {
      if (done[b] === 1) continue;
      returns[b]! += step.rewards[b]!;
      done[b] = step.terminated[b]! | step.truncated[b]!;
    }
  }
  return returns.reduce((a, b) => a + b, 0) / envs;
}

/** Updates while the next whole rollout stays within `totalSteps`. */
export function train(learner: Ppo, envs: number, totalSteps: number): void {
  const rollout = envs * learner.config.rolloutSteps;
  while (learner.steps + rollout <= totalSteps) learner.update();
}
