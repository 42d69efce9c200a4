import { createHash } from "node:crypto";
import { trainingEngine } from "../../models/kernel/engine.ts";
import { spawnThread } from "../../src/cli/training-threads.ts";
import { canonicalJson } from "../../src/core/hash.ts";
import type { StateTree, StateValue } from "../../src/core/state.ts";
import { loadConfig } from "../../src/core/yaml-config.ts";
import { dataOfSplit, experimentSchema } from "../../src/evaluate/experiment.ts";
import { type Learner, makeLearner } from "../../src/train/learner.ts";
import { startThreads, type TrainingThreads } from "../../src/train/parallel/threads.ts";
import type { TrainingOrder } from "../../src/train/training-env.ts";
import { TINY } from "../cli/greekgym.ts";

/** Every learner, head and distribution that an experiment can name: settings over the TINY experiment. */
export const LEARNERS: Readonly<Record<string, readonly string[]>> = {
  "ppo, band": [],
  "ppo, band, squashed, schedules, clipped values": [
    "agent.ppo.distribution=squashed",
    "agent.ppo.learningRateSchedule=linear",
    "agent.ppo.clipRangeSchedule=linear",
    "agent.ppo.clipValueLoss=true",
    "agent.ppo.weightDecay=0.01",
  ],
  "ppo, gate+size": ["agent.head=gate+size"],
  "ppo, target": ["agent.head=target"],
  "ppo, menu with masks": ["agent.head=menu"],
  "deep hedging": [
    "agent.algorithm=deep-hedging",
    "agent.deepHedging.paths=256",
    "agent.deepHedging.minibatches=2",
    "agent.deepHedging.epochs=2",
    "agent.deepHedging.hiddenSizes=[8]",
  ],
};

/** Batches are large enough to be shared among threads. */
export function tinyOrder(settings: readonly string[]): TrainingOrder {
  const overrides = ["train.steps=100000", "train.envs=70", "agent.ppo.minibatches=2", ...settings];
  const { value: experiment } = loadConfig({ text: TINY, path: "tiny.yaml", schema: experimentSchema, overrides });
  const reference = {
    id: "delta-band",
    label: "delta-band",
    params: { halfWidth: 0.1 },
    riskPenalty: 0.01,
    rewardShape: { name: "mean-plus-sd", k: 1.5, centre: 10, spread: 5 } as const,
  };
  const [data, selectData] = (["train", "select"] as const).map((split) => dataOfSplit(experiment, split, {}));
  return { experiment, data: data!, selectData: selectData!, reference, seed: 1 };
}

export function tinyThreads(order: TrainingOrder, workers: number): TrainingThreads {
  return startThreads(workers, spawnThread(order));
}

export function tinyLearner(order: TrainingOrder, threads: TrainingThreads): Learner {
  const { shards } = order.experiment.train;
  return makeLearner({ ...order, threads, engine: trainingEngine(shards, threads.team) }).learner;
}

/** Each array of numbers, number and word of a state by its path. */
export function leaves(state: StateTree | readonly StateValue[], path = ""): [string, StateValue][] {
  return Object.entries(state).flatMap(([key, value]): [string, StateValue][] => {
    const at = path === "" ? key : `${path}.${key}`;
    const inner = typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
    return inner ? leaves(value as StateTree, at) : [[at, value]];
  });
}

/** Hashes of a state's bits by the path of each part. */
export function fingerprints(state: StateTree): Record<string, string> {
  return Object.fromEntries(
    leaves(state).map(([path, value]) => {
      const bytes = ArrayBuffer.isView(value)
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        : canonicalJson(value);
      return [path, createHash("sha256").update(bytes).digest("hex")];
    }),
  );
}
