/** PPO on any registered environment: here CartPole, with the settings that docs/algorithms/ppo.md is measured on. */
import { kernelEngine, makeVector, Ppo } from "greekgym";

const totalSteps = Number(process.argv[2] ?? 100_000);
const ppo = new Ppo({
  env: makeVector("CartPole-v1", 8),
  engine: kernelEngine(),
  seed: 1,
  totalSteps,
  config: {
    rolloutSteps: 32,
    minibatches: 1,
    epochs: 20,
    gamma: 0.98,
    lambda: 0.8,
    learningRate: 1e-3,
    learningRateSchedule: "linear",
    clipRangeSchedule: "linear",
  },
});

while (ppo.steps < totalSteps) {
  const metrics = ppo.update();
  const mean = metrics["rollout/ep_rew_mean"];
  if (mean !== undefined && ppo.steps % 12_800 === 0) console.log(`${ppo.steps} steps: mean return ${mean.toFixed(1)}`);
}
console.log(`done after ${ppo.steps} steps`);
