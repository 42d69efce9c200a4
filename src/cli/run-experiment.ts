import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bandFormula } from "../../agents/baselines/formulas/table.ts";
import { featureConfig } from "../../env/tasks/rebalance/rebalance-env.ts";
import { buildBundle } from "../../models/format/bundle.ts";
import { bundleEvaluation } from "../../models/format/policy-json.ts";
import type { EvaluationResult } from "../core/contracts/evaluation.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Series } from "../core/contracts/series.ts";
import { ConfigError, InterruptedError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { Split } from "../core/random.ts";
import { comparePlayed, type PlayedContender } from "../evaluate/compare.ts";
import {
  type Experiment,
  firstJudgedEpisode,
  judgedEpisodes,
  judgedSplit,
  scenarioHash,
} from "../evaluate/experiment.ts";
import { type JobPool, JobRunner } from "../evaluate/jobs.ts";
import { makeLearnedPolicy } from "../evaluate/learned-policy.ts";
import { oracleNotes } from "../evaluate/oracles.ts";
import { playEntries, playTables } from "../evaluate/play-contenders.ts";
import type { Arena } from "../evaluate/rollout.ts";
import { writeBundle } from "../live/bundle-folder.ts";
import type { ReplayResult } from "../live/replay.ts";
import { Catalog } from "../store/catalog.ts";
import { readManifest } from "../store/manifest.ts";
import { readProvenance } from "../store/provenance.ts";
import { createRun, openRun, type RunDirectory } from "../store/run-directory.ts";
import { checkDeployment, deploymentNotes, deploymentOf } from "../train/deployment.ts";
import { checkAlgorithm } from "../train/learner.ts";
import { checkMemory } from "../train/memory.ts";
import { type Trained, type TrainedSeed, trainExperiment } from "../train/run.ts";
import { headSpec } from "../train/training-env.ts";
import { type Engines, enginesOf } from "./engine.ts";
import { consoleLog, pause, stopped, systemClock, usableMemory } from "./ports.ts";
import { progressReporter } from "./progress.ts";
import { projectRoot } from "./project.ts";
import { shadowRecordedSession } from "./shadow-session.ts";
import { makePool } from "./thread-pool.ts";
import { touchCount } from "./touches.ts";
import { trainingPorts } from "./training-ports.ts";

/** What `train`, `resume` and `quickstart` print. */
export interface FinishedRun {
  readonly run: string;
  readonly dir: string;
  readonly policy: string;
  readonly report: string;
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly evaluation: EvaluationResult;
  readonly verdict: EvaluationResult["verdict"];
  /** The policy in shadow on a session recorded from the simulator, where that was asked for. */
  readonly shadow?: ReplayResult;
}

export interface RunRequest {
  readonly experiment: Experiment;
  readonly resolved: string;
  readonly path: string;
  readonly series: Readonly<Record<string, Series>>;
  readonly seed: number;
  readonly root: string;
  readonly command: string;
  /** Also record a session and run the policy over it in shadow. */
  readonly shadow?: boolean;
}

/** Starts a new run of an experiment and carries it to the end. */
export async function startRun(request: RunRequest): Promise<FinishedRun> {
  const { experiment, seed } = request;
  checkAlgorithm(experiment);
  checkDeployment(experiment);
  checkMemory(experiment, usableMemory());
  const engines = await enginesOf(experiment, request.path);
  const { model } = engines;
  const run = await createRun(
    {
      root: request.root,
      scenario: experiment.scenario.name,
      algorithm: experiment.agent.algorithm,
      seed,
      config: { experiment, path: request.path, ...(model === undefined ? {} : { model }) },
      resolvedConfig: request.resolved,
      provenance: readProvenance(projectRoot(), engines.name),
    },
    systemClock,
  );
  return carry(run, request, engines);
}

/** Opens an interrupted or crashed run and carries it to the end. */
export async function continueRun(dir: string, request: Omit<RunRequest, "root">): Promise<FinishedRun> {
  const engines = await enginesOf(request.experiment, request.path);
  expectSameModel(dir, engines);
  return carry(await openRun(dir, systemClock), { ...request, root: dirname(dir) }, engines);
}

/** A run goes on with the very module that it began with. */
function expectSameModel(dir: string, { model }: Engines): void {
  const { model: begun } = readManifest(dir).config as unknown as Pick<Engines, "model">;
  if (begun?.sha256 !== model?.sha256)
    throw new ConfigError("The network's model was changed since the run began.", {
      which: `agent.network.model: ${model?.file ?? begun?.file}`,
      value: `sha256 ${model?.sha256 ?? "of no file"}`,
      fix: `Restore the file of sha256 ${begun?.sha256 ?? "(none)"}, or train anew.`,
    });
}

async function carry(run: RunDirectory, request: RunRequest, engines: Engines): Promise<FinishedRun> {
  const { experiment, series, seed } = request;
  const started = systemClock.monotonicSeconds();
  const events = progressReporter();
  const emit: Emit = (event) => events.next(event);
  const pool = makePool(experiment.train.workers, { experiment, series });
  const catalog = new Catalog(request.root, systemClock, consoleLog);
  try {
    await catalog.record(run.manifest);
    const ports = {
      clock: systemClock,
      log: consoleLog,
      emit,
      ...trainingPorts(experiment, engines),
      pool,
      pause,
      stopped,
    };
    const trained = await trainExperiment({ experiment, series, seed, run }, ports);
    const finished = await finish(run, request, trained, engines, pool, emit);
    const steps = trained.seeds.reduce((sum, s) => sum + s.steps, 0);
    run.finish("done", steps, {
      summary: { objective: finished.objective, verdict: finished.evaluation.verdict.value },
    });
    await catalog.record(run.manifest);
    return {
      run: run.id,
      dir: run.dir,
      policy: run.paths.policy,
      report: run.paths.report,
      steps,
      seconds: systemClock.monotonicSeconds() - started,
      stepsPerSecond: trained.stepsPerSecond,
      evaluation: finished.evaluation,
      verdict: finished.evaluation.verdict,
      ...(finished.shadow === undefined ? {} : { shadow: finished.shadow }),
    };
  } catch (error) {
    const interrupted = error instanceof InterruptedError;
    const step = run.manifest.status.step;
    run.finish(interrupted ? "interrupted" : "failed", step, interrupted ? {} : { error: String(error) });
    await catalog.record(run.manifest);
    throw error;
  } finally {
    events.complete();
    run.close();
    await pool.close();
  }
}

/**
 * The reference rule once more, tuned with at least as many environment steps as the learner had in all: on more episodes, which is where a
 * tuned rule still gains. A win must hold against this row too.
 */
async function withLearnersBudget(
  experiment: Experiment,
  trained: Trained,
  pool: JobPool,
  judged: { readonly split: Split; readonly from: number; readonly episodes: number },
  progress: (stage: string) => (done: number, total: number) => void,
): Promise<PlayedContender> {
  const rule = trained.rules.find((r) => r.label === trained.reference.label)!;
  const { id, budget } = rule;
  // A silenced rule's rival is the rule itself, with all that it can read.
  const label = rule.silencedOf ?? rule.label;
  const factor = Math.max(1, Math.ceil(trained.budget.steps / Math.max(1, budget.steps)));
  const step = progress("tuning with the learner's budget");
  step(0, 1);
  // One thread is enough for one search; the others' markets would only lie there.
  await pool.close();
  const [tuned] = await pool.run([{ kind: "tune" as const, id, episodes: factor * experiment.tune.episodes }]);
  step(1, 1);
  const { params } = tuned!;
  const { seed } = experiment.compare;
  const { split, from, episodes } = judged;
  const [table] = await playTables(pool, [{ id, params, split, seed }], from, episodes);
  return { id: `${label} +budget`, kind: "baseline", tuned: true, params, budget: tuned!.budget, tables: [table!] };
}

/** What a reader must know of how the judged policies were chosen. */
function trainingCaveats(trained: Trained, seeds: readonly TrainedSeed[], split: string, from: number): string[] {
  const untouched = seeds.filter((s) => s.step === 0).length;
  const { label } = trained.reference;
  const unimproved =
    untouched === 0
      ? []
      : untouched === seeds.length
        ? [`Training improved nothing on select: the policy is ${label}, unchanged`]
        : [
            `Training improved nothing on select for ${untouched} of ${seeds.length} seeds: there the policy is ${label}, unchanged`,
          ];
  const chosen =
    split === "select" && from === 0 ? ["Checkpoint and reference were chosen on these very windows: flattering"] : [];
  return [...unimproved, ...chosen];
}

/** Who had how many environment steps: a learner that had more than the rules is named as such. */
function budgetNotes(trained: Trained, experiment: Experiment): string[] {
  const learning = trained.seeds[0]?.steps ?? 0;
  const rule = trained.rules.find((t) => t.label === trained.reference.label)!;
  const [a, b] = [learning, rule.budget.steps].map((n) => n.toLocaleString("en"));
  const fair =
    rule.budget.steps >= learning
      ? "the rule had at least the learner's budget"
      : `the learner had more: raise tune.episodes (now ${experiment.tune.episodes}) to give the rule as much`;
  return [`Budgets in environment steps: ${a} for training one seed, ${b} for tuning ${rule.label}; ${fair}.`];
}

/** The learned policy of one training seed, exactly as its bundle rebuilds it. */
function policyOf(experiment: Experiment, trained: Trained, seed: TrainedSeed, arena: Arena, engine: Engine): Policy {
  return makeLearnedPolicy({
    snapshot: seed.actor,
    encoder: seed.actor.encoder,
    head: headSpec(experiment, trained.reference),
    context: arena.env.context,
    engine,
    id: experiment.agent.algorithm,
  });
}

/** Raw features that a policy meets on the arena's episodes, at most `limit` rows: for golden vectors, envelope and drift reference. */
function metFeatures(arena: Arena, policy: Policy, episodes: number, limit: number): Float64Array {
  const width = arena.env.extractor.width;
  const kept: Float64Array[] = [];
  let seen = 0;
  const watching: Policy = {
    ...policy,
    decide(batch, features, available, memory, mask, out) {
      // One row in seven, so that the rows come from all of an episode.
      for (let b = seen % 7; b < batch && kept.length < limit; b += 7)
        kept.push(features.slice(b * width, (b + 1) * width));
      seen++;
      policy.decide(batch, features, available, memory, mask, out);
    },
  };
  arena.play(watching, 0, episodes);
  const rows = new Float64Array(kept.length * width);
  for (const [i, row] of kept.entries()) rows.set(row, i * width);
  return rows;
}

async function finish(
  run: RunDirectory,
  request: RunRequest,
  trained: Trained,
  engines: Engines,
  pool: JobPool,
  emit: Emit,
): Promise<{ evaluation: EvaluationResult; objective: number; shadow?: ReplayResult }> {
  const { experiment, series } = request;
  const { seed } = experiment.compare;
  const split = judgedSplit(experiment, false);
  const from = firstJudgedEpisode(experiment, split);
  const runner = new JobRunner({ experiment, series }, systemClock);
  const arena = runner.arena(split, seed);
  const episodes = judgedEpisodes(experiment, arena.windows);
  const progress = (stage: string) => (done: number, total: number) => emit({ type: "progress", stage, done, total });
  const played: PlayedContender[] = await playEntries(
    pool,
    arena.env.context,
    [...trained.rules, ...trained.oracles].map(({ label, id, tuned, params }) =>
      tuned ? { label, id } : { label, id, params },
    ),
    [...trained.rules, ...trained.oracles].filter((r) => r.tuned),
    split,
    seed,
    from,
    episodes,
    progress("playing episodes"),
  );
  if (experiment.tune.learnerBudget)
    played.push(await withLearnersBudget(experiment, trained, pool, { split, from, episodes }, progress));
  // The rest is this thread's alone.
  await pool.close();
  const policies = trained.seeds.map((s) => policyOf(experiment, trained, s, arena, engines.playing));
  played.push({
    id: experiment.agent.algorithm,
    kind: "learned",
    tuned: false,
    params: {},
    budget: trained.budget,
    tables: policies.map((policy) => arena.playOnce(policy, from, episodes)),
  });
  const comparison = {
    experiment,
    series,
    split,
    seed,
    ...(arena.windows === undefined ? {} : { windows: arena.windows }),
    testTouches: touchCount(request.path, scenarioHash(experiment)),
    notes: [
      `The learned policy starts from ${trained.reference.label}, the band rule with the least objective on select; its budget includes that rule's tuning.`,
      ...deploymentNotes(experiment, arena.env.context, trained.unable),
      ...budgetNotes(trained, experiment),
      ...trained.rules
        .filter((t) => t.atEdge.length > 0)
        .map((t) => `${t.label}: tuned value at the edge of its range: ${t.atEdge.join(", ")}.`),
      ...oracleNotes(trained.oracles, experiment),
    ],
  };
  const evaluation = comparePlayed({
    ...comparison,
    played,
    caveats: trainingCaveats(trained, trained.seeds, split, from),
  });
  run.writeDocument("evaluation.json", `${JSON.stringify(evaluation, null, 2)}\n`);

  // The exported policy is the training seed with the least objective on select; the report shows the mean over seeds and the worst.
  const bestIndex = trained.seeds.reduce((best, s, i) => (s.objective < trained.seeds[best]!.objective ? i : best), 0);
  const bestSeed = trained.seeds[bestIndex]!;
  // A bundle carries the evaluation of the very policy in it, not of the mean over seeds.
  const own = played.map((c) => (c.kind === "learned" ? { ...c, tables: [c.tables[bestIndex]!] } : c));
  const caveats = [
    ...trainingCaveats(trained, [bestSeed], split, from),
    ...(trained.seeds.length > 1 ? [`The best of ${trained.seeds.length} training seeds by select`] : []),
  ];
  const ownEvaluation = trained.seeds.length > 1 ? comparePlayed({ ...comparison, played: own, caveats }) : evaluation;
  const selectArena = runner.arena("select", seed);
  const files = buildBundle({
    id: experiment.agent.algorithm,
    account: featureConfig(experiment.scenario),
    context: arena.env.context,
    snapshot: bestSeed.actor,
    encoder: bestSeed.actor.encoder,
    head: headSpec(experiment, trained.reference),
    reference: { baseline: trained.reference.id, params: trained.reference.params },
    bandFormula,
    deploy: deploymentOf(experiment, arena.env.context),
    provenance: {
      runId: run.id,
      scenario: {
        name: experiment.scenario.name,
        version: experiment.scenario.version,
        hash: scenarioHash(experiment),
      },
      seed: bestSeed.seed,
      steps: bestSeed.step,
      gitSha: run.manifest.provenance.gitSha,
      configHash: run.manifest.configHash,
      ...(engines.model && { model: engines.model }),
    },
    evaluation: bundleEvaluation(ownEvaluation),
    rows: metFeatures(selectArena, policies[bestIndex]!, Math.min(512, experiment.train.selectEpisodes), 4096),
    policy: policies[bestIndex]!,
  });
  writeBundle(run.paths.policy, files);
  const shadow = request.shadow
    ? shadowRecordedSession(run.dir, run.paths.policy, engines.playing, experiment, series)
    : undefined;

  // Loaded when needed: figures are most of the program's start-up time.
  const { writeRunReport } = await import("./run-report.ts");
  await writeRunReport({
    run,
    request,
    trained,
    evaluation,
    played,
    runner,
    policies,
    bestIndex,
    emit,
    ...(shadow === undefined ? {} : { shadow: shadow.report }),
  });
  const learned = evaluation.contenders.find((c) => c.kind === "learned")!;
  return { evaluation, objective: learned.objective, ...(shadow === undefined ? {} : { shadow }) };
}

/** Reads a run's resolved configuration back. */
export function readRunConfig(dir: string): { text: string; path: string; seed: number } {
  const manifest = join(dir, "manifest.json");
  const config = join(dir, "config.resolved.yaml");
  if (!existsSync(manifest) || !existsSync(config))
    throw new ConfigError("This folder is not a run.", {
      which: dir,
      fix: "Name a run's folder or id; `greekgym runs ls` lists the runs.",
    });
  const { seed, config: data } = readManifest(dir);
  return { text: readFileSync(config, "utf8"), path: (data as unknown as { path: string }).path, seed };
}
