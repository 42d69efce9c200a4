import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause, systemClock } from "../src/cli/ports.ts";
import { trainingPorts } from "../src/cli/training-ports.ts";
import { loadConfig } from "../src/core/yaml-config.ts";
import { type Experiment, experimentSchema } from "../src/evaluate/experiment.ts";
import { JobRunner, serialPool } from "../src/evaluate/jobs.ts";
import { readProvenance } from "../src/store/provenance.ts";
import { createRun } from "../src/store/run-directory.ts";
import { trainExperiment } from "../src/train/run.ts";

/** An interval in updates that no training is long enough for. */
const NEVER = 1e9;

/** The quickstart, with one rule at given parameters so that nothing is tuned, and as many updates as are asked for. */
export function quickstart(updates: number, checkpointEvery: number, evaluateEvery: number): Experiment {
  const path = "experiments/quickstart.yaml";
  const { value } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
  const { train, agent, compare } = value;
  const steps = updates * train.envs * agent.ppo.rolloutSteps;
  return {
    ...value,
    agent: { ...agent, reference: "best" },
    train: { ...train, steps, workers: 1, checkpointEvery, evaluateEvery },
    compare: { ...compare, contenders: ["delta-band(halfWidth=0.1)"] },
  };
}

/** Runs trainings of the quickstart through src/train, in folders of a temporary directory that `close` removes. */
export class TrainingSpeed {
  readonly #root = mkdtempSync(join(tmpdir(), "greekgym-bench-"));
  readonly #updates: number;

  constructor(updates: number) {
    this.#updates = updates;
  }

  /** Environment steps a second of one training, without its preparation. `written`: all that a run writes, or nothing. */
  async measure(written: boolean): Promise<number> {
    // Without checkpoints, the first and the last are still put together, and thrown away.
    const experiment = quickstart(this.#updates, written ? 5 : NEVER, NEVER);
    const train = { ...experiment.train, selectEpisodes: 100 };
    const { stepsPerSecond } = await trainQuickstart({ ...experiment, train }, this.#root, written);
    return stepsPerSecond;
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** One training as the program runs it, in this process alone; `onMetrics` hears each update. */
export async function trainQuickstart(
  experiment: Experiment,
  root: string,
  written: boolean,
  onMetrics: (step: number) => void = () => undefined,
) {
  const run = await createRun(
    {
      root,
      scenario: experiment.scenario.name,
      algorithm: experiment.agent.algorithm,
      seed: 1,
      config: { experiment },
      resolvedConfig: "",
      provenance: { ...readProvenance(root, "kernel"), gitSha: null },
    },
    systemClock,
  );
  if (!written) Object.assign(run, { metrics: () => undefined, heartbeat: () => undefined, saveCheckpoint: () => "" });
  try {
    return await trainExperiment(
      { experiment, series: {}, seed: 1, run },
      {
        clock: systemClock,
        log: { info: () => undefined, warn: () => undefined },
        emit: (event) => {
          if (event.type === "metrics") onMetrics(event.step);
        },
        ...trainingPorts(experiment),
        pool: serialPool(new JobRunner({ experiment, series: {} }, systemClock), pause),
        pause,
        stopped: () => false,
      },
    );
  } finally {
    run.close();
  }
}
