import { createBaseline } from "../../agents/baselines/registry.ts";
import type { Clock } from "../core/clock.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Series } from "../core/contracts/series.ts";
import type { Split } from "../core/random.ts";
import { dataOfSplit, type Experiment } from "./experiment.ts";
import { expectOracle, isOracle } from "./oracles.ts";
import { Arena, type EpisodeTable } from "./rollout.ts";
import { type TunedBaseline, tuneBaseline } from "./tune-baseline.ts";

interface PlayJob {
  readonly kind: "play";
  readonly id: string;
  readonly params: Readonly<Record<string, number>>;
  readonly split: Split;
  readonly seed: number;
  /** Number of the first episode. */
  readonly from: number;
  readonly episodes: number;
}

/** Independent pieces of a comparison, as data, so that they can run in any process. A result depends on its job alone. */
export type Job =
  | { readonly kind: "tune"; readonly id: string; readonly episodes?: number; readonly trials?: number }
  | PlayJob;

export type JobResult<J extends Job = Job> = J extends { kind: "tune" } ? TunedBaseline : EpisodeTable;

/** What a job needs besides itself. */
export interface JobContext {
  readonly experiment: Experiment;
  readonly series: Readonly<Record<string, Series>>;
}

/** Runs jobs one after another in this process; keeps one arena for each split and seed. */
export class JobRunner {
  readonly #context: JobContext;
  readonly #clock: Clock;
  readonly #arenas = new Map<string, Arena>();
  readonly #policies = new Map<string, Policy>();

  constructor(context: JobContext, clock: Clock) {
    this.#context = context;
    this.#clock = clock;
  }

  arena(split: Split, seed: number): Arena {
    const key = `${split}/${seed}`;
    let arena = this.#arenas.get(key);
    if (arena === undefined) {
      const { experiment, series } = this.#context;
      arena = new Arena(experiment, split, seed, dataOfSplit(experiment, split, series));
      this.#arenas.set(key, arena);
    }
    return arena;
  }

  run<J extends Job>(job: J): JobResult<J> {
    const { experiment } = this.#context;
    if (job.kind === "tune") {
      const { episodes, trials } = job;
      const budget = { ...(episodes === undefined ? {} : { episodes }), ...(trials === undefined ? {} : { trials }) };
      const arena = this.arena("train", experiment.compare.seed);
      if (isOracle(job.id))
        return expectOracle(job.id, experiment, arena.env.context).tune(
          arena,
          experiment,
          this.#clock,
          budget,
        ) as JobResult<J>;
      return tuneBaseline(arena, experiment, job.id, this.#clock, budget) as JobResult<J>;
    }
    const arena = this.arena(job.split, job.seed);
    // Jobs come slice by slice: nobody plays the episodes of the one before any more.
    arena.keepOnly(job.from, job.episodes);
    return arena.play(this.#policy(job, arena), job.from, job.episodes) as JobResult<J>;
  }

  /** The policy of a job, made once for all slices: an oracle may take long to solve for. */
  #policy({ id, params, split, seed }: PlayJob, arena: Arena): Policy {
    const key = JSON.stringify([id, params, split, seed]);
    let policy = this.#policies.get(key);
    if (policy === undefined) {
      const { experiment } = this.#context;
      policy = isOracle(id)
        ? expectOracle(id, experiment, arena.env.context).policy(params, arena, experiment)
        : createBaseline(id, params, arena.env.context);
      this.#policies.set(key, policy);
    }
    return policy;
  }
}

/** Where jobs run: in this process or in several. Results come in the order of the jobs. */
export interface JobPool {
  run<J extends Job>(
    jobs: readonly J[],
    onDone?: (index: number, result: JobResult<J>) => void,
  ): Promise<JobResult<J>[]>;
  /** Lets go of threads and of all that they remember; jobs that come later start anew. */
  close(): Promise<void>;
}

/** A pool of this process alone. `pause` lets signals through between two jobs. */
export function serialPool(runner: JobRunner, pause: () => Promise<void>): JobPool {
  return {
    async run(jobs, onDone) {
      const results: JobResult<(typeof jobs)[number]>[] = [];
      for (const [i, job] of jobs.entries()) {
        const result = runner.run(job);
        results.push(result);
        onDone?.(i, result);
        await pause();
      }
      return results;
    },
    async close() {},
  };
}
