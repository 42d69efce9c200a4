import { z } from "zod";
import { deepHedgingConfigSchema } from "../../agents/deep-hedging-config.ts";
import { ppoConfigSchema } from "../../agents/ppo-config.ts";
import { ListedMarket } from "../../env/market/listed/listed-market.ts";
import type { ListedWindows } from "../../env/market/listed/windows.ts";
import { makeMarket } from "../../env/tasks/rebalance/make-market.ts";
import type { CostUnit } from "../../env/tasks/rebalance/rebalance-env.ts";
import { type Scenario, scenarioSchema, timing } from "../../env/tasks/rebalance/scenario.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { TFJS_BACKENDS } from "../../models/tfjs/backends.ts";
import { isOptionChain } from "../core/contracts/option-chain.ts";
import type { Series } from "../core/contracts/series.ts";
import { ConfigError } from "../core/errors.ts";
import { canonicalHash } from "../core/hash.ts";
import { SIMULATION, sourcesOf } from "../core/live-sources.ts";
import { SPLITS, type Split } from "../core/random.ts";
import { defaultDelta, ObjectiveSchema } from "./objectives.ts";

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z?)?$/, "expected a date such as 2022-01-18");
const range = z
  .strictObject({ from: date.describe("Included."), to: date.describe("Excluded.") })
  .describe("Part of a recorded series that a split may use: from (included) to (excluded).");
const split = z.strictObject({ price: range.optional(), fee: range.optional() }).prefault({});

function checkTarget(target: string, ctx: z.RefinementCtx): void {
  try {
    sourcesOf(target);
  } catch (error) {
    const { short, fix, hints } = error as ConfigError;
    ctx.addIssue({ code: "custom", message: [short, fix, ...hints].join(" ") });
  }
}

const HEADS = ["band", "gate+size", "target", "menu"] as const;

const network = z
  .strictObject({
    engine: z
      .enum(["kernel", "tfjs"])
      .default("kernel")
      .describe("kernel: perceptrons on SIMD kernels. tfjs: TensorFlow.js, slower, for models of your own."),
    backend: z
      .enum(TFJS_BACKENDS)
      .default("wasm")
      .describe("Of tfjs: wasm, cpu (plain JavaScript), or tensorflow (native, where @tensorflow/tfjs-node loads)."),
    model: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Your own network instead of hiddenSizes and activation: a module whose default export builds it, or a model.json; relative to this file.",
      ),
  })
  .superRefine(({ engine, model }, ctx) => {
    if (model !== undefined && engine !== "tfjs")
      ctx.addIssue({
        code: "custom",
        path: ["engine"],
        message: "A model of your own is computed by TensorFlow.js: set agent.network.engine to tfjs.",
      });
  });

const agent = z.strictObject({
  algorithm: z
    .enum(["ppo", "deep-hedging"])
    .default("ppo")
    .describe("Who learns: PPO, or deep hedging, the gradient of the objective along the paths."),
  head: z.enum(HEADS).default("band").describe("What the network's output means; docs/heads.md."),
  reference: z
    .string()
    .default("best")
    .describe(
      "Band head: the tuned baseline that it starts from; best = the band rule with the least objective on select.",
    ),
  scale: z.number().positive().max(5).default(1).describe("Band head: an output of ±1 scales an edge by exp(±scale)."),
  features: z
    .union([z.literal("all"), z.array(z.string()).min(1)])
    .default("all")
    .describe("Raw features that the policy may see."),
  deploy: z
    .strictObject({
      target: z
        .string()
        .superRefine(checkTarget)
        .default(SIMULATION)
        .describe(
          "What will supply features live: simulation (everything), or deribit-public, ethereum-rpc, mempool, oracle joined by commas; clock, account and book are always there.",
        ),
      missing: z
        .enum(["refuse", "mask"])
        .default("refuse")
        .describe("Features without a source at the target: refuse to train, or train without them."),
    })
    .prefault({})
    .describe("Where the policy will run; docs/how-to/train-for-a-target.md."),
  network: network
    .prefault({})
    .describe("What computes the networks, and which; docs/how-to/bring-a-tensorflow-model.md."),
  discountHalfLifeHours: z.number().positive().optional().describe("Overrides ppo.gamma by a half-life in hours."),
  ppo: ppoConfigSchema.prefault({}).describe("Details of PPO; docs/algorithms/ppo.md."),
  deepHedging: deepHedgingConfigSchema
    .prefault({})
    .describe("Details of deep hedging; docs/algorithms/deep-hedging.md."),
});

const train = z.strictObject({
  steps: z.int().positive().default(500_000).describe("Environment steps (decisions); rounded up to whole rollouts."),
  envs: z.int().positive().max(4096).default(64).describe("Environments stepped together."),
  seeds: z.int().positive().max(20).default(1).describe("Training seeds: seed, seed + 1, …"),
  workers: z
    .int()
    .positive()
    .max(64)
    .default(1)
    .describe("Threads that tune, train and evaluate; never changes a result."),
  shards: z
    .int()
    .positive()
    .max(64)
    .default(4)
    .describe(
      "Parts of each 512 rows of a minibatch whose gradients are summed apart: part of the result, and as many threads as can share the work on one network.",
    ),
  relaxedSimd: z
    .boolean()
    .default(false)
    .describe(
      "Fused multiply-adds in learning, where the runtime has relaxed SIMD (Node 22 or newer): faster, and the bytes then depend on the machine.",
    ),
  evaluateEvery: z.int().positive().default(5).describe("Updates between evaluations on select episodes."),
  selectEpisodes: z.int().positive().default(1000).describe("Select episodes of each such evaluation."),
  checkpointEvery: z.int().positive().default(5).describe("Updates between checkpoints."),
  keepCheckpoints: z.int().min(2).default(3).describe("Checkpoints kept while training."),
});

/** The schema of an experiment file: one source of types, defaults, flags, JSON schema and docs. */
export const experimentSchema = z.strictObject({
  $schema: z.string().optional().describe("Path of the JSON schema, for editors; ignored."),
  kind: z
    .enum(["demo", "experiment", "validation"])
    .default("experiment")
    .describe("Demos and validations judge on test episodes, experiments on select until `compare --final`."),
  scenario: scenarioSchema.describe("Market, book, account, venues and time."),
  objective: ObjectiveSchema.default({ name: "mean-plus-sd", k: 1.5 }).describe(
    "What counts: a functional of the cost of an episode, lower is better.",
  ),
  unit: z.enum(["bpsNotional", "pctPremium"]).default("bpsNotional").describe("Unit of costs and of the objective."),
  splits: z
    .strictObject({
      train: split.describe("Learning and tuning."),
      select: split.describe("Checkpoints and hyperparameters."),
      test: split.describe("The last word."),
    })
    .prefault({})
    .describe("Dates of recorded data; simulated episodes are split by themselves."),
  delta: z.number().positive().max(0.5).optional().describe("Equivalence margin, share of the best rule's objective."),
  agent: agent.prefault({}).describe("Who learns, and what its output means."),
  tune: z
    .strictObject({
      episodes: z.int().positive().default(2000).describe("Training episodes of a full evaluation."),
      trials: z.int().positive().optional().describe("Trials a rule at most; its number of parameters sets the usual."),
      learnerBudget: z
        .boolean()
        .default(false)
        .describe("Training also tunes the reference rule with the learner's whole budget, as one more rival."),
    })
    .prefault({})
    .describe("How rules are tuned."),
  train: train.prefault({}).describe("How long, and on how many environments."),
  compare: z
    .strictObject({
      contenders: z
        .union([z.literal("all"), z.array(z.string()).min(1)])
        .default("all")
        .describe("Rules to tune and compare with: all that this market can express, or a list of ids."),
      episodes: z.int().min(2).default(2000).describe("Common episodes that everyone plays."),
      seed: z.int().nonnegative().default(1).describe("Seed of the episodes on which contenders are compared."),
      resamples: z.int().min(100).default(1000).describe("Resamples of the paired bootstrap."),
    })
    .prefault({})
    .describe("Against whom, and on how much."),
  plugins: z
    .array(z.string())
    .max(0, "plug-ins come with a later version; leave the list empty")
    .default([])
    .describe("Plug-ins come with a later version."),
});

export type Experiment = z.output<typeof experimentSchema>;

/** The name of a cost unit in reports. */
export const UNIT_NAMES: Readonly<Record<CostUnit, string>> = {
  bpsNotional: "bps of notional",
  pctPremium: "% of premium",
};

/** Margin of equivalence: the scenario's own, or the default of its objective. */
export function equivalenceMargin(experiment: Experiment): number {
  return experiment.delta ?? defaultDelta(experiment.objective);
}

/** Hash of everything that defines what is compared: scenario, objective, unit, splits and margin; never the agent. */
export function scenarioHash(experiment: Experiment): string {
  const { scenario, objective, unit, splits } = experiment;
  return canonicalHash({ scenario, objective, unit, splits, delta: equivalenceMargin(experiment) });
}

/** Names of the recorded series that the scenario plays back. */
export function recordedSeries(scenario: Scenario): { price?: string; fee?: string } {
  const { price } = scenario.market;
  const { fee } = scenario.chain;
  return {
    ...(price.model === "file" || price.model === "listed" ? { price: price.series } : {}),
    ...(fee.model === "file" ? { fee: fee.series } : {}),
  };
}

const seconds = (text: string) =>
  // biome-ignore lint/style/noRestrictedGlobals: reads a given date, always as UTC; reads no clock.
  Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text.endsWith("Z") ? text : `${text}Z`) / 1000;

/** Recorded data for one split: the series, and the dates of each that the split may use. Splits that overlap are refused. */
export function dataOfSplit(
  experiment: Experiment,
  split: Split,
  series: Readonly<Record<string, Series>>,
): ScenarioData {
  const names = recordedSeries(experiment.scenario);
  const ranges: Record<string, { from: number; to: number }> = {};
  for (const part of ["price", "fee"] as const) {
    const name = names[part];
    if (name === undefined) continue;
    const all = SPLITS.map((s) => {
      const r = experiment.splits[s][part];
      if (r === undefined)
        throw new ConfigError("A recorded series needs dates for every split.", {
          which: `splits.${s}.${part}`,
          fix: `Add splits.${s}.${part}: { from: …, to: … } so that train, select and test are apart.`,
        });
      return { split: s, from: seconds(r.from), to: seconds(r.to) };
    });
    for (const a of all) {
      if (!(a.to > a.from))
        throw new ConfigError("A split ends before it starts.", {
          which: `splits.${a.split}.${part}`,
          value: experiment.splits[a.split][part],
          fix: "Put `from` before `to`.",
        });
      for (const b of all)
        if (a.split < b.split && a.from < b.to && b.from < a.to)
          throw new ConfigError("Two splits overlap.", {
            which: `splits.${a.split}.${part} and splits.${b.split}.${part}`,
            value: [experiment.splits[a.split][part], experiment.splits[b.split][part]],
            fix: "Give train, select and test dates that do not meet.",
          });
    }
    const own = all.find((r) => r.split === split)!;
    ranges[name] = { from: own.from, to: own.to };
  }
  return { series, ranges };
}

const COUNTS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** A time between decisions as an adjective: six-hour, 90-minute. */
function intervalWords(seconds: number): string {
  const [amount, unit] =
    seconds % 86_400 === 0
      ? [seconds / 86_400, "day"]
      : seconds % 3600 === 0
        ? [seconds / 3600, "hour"]
        : [seconds / 60, "minute"];
  return `${COUNTS[amount] ?? Number(amount.toPrecision(3))}-${unit}`;
}

const plural = (n: number, one: string) => `${n} ${one}${n === 1 ? "" : "s"}`;

/** How far the listed contracts of the windows are at most from those that the book asks for. */
function contractsClause(recorded: ListedWindows, scenario: Scenario): string {
  let strike = 0;
  let days = 0;
  for (let w = 0; w < recorded.start.length; w++) {
    const forward = recorded.price[w * (recorded.steps + 1)]!;
    for (const [l, leg] of scenario.book.legs.entries()) {
      const i = w * recorded.legs + l;
      strike = Math.max(strike, Math.abs(recorded.strike[i]! / (leg.moneyness * forward) - 1));
      const asked = leg.maturityDays ?? scenario.maturityDays;
      days = Math.max(days, Math.abs(recorded.secondsLeft[i]! / 86_400 - asked));
    }
  }
  return `strikes within ${(100 * strike).toFixed(1)}% and expiries within ${days.toFixed(1)} days of those asked for`;
}

/** What the windows of a recorded chain left out or filled in, as one clause. */
function windowsClause(recorded: ListedWindows, scenario: Scenario, split: Split): string {
  const counted = new Map<string, number>();
  for (const { reason } of recorded.refused) counted.set(reason, (counted.get(reason) ?? 0) + 1);
  const list = (entries: Iterable<readonly [string, number]>) =>
    [...entries].map(([name, n]) => `${name} ${n}`).join(", ");
  const fallbacks = Object.entries(recorded.fallbacks);
  const windows = plural(recorded.start.length, "window");
  return [
    `${windows} of the recorded chain on ${split}`,
    `${plural(recorded.refused.length, "start")} refused${counted.size > 0 ? ` (${list(counted)})` : ""}`,
    `${recorded.interpolated} of ${recorded.volatilities} mark volatilities interpolated`,
    `${contractsClause(recorded, scenario)}${fallbacks.length > 0 ? ` (windows by fallback: ${list(fallbacks)})` : ""}`,
  ].join(", ");
}

/** Whole clauses that the verdict on a split must carry because of where the data come from. */
export function dataCaveats(experiment: Experiment, series: Readonly<Record<string, Series>>, split: Split): string[] {
  const { price, fee } = recordedSeries(experiment.scenario);
  const caveats: string[] = [];
  if (price !== undefined && isOptionChain(series[price]!)) {
    const { scenario } = experiment;
    caveats.push(
      `Real surface, ${intervalWords(timing(scenario).decisionSeconds)} decisions, no concurrent gas or flow`,
    );
    const data = dataOfSplit(experiment, split, series);
    const market = makeMarket({ scenario, batch: 1, seed: 0, split, data });
    if (market instanceof ListedMarket) caveats.push(windowsClause(market.recorded, scenario, split));
  }
  if (price !== undefined && fee !== undefined) {
    const p = series[price]!;
    const f = series[fee]!;
    const apart = p.times.at(-1)! < f.times[0]! || f.times.at(-1)! < p.times[0]!;
    if (apart) caveats.push("Fees from another period are spliced");
  }
  if (price !== undefined) caveats.push("Recorded prices answer to nobody: own impact is modelled, not observed");
  return caveats;
}

/** What the readers of recorded chains met and dealt with, for the notes of a comparison. */
export function dataNotes(series: Readonly<Record<string, Series>>): string[] {
  return Object.values(series)
    .filter(isOptionChain)
    .flatMap((chain) =>
      chain.findings.map(
        ({ kind, count, first, handling }) => `${chain.source}: ${count} x ${kind} (${handling}), first at ${first}.`,
      ),
    );
}

/** In words, what a split is made of. */
export function describeSplit(experiment: Experiment, split: Split): string {
  const r = experiment.splits[split];
  const parts = (["price", "fee"] as const).flatMap((part) => {
    const dates = r[part];
    return dates === undefined ? [] : [`${part} ${dates.from} to ${dates.to}`];
  });
  return parts.length > 0 ? parts.join(", ") : `simulated, keys of split "${split}"`;
}

/**
 * Number of the first episode that contenders are judged on. Checkpoints and the reference rule are chosen on the first `selectEpisodes` of select:
 * where prices are simulated, the judges see others. Recorded select windows are too few to part with; the verdict then says so.
 */
export function firstJudgedEpisode(experiment: Experiment, split: Split): number {
  const recorded = "series" in experiment.scenario.market.price;
  return split === "select" && !recorded ? experiment.train.selectEpisodes : 0;
}

/**
 * How many episodes contenders are judged on. Windows of a recorded chain hold no chance, so that an episode beyond their number would only
 * repeat one: it is not played.
 * @param windows non-overlapping windows of the judged split, undefined where prices are simulated
 */
export function judgedEpisodes(experiment: Experiment, windows: number | undefined): number {
  const { episodes } = experiment.compare;
  return experiment.scenario.market.price.model === "listed" && windows !== undefined
    ? Math.min(episodes, windows)
    : episodes;
}

/** The split on which plain commands judge: demos and validations on test, experiments on select until `--final`. */
export function judgedSplit(experiment: Experiment, final: boolean): Split {
  return experiment.kind === "experiment" && !final ? "select" : "test";
}
