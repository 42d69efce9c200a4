import { baselineIds, createBaseline } from "../../agents/baselines/registry.ts";
import type { KernelTeam } from "../../models/kernel/team.ts";
import type { Clock } from "../core/clock.ts";
import type { Budget } from "../core/contracts/evaluation.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import type { Series } from "../core/contracts/series.ts";
import { InterruptedError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { MetricName } from "../core/metrics.ts";
import type { StateTree } from "../core/state.ts";
import { dataOfSplit, type Experiment } from "../evaluate/experiment.ts";
import { type JobPool, JobRunner } from "../evaluate/jobs.ts";
import { isOracle, oracleIds } from "../evaluate/oracles.ts";
import { expectOracles, type RuleEntry, ruleEntries } from "../evaluate/play-contenders.ts";
import type { TunedBaseline } from "../evaluate/tune-baseline.ts";
import type { RunDirectory } from "../store/run-directory.ts";
import { actorFromTree, actorToTree, type TrainedActor } from "./actor.ts";
import { Curve } from "./curve.ts";
import { checkDeployment, type RulesAtTarget, rulesAtTarget } from "./deployment.ts";
import { withCheckpoint } from "./divergence.ts";
import { SeedLearner } from "./learn.ts";
import { checkAlgorithm } from "./learner.ts";
import type { TrainingThreads } from "./parallel/threads.ts";
import { chooseReference, type Reference } from "./reference.ts";
import type { TrainingOrder } from "./training-env.ts";
import { readTuning, writeTuning } from "./tuning-file.ts";

export interface TrainPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: Emit;
  /** Computes the policies that are scored. */
  readonly engine: Engine;
  /** Computes what is learned, on a team's memory where it can. */
  readonly learningEngine: (team: KernelTeam) => Engine;
  /** Starts the threads of one training seed. */
  readonly threads: (order: TrainingOrder) => TrainingThreads;
  readonly pool: JobPool;
  /** Gives signals a chance between two updates. */
  readonly pause: () => Promise<void>;
  /** True once the user asked to stop. */
  readonly stopped: () => boolean;
}

export interface TrainRequest {
  readonly experiment: Experiment;
  readonly series: Readonly<Record<string, Series>>;
  readonly seed: number;
  readonly run: RunDirectory;
}

/** What one training seed ended with. */
export interface TrainedSeed {
  readonly seed: number;
  readonly actor: TrainedActor;
  /** Step at which that actor was taken, and its objective on select. */
  readonly step: number;
  readonly objective: number;
  readonly steps: number;
  /** Decisions played on select to score the policy. */
  readonly selectSteps: number;
  readonly curve: Curve;
}

export interface Trained {
  readonly rules: readonly PreparedRule[];
  /** Rows that nobody can trade: shown beside the rules, never a reference or a rival. */
  readonly oracles: readonly PreparedRule[];
  readonly reference: Reference;
  /** Rules that cannot run at the experiment's target. */
  readonly unable: RulesAtTarget["unable"];
  readonly seeds: readonly TrainedSeed[];
  /** Of the learned contender: all seeds, and the tuning of the reference. */
  readonly budget: Budget;
  readonly stepsPerSecond: number;
}

/** A rule of the comparison, ready to play: tuned, or at the parameters that the experiment gives. */
export interface PreparedRule extends TunedBaseline {
  /** Its id in tables: the rule's id, or the text with its parameters. */
  readonly label: string;
  readonly tuned: boolean;
  /** Set where it is a copy of that rule whose parameters leave out what the target does not supply; the budget is the rule's. */
  readonly silencedOf?: string;
}

/** The rules and oracles that the experiment tunes or gives. */
export function rulesOf(experiment: Experiment, context: PolicyContext): RuleEntry[] {
  const { contenders } = experiment.compare;
  const texts = contenders === "all" ? [...baselineIds(context), ...oracleIds(experiment, context)] : contenders;
  const entries = ruleEntries(texts, "compare.contenders");
  expectOracles(entries, experiment, context);
  return entries;
}

/** Tunes the rules of an experiment, in parallel where the pool is; each finished one is saved at once. */
async function prepareRules(
  request: TrainRequest,
  ports: TrainPorts,
  entries: readonly RuleEntry[],
  context: PolicyContext,
): Promise<PreparedRule[]> {
  const { run } = request;
  const ids = entries.filter((e) => e.params === undefined).map((e) => e.id);
  const known = new Map(readTuning(run.dir).map((t) => [t.id, t]));
  const open = ids.filter((id) => !known.has(id));
  const progress = () => ports.emit({ type: "progress", stage: "tuning rules", done: known.size, total: ids.length });
  progress();
  await ports.pool.run(
    open.map((id) => ({ kind: "tune" as const, id })),
    (_, result) => {
      known.set(result.id, result);
      const done = ids.flatMap((id) => known.get(id) ?? []);
      writeTuning(run.dir, done);
      progress();
      if (ports.stopped()) throw new InterruptedError("Stopped while rules were tuned; those finished are saved.");
    },
  );
  return entries.map(({ label, id, params }) => {
    if (params === undefined) {
      const t = known.get(id)!;
      return { ...t, label, tuned: Object.keys(t.params).length > 0 };
    }
    const budget = { steps: 0, trials: 0, coreSeconds: 0 };
    const complete = createBaseline(id, params, context).params;
    return { label, id, params: complete, tuned: false, objective: Number.NaN, budget, atEdge: [] };
  });
}

function seedTree(s: TrainedSeed): StateTree {
  const { seed, step, objective, steps, selectSteps } = s;
  return { seed, step, objective, steps, selectSteps, actor: actorToTree(s.actor), curve: s.curve.saveState() };
}

function seedFromTree(tree: StateTree): TrainedSeed {
  return {
    seed: tree.seed as number,
    step: tree.step as number,
    objective: tree.objective as number,
    steps: tree.steps as number,
    selectSteps: tree.selectSteps as number,
    actor: actorFromTree(tree.actor as StateTree),
    curve: Curve.of(tree.curve as StateTree),
  };
}

/**
 * Trains an experiment in a run directory, or goes on from its newest checkpoint: the bytes of every later checkpoint are the same either way.
 * Throws an InterruptedError, with everything saved, once `ports.stopped()` is true.
 */
export async function trainExperiment(request: TrainRequest, ports: TrainPorts): Promise<Trained> {
  const { experiment, series, run, seed } = request;
  const { clock, emit } = ports;
  checkAlgorithm(experiment);
  checkDeployment(experiment);
  const local = new JobRunner({ experiment, series }, clock);
  const selectArena = local.arena("select", experiment.compare.seed);
  const { context } = selectArena.env;
  const prepared = await prepareRules(request, ports, rulesOf(experiment, context), context);
  const tradable = prepared.filter((r) => !isOracle(r.id));
  const target = rulesAtTarget(experiment, context, tradable);
  const rules = [...tradable, ...target.silenced.map((r) => ({ ...r, tuned: false, atEdge: [] }))];
  const oracles = prepared.filter((r) => isOracle(r.id));
  const played = await ports.pool.run(
    rules.map((t) => ({
      kind: "play" as const,
      id: t.id,
      params: t.params,
      split: "select" as const,
      seed: experiment.compare.seed,
      from: 0,
      episodes: experiment.train.selectEpisodes,
    })),
  );
  // Training has threads of its own; what the pool's threads remember of train and select would only lie there.
  await ports.pool.close();
  const reference = chooseReference(experiment, context, rules, played, target.unable);
  emit({ type: "message", level: "info", text: `reference rule: ${reference.label}` });

  const checkpoint = run.latestCheckpoint(ports.log);
  // What was written after that checkpoint will be written again, byte for byte.
  if (run.manifest.status.process !== null) {
    if (checkpoint === undefined && run.manifest.status.step > 0)
      ports.log.warn(
        `${run.id} had reached step ${run.manifest.status.step}, but no good checkpoint is left: training starts anew`,
      );
    run.rewindTo(checkpoint?.step ?? 0);
  }
  const saved = checkpoint?.state;
  const finished: TrainedSeed[] = saved === undefined ? [] : (saved.finished as StateTree[]).map(seedFromTree);
  const offset = () => finished.reduce((sum, s) => sum + s.steps, 0);
  const seeds = Array.from({ length: experiment.train.seeds }, (_, i) => seed + i);
  const total = seeds.length * experiment.train.steps;
  const started = clock.monotonicSeconds();
  run.start(checkpoint?.step ?? 0);
  emit({
    type: "run-start",
    run: run.id,
    totalSteps: total,
    what: `${experiment.agent.algorithm} on ${experiment.scenario.name}`,
  });
  const firstStep = checkpoint?.step ?? 0;
  let last = firstStep;
  /** Threads that computed: each is a core that the learner had. */
  let members = 1;
  let good = checkpoint?.path;

  for (const trainingSeed of seeds.slice(finished.length)) {
    const order = {
      experiment,
      data: dataOfSplit(experiment, "train", series),
      selectData: dataOfSplit(experiment, "select", series),
      reference,
      seed: trainingSeed,
    };
    const threads = ports.threads(order);
    members = Math.max(members, threads.team.members);
    try {
      const learner = new SeedLearner({
        ...order,
        engine: ports.engine,
        learningEngine: ports.learningEngine(threads.team),
        threads,
        selectArena,
      });
      const current = saved?.current as StateTree | null | undefined;
      if (current && current.seed === trainingSeed) learner.loadState(current);
      const save = () => {
        const step = offset() + learner.steps;
        const state = { finished: finished.map(seedTree), current: learner.saveState() };
        good = run.saveCheckpoint(step, state, { keepLast: experiment.train.keepCheckpoints });
        emit({ type: "checkpoint", step, path: good });
      };
      if (learner.updates === 0) save();
      while (!learner.done) {
        const metrics = learner.update();
        const step = offset() + learner.steps;
        const elapsed = clock.monotonicSeconds() - started;
        const fps = elapsed > 0 ? (step - firstStep) / elapsed : 0;
        const values: Partial<Record<MetricName, number>> = {
          ...metrics,
          "time/total_timesteps": step,
          "time/iterations": learner.updates,
          "time/time_elapsed": elapsed,
          "time/fps": fps,
          "charts/SPS": fps,
        };
        run.metrics(step, values);
        run.heartbeat(step);
        emit({ type: "metrics", step, values });
        last = step;
        if (learner.updates % experiment.train.checkpointEvery === 0 || learner.done) save();
        await ports.pause();
        if (ports.stopped()) {
          save();
          run.finish("interrupted", step);
          throw new InterruptedError("Stopped; the run is saved.", {
            which: run.dir,
            fix: `Go on with: greekgym resume ${run.dir}`,
          });
        }
      }
      const { actor, step, objective } = learner.best;
      const { steps, selectSteps } = learner;
      finished.push({ seed: trainingSeed, actor, step, objective, steps, selectSteps, curve: learner.curve });
    } catch (error) {
      throw withCheckpoint(error, run.dir, good);
    } finally {
      threads.team.close();
    }
  }
  const elapsed = clock.monotonicSeconds() - started;
  // What the learner owes: its own steps, its scoring on select, and the tuning of every rule that it could have started from.
  const start = rules.find((r) => r.label === reference.label)!;
  const candidates = tradable.filter((r) =>
    experiment.agent.reference === "best"
      ? createBaseline(r.id, r.params, context).rule !== undefined
      : r.label === (start.silencedOf ?? start.label),
  );
  const warm = experiment.agent.head === "band" ? candidates : [];
  const sum = (of: (b: Budget) => number) => warm.reduce((total, r) => total + of(r.budget), 0);
  return {
    rules,
    oracles,
    reference,
    unable: target.unable,
    seeds: finished,
    budget: {
      steps: offset() + finished.reduce((total, s) => total + s.selectSteps, 0) + sum((b) => b.steps),
      trials: seeds.length + sum((b) => b.trials),
      coreSeconds: elapsed * members + sum((b) => b.coreSeconds),
    },
    stepsPerSecond: elapsed > 0 ? (last - firstStep) / elapsed : 0,
  };
}
