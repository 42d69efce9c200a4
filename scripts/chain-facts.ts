/**
 * Prints what docs/assumptions/{black-76,surface,listed-chains}.md say of the recorded chains, as tables.
 * npx tsx scripts/chain-facts.ts [folder of recorded data]
 */
import { join } from "node:path";
import { ListedWindows } from "../env/market/listed/windows.ts";
import type { OptionChain } from "../src/core/contracts/option-chain.ts";
import { SPLITS } from "../src/core/random.ts";
import { chainArbitrage } from "../src/data/chain-arbitrage.ts";
import { dataRoot, openData } from "../src/data/series.ts";
import {
  atmFeatures,
  correlation,
  deltaErrors,
  markErrors,
  parityResiduals,
  quantile,
} from "../test/support/chain-errors.ts";

const root = dataRoot(process.argv[2], process.env) ?? "../shared/data";
const row = (...cells: (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const short = (x: number) => x.toExponential(1);

const day = (text: string) => Date.parse(`${text}T00:00Z`) / 1000;
/** The splits of experiments/eth-2026.yaml. */
const DATES = {
  train: { from: day("2025-12-30"), to: day("2026-04-01") },
  select: { from: day("2026-04-01"), to: day("2026-05-01") },
  test: { from: day("2026-05-01"), to: day("2026-07-01") },
};
const STRADDLE = [1, -1].map((sign) => ({ sign, moneyness: 1, maturityDays: 14 }));

const chains = ["btc", "eth"].map((c) => openData(root, `deribit_${c}_chain_6h`) as OptionChain);

row(
  "chain",
  "quotes",
  "no bid",
  "no ask",
  "mark error: median",
  "99%",
  "worst",
  "parity",
  "delta",
  "corr of 30-day vol",
);
for (const chain of chains) {
  const count = (kind: string) => chain.findings.find((f) => f.kind === kind)?.count ?? 0;
  const marks = markErrors(chain);
  const { ours, theirs } = atmFeatures(chain, join(root, "options", "deribit_surface_features_6h.csv"));
  const errors = [0.5, 0.99, 1].map((p) => short(quantile(marks, p)));
  const medians = [parityResiduals(chain), deltaErrors(chain).forward].map((x) => short(quantile(x, 0.5)));
  const agreement = correlation(ours, theirs).toFixed(5);
  row(
    chain.currency,
    chain.strike.length,
    count("missing-bid"),
    count("missing-ask"),
    ...errors,
    ...medians,
    agreement,
  );
}

process.stdout.write("\n");
row("chain", "tolerance", "points", "calendar", "vertical", "butterfly", "snapshots without any");
for (const chain of chains)
  for (const tolerance of [1e-12, 2e-4]) {
    const { points, counts, snapshotsWithout, snapshots } = chainArbitrage(chain, tolerance);
    const { calendar, vertical, butterfly } = counts;
    row(chain.currency, tolerance, points, calendar, vertical, butterfly, `${snapshotsWithout} of ${snapshots}`);
  }

process.stdout.write("\n");
row("chain", "split", "windows", "without a common step", "refused", "volatilities", "of them interpolated");
for (const chain of chains)
  for (const split of SPLITS) {
    const w = new ListedWindows({ chain, split, range: DATES[split], steps: 28, legs: STRADDLE });
    row(chain.currency, split, w.start.length, w.separate, w.refused.length, w.volatilities, w.interpolated);
  }
