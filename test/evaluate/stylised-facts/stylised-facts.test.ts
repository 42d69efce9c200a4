import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePriceModel, type PriceModelConfig } from "../../../env/market/price-models/price-model.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { openData, readFeeSeries } from "../../../src/data/series.ts";
import type { FactsSample } from "../../../src/evaluate/stylised-facts/facts-sample.ts";
import { stylisedFacts } from "../../../src/evaluate/stylised-facts/stylised-facts.ts";
import { longMemory, made, poisson, student } from "./made.ts";

const DATA = process.env.GREEKGYM_DATA ?? "../shared/data";
const SET = "btc_perp_1m_20211231-20220201";
const FILE = join(DATA, "series", `${SET}.csv.gz`);
const recorded = existsSync(FILE);
if (!recorded) process.stdout.write(`skipped: the facts of recorded bitcoin need ${FILE}\n`);

const EPISODES = 24;
const STEPS = 2000;
const zip = (a: Float64Array[], b: Float64Array[], f: (x: number, y: number) => number) =>
  a.map((x, e) => x.map((v, i) => f(v, b[e]![i]!)));

/** A market with every fact built in: Student returns times a slow long-memory volatility that volume and trades share. */
function lively(): FactsSample {
  const volatility = made(EPISODES, STEPS, longMemory(0.15), 11).map((x) => x.map((v) => Math.exp(0.6 * v)));
  const random = new Random(12, "test/facts");
  return {
    stepSeconds: 300,
    returns: zip(volatility, made(EPISODES, STEPS, student(4), 13), (s, z) => 0.001 * s * z),
    volume: volatility.map((x) => x.map((v) => 10 * v * Math.exp(0.3 * random.normal()))),
    signedVolume: made(EPISODES, STEPS, longMemory(0.5), 14),
    trades: zip(volatility, made(EPISODES, STEPS, poisson(4), 15), (s, n) => Math.round(s * n)),
    metaorders: Array.from({ length: 6000 }, () => {
      const size = Math.exp(random.normal());
      return { size, move: Math.sqrt(size) + random.normal() };
    }),
  };
}

/** Independent normal returns, constant volume, coin-flip flow, Poisson trades: no fact holds. */
function dull(): FactsSample {
  const normal = (random: Random) => () => random.normal();
  return {
    stepSeconds: 60,
    returns: made(EPISODES, STEPS, normal, 21),
    volume: made(EPISODES, STEPS, (random) => () => 1 + random.uniform(), 22),
    signedVolume: made(EPISODES, STEPS, normal, 23),
    trades: made(EPISODES, STEPS, poisson(4), 24),
  };
}

const verdicts = (sample: FactsSample) =>
  Object.fromEntries(stylisedFacts(sample).map((row) => [row.fact, row.passed]));

describe("the table of stylised facts", () => {
  it("passes where every fact was built in", () => {
    expect(verdicts(lively())).toEqual({
      "autocorrelation of returns at lag 1": null,
      "no autocorrelation of returns": true,
      "power-law tails": true,
      "heavy tails": true,
      "aggregational normality": true,
      "volatility clusters": true,
      "memory of volatility decays as a power": true,
      "leverage effect": null,
      "volume and volatility go together": true,
      "order flow persists": true,
      "long memory of order flow": null,
      "square-root impact": true,
      "trades cluster": true,
    });
  });

  it("fails where none was, but for the absence of autocorrelation, and says nothing where it has nothing", () => {
    expect(verdicts(dull())).toEqual({
      "autocorrelation of returns at lag 1": null,
      "no autocorrelation of returns": true,
      "power-law tails": false,
      "heavy tails": false,
      "aggregational normality": null,
      "volatility clusters": false,
      "memory of volatility decays as a power": null,
      "leverage effect": null,
      "volume and volatility go together": false,
      "order flow persists": false,
      "long memory of order flow": null,
      "square-root impact": null,
      "trades cluster": false,
    });
  });

  it("fails returns that foretell the next", () => {
    const base = lively();
    const returns = base.returns.map((x) => x.map((v, i) => v + (i < 3 ? 0 : 0.4 * x[i - 3]!)));
    expect(verdicts({ ...base, returns })["no autocorrelation of returns"]).toBe(false);
  });

  it("sums short steps to five minutes and says so", () => {
    const rows = stylisedFacts(dull());
    expect(rows.find((row) => row.fact === "heavy tails")?.estimator).toContain("5-minute");
    expect(rows.find((row) => row.fact === "order flow persists")?.estimator).toContain("60 s");
    const hourly = stylisedFacts({ ...dull(), stepSeconds: 3600 });
    expect(hourly.find((row) => row.fact === "heavy tails")?.estimator).toContain("60-minute");
  });

  it("refuses arrays that do not belong together and numbers that are not finite, naming the place", () => {
    const base = dull();
    const bad = base.returns.map((x) => x.slice());
    bad[2]![7] = Number.NaN;
    for (const [sample, which] of [
      [{ ...base, stepSeconds: 0 }, "stepSeconds"],
      [{ ...base, trades: base.trades.slice(1) }, "trades"],
      [{ ...base, volume: base.volume.map((x, i) => (i === 4 ? x.slice(1) : x)) }, "volume[4]"],
      [{ ...base, returns: bad }, "returns[2][7]"],
    ] as const) {
      expect(() => stylisedFacts(sample)).toThrow(ContractError);
      expect(() => stylisedFacts(sample)).toThrow(expect.objectContaining({ which }));
    }
  });
});

describe("the facts of simulated prices", () => {
  const FIVE_MINUTES = 300 / (365 * 86_400);
  const prices = (config: PriceModelConfig): FactsSample => {
    const model = makePriceModel(config, 1, FIVE_MINUTES);
    const returns = Array.from({ length: 20 }, (_, key) => {
      model.start(0, 4 * key + 1);
      return Float64Array.from({ length: 5000 }, (_, step) => model.advance(0, 4 * key + 1, step));
    });
    const none = returns.map((x) => new Float64Array(x.length));
    return { stepSeconds: 300, returns, volume: none, signedVolume: none, trades: none };
  };
  const regime = (volatility: number, meanHours: number) => ({ name: `${meanHours} h`, volatility, meanHours });

  it("hold for regimes of hours to days, and not for geometric Brownian motion", () => {
    const regimes = [regime(0.35, 36), regime(0.6, 12), regime(1, 4), regime(2, 1)];
    expect(verdicts(prices({ model: "regime-switching", drift: 0, regimes }))).toMatchObject({
      "no autocorrelation of returns": true,
      "power-law tails": true,
      "heavy tails": true,
      "aggregational normality": true,
      "volatility clusters": true,
      "memory of volatility decays as a power": true,
    });
    expect(verdicts(prices({ model: "gbm", drift: 0, volatility: 0.6 }))).toMatchObject({
      "no autocorrelation of returns": true,
      "power-law tails": false,
      "heavy tails": false,
      "aggregational normality": null,
      "volatility clusters": false,
      "memory of volatility decays as a power": null,
    });
  });
});

describe.skipIf(!recorded)("recorded bitcoin, January 2022, days as episodes", () => {
  const sample = (): FactsSample => {
    const close = openData(DATA, SET).values;
    const volume = readFeeSeries(FILE, { timeColumn: "timestamp", valueColumn: "volume", unit: "usd" }).values;
    const day = 1440;
    const days = Array.from({ length: Math.floor((close.length - 1) / day) }, (_, d) => d * day);
    const none = days.map(() => new Float64Array(day));
    return {
      stepSeconds: 60,
      returns: days.map((at) =>
        Float64Array.from({ length: day }, (_, i) => Math.log(close[at + i + 1]! / close[at + i]!)),
      ),
      volume: days.map((at) => Float64Array.from(volume.subarray(at + 1, at + 1 + day))),
      signedVolume: none,
      trades: none,
    };
  };

  it("shows Cont's facts at the values of an independent computation, and none of the leverage of stocks", () => {
    // Computed again from the file by plain loops in Python, each estimator as its row says.
    const rows = new Map(stylisedFacts(sample()).map((row) => [row.fact, row]));
    for (const [fact, want, passed] of [
      ["autocorrelation of returns at lag 1", -0.0234744884, null],
      ["no autocorrelation of returns", 0.0562898534, true],
      ["power-law tails", 2.8714671837, true],
      ["heavy tails", 14.3533247098, true],
      ["aggregational normality", 0.3377380502, true],
      ["volatility clusters", 0.0976828338, true],
      ["memory of volatility decays as a power", 0.2539328844, true],
      ["volume and volatility go together", 0.6245214618, true],
    ] as const) {
      expect(rows.get(fact)!.value, fact).toBeCloseTo(want, 8);
      expect(rows.get(fact)!.passed, fact).toBe(passed);
    }
    const leverage = rows.get("leverage effect")!;
    expect(Math.abs(leverage.value!)).toBeLessThan(0.05);
    for (const fact of ["order flow persists", "square-root impact", "trades cluster"])
      expect(rows.get(fact)).toMatchObject({ value: null, passed: null });
  });
});
