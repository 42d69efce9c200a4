import type { VectorEnv } from "../env/core/env.ts";
import { box } from "../env/core/spaces.ts";
import { Random } from "../src/core/random.ts";

/** An environment that costs next to nothing: the same normal observations at every step, normal rewards, no ends. For measuring learners. */
export function noiseEnv(numEnvs: number, width: number, actions: number): VectorEnv {
  const random = new Random(1, "bench/noise");
  const obs = Float64Array.from({ length: numEnvs * width }, () => random.normal());
  const rewards = Float64Array.from({ length: numEnvs }, () => random.normal());
  const none = new Uint8Array(numEnvs);
  const bounds = (n: number, at: number) => Array.from({ length: n }, () => at);
  return {
    metadata: { id: "noise", autoresetMode: "same-step" },
    numEnvs,
    singleObservationSpace: box(bounds(width, -10), bounds(width, 10)),
    singleActionSpace: box(bounds(actions, -10), bounds(actions, 10)),
    reset: () => ({ obs, info: {} }),
    step: () => ({ obs, rewards, terminated: none, truncated: none, info: {} }),
    saveState: () => ({}),
    loadState: () => undefined,
  };
}
