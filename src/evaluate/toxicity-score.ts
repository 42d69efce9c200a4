import { type FlowParameters, OrderFlow } from "../../env/market/order-flow.ts";
import { ToxicityEstimators, type ToxicityParameters } from "../../env/market/toxicity.ts";
import { ConfigError, ContractError, expectLength } from "../core/errors.ts";
import { deriveSeed, episodeKey, IndexedRandom, Random } from "../core/random.ts";
import { percentileInterval } from "./statistics/quantile.ts";

/**
 * Area under the ROC curve: the chance that a positive has a higher score than a negative, ties counted half (Mann and Whitney, 1947).
 * @param score [N]
 * @param label [N], 0 or 1
 * @throws ContractError for unequal lengths, scores that are NaN, or labels of one class only
 */
export function auc(score: Float64Array, label: Uint8Array): number {
  expectLength(label, score.length, "label");
  const value = weightedAuc(score, label, ascending(score), undefined, undefined);
  if (Number.isNaN(value))
    throw new ContractError("The labels are all of one class: an AUC needs both.", {
      which: "label",
      value: label.length === 0 ? "no labels" : `only ${label[0]}`,
      fix: "Score a sample that holds positives and negatives.",
    });
  return value;
}

/** The estimators that are scored; imbalances by their size. */
export const SCORED_ESTIMATORS = ["vpin", "vpinBulk", "imbalanceFast", "imbalanceSlow", "kyleLambda"] as const;
export type ScoredEstimator = (typeof SCORED_ESTIMATORS)[number];

/**
 * The ground truth after each step, known to the simulator only:
 * - `event-on`: an information event lasts, and somebody trades on it (the state that a trader wants to know);
 * - `informed-volume`: at least half of the next step's volume is informed. Steps before one without trades are left out.
 */
export type ToxicityTruth = "event-on" | "informed-volume";

export interface ToxicityScoreOptions {
  readonly flow: FlowParameters;
  readonly toxicity: ToxicityParameters;
  readonly stepSeconds: number;
  readonly episodes: number;
  /** Scored steps of an episode, after the warm-up. */
  readonly steps: number;
  /** Steps before the first that is scored, while estimators fill. */
  readonly warmUpSteps: number;
  /** Standard deviation of the efficient price's other moves in a step, bps. */
  readonly noiseBps: number;
  readonly seed: number;
  /** `event-on` unless told. */
  readonly truth?: ToxicityTruth;
  /** Resamples of episodes; 400 unless told. */
  readonly resamples?: number;
}

export interface EstimatorScore {
  readonly estimator: ScoredEstimator;
  /** 0.5 = no better than chance; null where the labels are of one class. */
  readonly auc: number | null;
  /** 95% percentile interval of a bootstrap over episodes (Efron, 1979); null where no resample holds both classes. */
  readonly ci95: readonly [number, number] | null;
}

export interface ToxicityScore {
  readonly truth: ToxicityTruth;
  readonly observations: number;
  readonly positives: number;
  /** Why there is no score; absent where there is one. */
  readonly reason?: string;
  readonly estimators: readonly EstimatorScore[];
}

/** Index of the price noise's draws; flow takes 4096 to 36871 (env/market/order-flow.ts). */
const NOISE_STREAM = 1;

/**
 * Runs a market of order flow and price noise and scores every estimator of toxicity against the ground truth. Larger is read as more toxic.
 * @throws ConfigError for counts that are no whole numbers of at least 1 (warm-up: 0), fewer than 2 episodes, or parameters out of range
 */
export function scoreEstimators(options: ToxicityScoreOptions): ToxicityScore {
  checkCounts(options);
  const { episodes, seed, resamples = 400, truth = "event-on" } = options;
  const sample = simulate(options, truth);
  let positives = 0;
  for (const l of sample.label) positives += l;
  const observations = sample.label.length;
  const head = { truth, observations, positives };
  if (positives === 0 || positives === observations)
    return {
      ...head,
      reason:
        positives === 0
          ? "No step is labelled toxic: this market has no informed flow, so there is nothing to detect."
          : "Every step is labelled toxic: there is nothing to tell apart.",
      estimators: SCORED_ESTIMATORS.map((estimator) => ({ estimator, auc: null, ci95: null })),
    };
  const draws = resampledCounts(episodes, resamples, seed);
  return {
    ...head,
    estimators: SCORED_ESTIMATORS.map((estimator, j) => {
      const score = sample.scores[j]!;
      const order = ascending(score);
      const values = draws
        .map((counts) => weightedAuc(score, sample.label, order, sample.episode, counts))
        // A resample of episodes without any event has no AUC.
        .filter((v) => !Number.isNaN(v));
      return {
        estimator,
        auc: weightedAuc(score, sample.label, order, undefined, undefined),
        ci95: values.length === 0 ? null : percentileInterval(Float64Array.from(values)),
      };
    }),
  };
}

interface Sample {
  readonly label: Uint8Array;
  readonly episode: Int32Array;
  /** One array for each of {@link SCORED_ESTIMATORS}. */
  readonly scores: readonly Float64Array[];
}

function simulate(o: ToxicityScoreOptions, truth: ToxicityTruth): Sample {
  const flow = new OrderFlow(1, o.flow, o.stepSeconds);
  const estimators = new ToxicityEstimators(1, o.toxicity, o.stepSeconds);
  const seedWord = deriveSeed(o.seed, "toxicity-score");
  const label = new Uint8Array(o.episodes * o.steps);
  const episode = new Int32Array(label.length);
  const scores = SCORED_ESTIMATORS.map(() => new Float64Array(label.length));
  let n = 0;
  for (let e = 0; e < o.episodes; e++) {
    const key = episodeKey(seedWord, "test", e);
    flow.start(0, key);
    estimators.start(0);
    let x = flow.transient[0]!;
    const last = o.warmUpSteps + o.steps;
    // One step more than is scored: the label may look one step ahead.
    for (let t = 0; t <= last; t++) {
      flow.advance(0, key, t);
      const volume = flow.buyVolume[0]! + flow.sellVolume[0]!;
      if (truth === "informed-volume" && t > o.warmUpSteps && volume > 0) {
        label[n] = flow.informedVolume[0]! >= volume / 2 ? 1 : 0;
        episode[n++] = e;
      }
      if (t === last) break;
      const noise = o.noiseBps * 1e-4 * IndexedRandom.normal(key, t, NOISE_STREAM);
      estimators.step(0, flow.buyVolume[0]!, flow.sellVolume[0]!, flow.permanent[0]! + flow.transient[0]! - x + noise);
      x = flow.transient[0]!;
      if (t < o.warmUpSteps) continue;
      for (let j = 0; j < scores.length; j++) {
        const value = estimators[SCORED_ESTIMATORS[j]!][0]!;
        // Toxic flow of either direction counts; lambda is a size already.
        scores[j]![n] = SCORED_ESTIMATORS[j] === "kyleLambda" ? value : Math.abs(value);
      }
      if (truth === "event-on") {
        label[n] = flow.informationLeft[0]! > 0 && o.flow.informedTradesPerHour > 0 ? 1 : 0;
        episode[n++] = e;
      }
    }
  }
  return { label: label.subarray(0, n), episode: episode.subarray(0, n), scores: scores.map((s) => s.subarray(0, n)) };
}

/** How often each episode is drawn in each resample, the same for every estimator. */
function resampledCounts(episodes: number, resamples: number, seed: number): Int32Array[] {
  const random = new Random(seed, "toxicity-score/bootstrap");
  return Array.from({ length: resamples }, () => {
    const counts = new Int32Array(episodes);
    for (let i = 0; i < episodes; i++) counts[random.integer(episodes)]!++;
    return counts;
  });
}

/** Indices in order of rising score. */
function ascending(score: Float64Array): Int32Array {
  for (let i = 0; i < score.length; i++)
    if (Number.isNaN(score[i]!))
      throw new ContractError("A score is not a number.", {
        which: `score[${i}]`,
        value: score[i],
        fix: "Leave it out.",
      });
  return Int32Array.from(score.keys()).sort((i, j) => score[i]! - score[j]!);
}

/** AUC where observation i counts `counts[group[i]]` times (once without groups); NaN where a class is empty. */
function weightedAuc(
  score: Float64Array,
  label: Uint8Array,
  order: Int32Array,
  group: Int32Array | undefined,
  counts: Int32Array | undefined,
): number {
  let [positives, negatives, wins] = [0, 0, 0];
  for (let i = 0; i < order.length; ) {
    const value = score[order[i]!]!;
    let [tiedPositives, tiedNegatives] = [0, 0];
    for (; i < order.length && score[order[i]!] === value; i++) {
      const at = order[i]!;
      const weight = group === undefined ? 1 : counts![group[at]!]!;
      if (label[at] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
    }
    wins += tiedPositives * (negatives + tiedNegatives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
  }
  return wins / (positives * negatives);
}

function checkCounts(o: ToxicityScoreOptions): void {
  for (const [name, least] of [
    ["episodes", 2],
    ["steps", 1],
    ["warmUpSteps", 0],
    ["resamples", 1],
  ] as const) {
    const value = name === "resamples" ? (o.resamples ?? 400) : o[name];
    if (!Number.isInteger(value) || value < least)
      throw new ConfigError(`"${name}" is out of range.`, {
        which: name,
        value,
        fix: `Give a whole number of at least ${least}.`,
      });
  }
  if (!(o.noiseBps >= 0))
    throw new ConfigError('"noiseBps" is out of range.', {
      which: "noiseBps",
      value: o.noiseBps,
      fix: "Give a number of 0 or more.",
    });
}
