/**
 * A rule of your own against tuned ones, on the same episodes: rebalance fully when delta leaves a band; while gas is at twice its daily
 * average or more, the band is three times as wide.
 */
import { readFileSync } from "node:fs";
import {
  Arena,
  comparePlayed,
  createBaseline,
  experimentSchema,
  featureIndex,
  INTENT_WIDTH,
  loadConfig,
  type PlayedContender,
  type Policy,
  type PolicyContext,
  tuneBaseline,
  writeTrade,
} from "greekgym";

function patientRule(context: PolicyContext, halfWidth: number): Policy {
  const at = featureIndex(context.schema);
  const [delta, unitDelta, feeTrend] = [at.delta!, at.slot0_unit_delta!, at.base_fee_slow!];
  const width = context.schema.features.length;
  const intentWidth = context.slots.length * INTENT_WIDTH;
  return {
    id: "patient",
    memoryWidth: 0,
    maskWidth: 0,
    requires: ["delta", "slot0_unit_delta", "base_fee_slow"],
    decide(batch, features, _available, _memory, _mask, out) {
      out.fill(0);
      for (let b = 0; b < batch; b++) {
        const row = b * width;
        const exposure = features[row + delta]!;
        const gasIsDear = features[row + feeTrend]! > Math.log(2);
        if (Math.abs(exposure) <= halfWidth * (gasIsDear ? 3 : 1)) continue;
        // Exposures are stated for one unit of book; intents are in units of the instrument.
        writeTrade(out, b * intentWidth, 0, (-exposure * context.bookSize) / features[row + unitDelta]!);
      }
    },
  };
}

const episodes = Number(process.argv[2] ?? 2000);
const trials = Number(process.argv[3] ?? 150);
const path = "experiments/quickstart.yaml";
const { value: experiment } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
const clock = { monotonicSeconds: () => performance.now() / 1000, wallMilliseconds: () => Date.now() };
const series = {};

const train = new Arena(experiment, "train", 1, { series });
const arena = new Arena(experiment, "select", 1, { series });
const { context } = arena.env;
const played: PlayedContender[] = [
  {
    id: "patient",
    kind: "learned",
    tuned: false,
    params: { halfWidth: 0.15 },
    budget: { steps: 0, trials: 1, coreSeconds: 0 },
    tables: [arena.play(patientRule(context, 0.15), 0, episodes)],
  },
];
// The opponents are tuned on the train split; leave none out because it is strong.
for (const id of ["delta-band", "interval", "composite"]) {
  const budget = { episodes: Math.min(episodes, 500), trials };
  const { params, budget: spent } = tuneBaseline(train, experiment, id, clock, budget);
  const tables = [arena.play(createBaseline(id, params, context), 0, episodes)];
  played.push({ id, kind: "baseline", tuned: true, params, budget: spent, tables });
}
const { contenders, verdict } = comparePlayed({ experiment, series, split: "select", seed: 1, played, testTouches: 0 });
for (const c of contenders) console.log(`${c.id}: ${c.objective.toFixed(1)} bps of notional`);
console.log(`${verdict.value}: ${verdict.sentence}`);
