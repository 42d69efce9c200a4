import { createBaseline, defaultParams } from "../../agents/baselines/registry.ts";
import type { Series } from "../core/contracts/series.ts";
import { dataOfSplit, type Experiment } from "../evaluate/experiment.ts";
import { Arena } from "../evaluate/rollout.ts";
import { SeedLearner } from "../train/learn.ts";
import type { Engines } from "./engine.ts";
import { systemClock } from "./ports.ts";
import { trainingPorts } from "./training-ports.ts";

/** Runs `work` once to warm up, then until about half a second is over; returns steps a second. */
function speed(work: () => number): number {
  work();
  const start = systemClock.monotonicSeconds();
  let steps = 0;
  let elapsed = 0;
  while (elapsed < 0.5) {
    steps += work();
    elapsed = systemClock.monotonicSeconds() - start;
  }
  return steps / elapsed;
}

/** Steps a second of playing a rule, and of learning: short probes on this machine. */
export function probeSpeed(experiment: Experiment, series: Readonly<Record<string, Series>>, engines: Engines) {
  const arena = new Arena(experiment, "train", 1, dataOfSplit(experiment, "train", series));
  const { context } = arena.env;
  const id = "delta-band";
  const params = defaultParams(id, context);
  let from = 0;
  const environment = speed(() => {
    // Other episodes each time: those already played have their market in a cache.
    from += arena.env.numEnvs;
    return arena.play(createBaseline(id, params, context), from, arena.env.numEnvs).steps;
  });
  const rolloutSteps = Math.max(8, Math.ceil(8192 / experiment.train.envs));
  const ppo = { ...experiment.agent.ppo, rolloutSteps: Math.min(rolloutSteps, experiment.agent.ppo.rolloutSteps) };
  const short: Experiment = {
    ...experiment,
    agent: { ...experiment.agent, ppo },
    train: { ...experiment.train, selectEpisodes: 2, evaluateEvery: 1_000_000 },
  };
  const order = {
    experiment: short,
    data: dataOfSplit(experiment, "train", series),
    selectData: dataOfSplit(experiment, "select", series),
    reference: { id, label: id, params, riskPenalty: 0.01, rewardShape: undefined },
    seed: 1,
  };
  const { engine, learningEngine, threads } = trainingPorts(short, engines);
  const started = threads(order);
  const learner = new SeedLearner({
    ...order,
    engine,
    learningEngine: learningEngine(started.team),
    threads: started,
    selectArena: arena,
  });
  const training = speed(() => {
    const before = learner.steps;
    learner.update();
    return learner.steps - before;
  });
  learner.close();
  return { environment, training };
}
