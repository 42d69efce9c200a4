/**
 * Prints the figures of docs/assumptions/order-flow.md and toxicity.md: `npx tsx scripts/flow-laws.ts`. Literal seeds: the same output everywhere.
 */
import { permanentVariancePerDay, shareOn, transientVariance } from "../env/market/flow-parameters.ts";
import { type FlowParameters, OrderFlow } from "../env/market/order-flow.ts";
import { episodeKey } from "../src/core/random.ts";
import { scoreEstimators, type ToxicityScoreOptions } from "../src/evaluate/toxicity-score.ts";

const FLOW: FlowParameters = {
  tradesPerHour: 240,
  branching: 0.6,
  crossShare: 0.2,
  decayMinutes: 2,
  sizeTail: 2.5,
  meanSize: 0.8,
  informationEventsPerDay: 6,
  informationMinutes: 45,
  informedTradesPerHour: 180,
  informedSize: 1.5,
  burstsPerDay: 6,
  burstMinutes: 10,
  burstTradesPerHour: 240,
  burstSize: 1.5,
  permanentBps: 0.5,
  transientBps: 1,
  transientHalfLifeMinutes: 20,
};

/** Sample moments of 200 episodes of a day. */
function laws(stepSeconds: number): string {
  const flow = new OrderFlow(1, FLOW, stepSeconds);
  const steps = 86_400 / stepSeconds;
  let [trades, informed, volume, on, squares, permanent, permanentSquares] = [0, 0, 0, 0, 0, 0, 0];
  for (let e = 0; e < 200; e++) {
    const key = episodeKey(7, "train", e);
    flow.start(0, key);
    let day = 0;
    for (let t = 0; t < steps; t++) {
      flow.advance(0, key, t);
      trades += flow.trades[0]! / 200 / 24;
      informed += flow.informedVolume[0]!;
      volume += flow.buyVolume[0]! + flow.sellVolume[0]!;
      on += flow.informationLeft[0]! > 0 ? 1 / 200 / steps : 0;
      squares += flow.transient[0]! ** 2 / 200 / steps;
      day += flow.permanent[0]!;
    }
    permanent += day / 200;
    permanentSquares += day ** 2 / 200;
  }
  const bps = (variance: number) => (1e4 * Math.sqrt(variance)).toFixed(1);
  const row = [
    stepSeconds,
    trades.toFixed(1),
    on.toFixed(3),
    (informed / volume).toFixed(3),
    bps(squares),
    (1e4 * permanent).toFixed(1),
    bps(permanentSquares),
  ];
  return `| ${row.join(" | ")} |`;
}

const SCORE: ToxicityScoreOptions = {
  flow: FLOW,
  toxicity: { bucketVolume: 16, buckets: 12, fastHalfLifeMinutes: 5, slowHalfLifeMinutes: 30 },
  stepSeconds: 60,
  episodes: 100,
  steps: 720,
  warmUpSteps: 240,
  noiseBps: 6,
  seed: 7,
};

/** One row: the AUC of each estimator with its 95% interval. */
function scores(name: string, change: Partial<ToxicityScoreOptions>): string {
  const cells = scoreEstimators({ ...SCORE, ...change }).estimators.map(({ auc, ci95 }) =>
    auc === null ? "no labels" : `${auc.toFixed(2)} (${ci95![0].toFixed(2)} to ${ci95![1].toFixed(2)})`,
  );
  return `| ${name} | ${cells.join(" | ")} |`;
}

const on = shareOn(FLOW.informationEventsPerDay, FLOW.informationMinutes);
const sdBps = (variance: number) => (1e4 * Math.sqrt(variance)).toFixed(1);
console.log(
  `closed forms: event on ${on.toFixed(3)}, sd of x ${sdBps(transientVariance(FLOW))} bps, of permanent moves in a day ${sdBps(permanentVariancePerDay(FLOW))} bps`,
);
for (const stepSeconds of [12, 60, 600, 3600]) console.log(laws(stepSeconds));
console.log(scores("as above", {}));
console.log(scores("without bursts", { flow: { ...FLOW, burstsPerDay: 0 } }));
console.log(scores("half as many informed trades", { flow: { ...FLOW, informedTradesPerHour: 90 } }));
console.log(scores("50 buckets", { toxicity: { ...SCORE.toxicity, buckets: 50 } }));
console.log(scores("buckets of 64", { toxicity: { ...SCORE.toxicity, bucketVolume: 64 } }));
console.log(scores("noise of 20 bps a step", { noiseBps: 20 }));
console.log(scores("next step's volume", { truth: "informed-volume" }));
console.log(scores("events without informed trades", { flow: { ...FLOW, informedTradesPerHour: 1e-9 } }));
