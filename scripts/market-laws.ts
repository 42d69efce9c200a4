/**
 * Prints the figures of docs/assumptions: `npx tsx scripts/market-laws.ts`. Literal seeds: the same output everywhere.
 */
import { CHAIN_PRESETS } from "../env/chain/base-fee.ts";
import { FeeMarket } from "../env/chain/fee-market.ts";
import { PART, PART_COUNT } from "../env/tasks/rebalance/ledger.ts";
import { RebalanceEnv } from "../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario } from "../env/tasks/rebalance/scenario.ts";
import { INTENT_WIDTH, writeTrade } from "../src/core/contracts/intent.ts";
import { episodeKey, IndexedRandom } from "../src/core/random.ts";

const mean = (x: readonly number[]) => x.reduce((a, v) => a + v, 0) / x.length;
const sd = (x: readonly number[]) => {
  const m = mean(x);
  return Math.sqrt(mean(x.map((v) => (v - m) ** 2)));
};

/** Base fees of 400 episodes of two days with the schema's defaults for L1. */
function fees(stepSeconds: number): string {
  const demand = { medianGwei: 20, logSd: 0.6, halfLifeHours: 12, volatilityCoupling: 0.05, blockNoise: 0.4 };
  const market = new FeeMarket(1, CHAIN_PRESETS.l1, demand, stepSeconds);
  const perHour = 3600 / stepSeconds;
  const [levels, changes, sizes]: number[][] = [[], [], []];
  for (let e = 0; e < 400; e++) {
    const key = episodeKey(7, "train", e);
    market.start(0, key);
    let last = Math.log(market.baseFeeWei[0]! / 1e9);
    for (let h = 0; h < 48; h++) {
      let size = 0;
      for (let step = h * perHour; step < (h + 1) * perHour; step++) {
        const z = Math.abs(IndexedRandom.normal(key, step, 0));
        size += z;
        market.advance(0, key, step, z);
      }
      const now = Math.log(market.baseFeeWei[0]! / 1e9);
      changes!.push(now - last);
      sizes!.push(size);
      last = now;
    }
    levels!.push(last);
  }
  const [mc, ms] = [mean(changes!), mean(sizes!)];
  const correlation = mean(changes!.map((c, i) => (c - mc) * (sizes![i]! - ms))) / (sd(changes!) * sd(sizes!));
  const median = Math.exp([...levels!].sort((a, b) => a - b)[200]!);
  return `| ${stepSeconds} | ${median.toFixed(1)} | ${sd(levels!).toFixed(2)} | ${sd(changes!).toFixed(3)} | ${correlation.toFixed(2)} |`;
}

/** Residual of the attribution for one day of a short weekly straddle, rehedged every hour to delta 0. */
function residual(stepSeconds: number): string {
  const scenario = parseScenario({
    name: "residual",
    market: { price: { model: "gbm", initial: 2000, volatility: 0.6 } },
    book: {
      legs: [
        { type: "call", quantity: -5, maturityDays: 7 },
        { type: "put", quantity: -5, maturityDays: 7 },
      ],
    },
    account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
    slots: [{ name: "spot", kind: "spot" }],
    maturityDays: 1,
    stepSeconds,
    decisionInterval: "1h",
    terminal: "mark",
  });
  const numEnvs = 200;
  const env = new RebalanceEnv({ scenario, numEnvs, split: "test", seed: 1, autoresetMode: "disabled" });
  env.reset({ seed: 1 });
  const intents = new Float64Array(numEnvs * INTENT_WIDTH);
  while (env.finished[0] === 0) {
    for (let b = 0; b < numEnvs; b++)
      writeTrade(intents, b * INTENT_WIDTH, 0, -env.features[b * env.extractor.width + 1]! * env.context.bookSize);
    env.step(intents);
  }
  let [left, gross] = [0, 0];
  for (let b = 0; b < numEnvs; b++) {
    const parts = env.ledger.attribution.subarray(b * PART_COUNT, (b + 1) * PART_COUNT);
    left += Math.abs(parts[PART.residual]!);
    gross += parts.reduce((a, p) => a + Math.abs(p), 0);
  }
  return `| ${stepSeconds} | ${((100 * left) / gross).toFixed(3)}% |`;
}

const lines = [
  "| step, s | median, gwei | sd of log fee | sd of hourly log change | correlation with absolute returns |",
  "|---|---|---|---|---|",
  ...[12, 60, 600, 1800].map(fees),
  "",
  "| step, s | mean absolute residual / mean gross P&L of a day |",
  "|---|---|",
  ...[60, 600, 3600].map(residual),
];
process.stdout.write(`${lines.join("\n")}\n`);
