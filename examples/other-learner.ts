/** The environment without our learners: one vector environment, float arrays in and out, a random policy. */
import { deriveSeed, makeVector, Random } from "greekgym";

const numEnvs = 64;
const env = makeVector("rebalance-v1", numEnvs, "same-step");
const random = new Random(7, "example/actions");
const actions = new Float64Array(numEnvs);

env.reset({ seed: deriveSeed(7, "example/env") });
let total = 0;
let finished = 0;
for (let t = 0; t < 500; t++) {
  // The action is the trade in the first hedge slot, as delta for one unit of book.
  for (let b = 0; b < numEnvs; b++) actions[b] = 0.02 * random.normal();
  const { rewards, terminated, truncated } = env.step(actions);
  for (let b = 0; b < numEnvs; b++) {
    total += rewards[b]!;
    finished += terminated[b]! | truncated[b]!;
  }
}
console.log(`${finished} episodes ended, mean reward a decision ${(total / (500 * numEnvs)).toFixed(3)}`);
