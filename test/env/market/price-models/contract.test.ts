import { describe, expect, it } from "vitest";
import {
  makePriceModel,
  type PriceModel,
  type PriceModelConfig,
} from "../../../../env/market/price-models/price-model.ts";
import { STREAM } from "../../../../env/market/streams.ts";
import { ConfigError } from "../../../../src/core/errors.ts";
import { IndexedRandom } from "../../../../src/core/random.ts";

const variance = {
  drift: 0.1,
  initialVolatility: 0.5,
  longRunVolatility: 0.7,
  reversionPerYear: 4,
  volOfVol: 1.5,
  correlation: -0.3,
};
const configs: readonly PriceModelConfig[] = [
  { model: "gbm", drift: 0.1, volatility: 0.6 },
  { model: "heston", ...variance },
  { model: "bates", ...variance, jumpsPerYear: 200, jumpMean: -0.02, jumpSd: 0.05 },
  {
    model: "regime-switching",
    drift: 0.1,
    regimes: [
      { name: "calm", volatility: 0.3, meanHours: 12 },
      { name: "normal", volatility: 0.6, meanHours: 6 },
      { name: "stress", volatility: 1.4, meanHours: 3 },
    ],
  },
];
const DT = 1 / 365;

/** All that is published of environment b, and what it expects of the next month. */
function state(model: PriceModel, b: number): number[] {
  return [model.shock[b]!, model.stepSd[b]!, model.volatility[b]!, model.expectedVolatility(b, 1 / 12)];
}

describe.each(configs.map((config) => [config.model, config] as const))("the price model %s", (_, config) => {
  it("depends on the key alone: not on the batch, the slot, or on what others drew", () => {
    const alone = makePriceModel(config, 1, DT);
    const among = makePriceModel(config, 5, DT);
    alone.start(0, 1234);
    for (let b = 0; b < 5; b++) among.start(b, b === 3 ? 1234 : 99 * b);
    for (let step = 0; step < 40; step++) {
      for (let b = 0; b < 5; b++) if (b !== 3 && (step + b) % 2 === 0) among.advance(b, 99 * b, step);
      expect(among.advance(3, 1234, step)).toBe(alone.advance(0, 1234, step));
      expect(state(among, 3)).toEqual(state(alone, 0));
    }
  });

  it("starts afresh whatever was played before", () => {
    const used = makePriceModel(config, 1, DT);
    const fresh = makePriceModel(config, 1, DT);
    used.start(0, 7);
    for (let step = 0; step < 30; step++) used.advance(0, 7, step);
    used.start(0, 8);
    fresh.start(0, 8);
    expect(used.shock[0]).toBe(0);
    expect(state(used, 0)).toEqual(state(fresh, 0));
    for (let step = 0; step < 10; step++) expect(used.advance(0, 8, step)).toBe(fresh.advance(0, 8, step));
  });

  it("goes on bit for bit from its saved arrays", () => {
    const model = makePriceModel(config, 3, DT);
    for (let b = 0; b < 3; b++) model.start(b, b);
    for (let step = 0; step < 20; step++) for (let b = 0; b < 3; b++) model.advance(b, b, step);
    const saved = Object.entries(model.arrays()).map(([name, array]) => [name, array.slice()] as const);
    const other = makePriceModel(config, 3, DT);
    for (let b = 0; b < 3; b++) other.start(b, 50 + b);
    const targets = other.arrays();
    for (const [name, array] of saved) targets[name]!.set(array);
    for (let b = 0; b < 3; b++) expect(state(other, b)).toEqual(state(model, b));
    for (let step = 20; step < 40; step++)
      for (let b = 0; b < 3; b++) expect(other.advance(b, b, step)).toBe(model.advance(b, b, step));
    for (let b = 0; b < 3; b++) expect(state(other, b)).toEqual(state(model, b));
  });

  it("gives other paths to other keys, and finite numbers only", () => {
    const model = makePriceModel(config, 2, DT);
    model.start(0, 1);
    model.start(1, 5);
    for (let step = 0; step < 500; step++) {
      expect(model.advance(0, 1, step)).not.toBe(model.advance(1, 5, step));
      expect(state(model, 0).every(Number.isFinite)).toBe(true);
    }
  });
});

describe("geometric Brownian motion", () => {
  it("has returns (drift - volatility²/2) dt + volatility sqrt(dt) z of the price stream, to the bit", () => {
    const model = makePriceModel({ model: "gbm", drift: 0.3, volatility: 0.8 }, 1, DT);
    model.start(0, 4321);
    expect(model.stepSd[0]).toBe(0.8 * Math.sqrt(DT));
    for (let step = 0; step < 100; step++) {
      const z = IndexedRandom.normal(4321, step, STREAM.price);
      expect(model.advance(0, 4321, step)).toBe((0.3 - 0.5 * 0.8 * 0.8) * DT + 0.8 * Math.sqrt(DT) * z);
      expect(model.shock[0]).toBe(z);
    }
    expect(model.expectedVolatility(0, 2)).toBe(0.8);
  });
});

describe("refusals", () => {
  const heston = { model: "heston", ...variance } as const;
  const bates = configs[2] as Extract<PriceModelConfig, { model: "bates" }>;
  const regimes = configs[3] as Extract<PriceModelConfig, { model: "regime-switching" }>;
  const withRegime = (change: object) => ({
    ...regimes,
    regimes: [regimes.regimes[0]!, { ...regimes.regimes[1]!, ...change }, regimes.regimes[2]!],
  });
  it.each<[PriceModelConfig, string]>([
    [{ model: "gbm", drift: 0, volatility: -0.1 }, "volatility"],
    [{ model: "gbm", drift: Number.NaN, volatility: 0.1 }, "drift"],
    [{ model: "gbm", drift: 0, volatility: 60 }, "volatility"],
    [{ ...heston, initialVolatility: -1 }, "initialVolatility"],
    [{ ...heston, longRunVolatility: 0 }, "longRunVolatility"],
    [{ ...heston, reversionPerYear: 0 }, "reversionPerYear"],
    [{ ...heston, correlation: -1.2 }, "correlation"],
    [{ ...heston, volOfVol: Number.POSITIVE_INFINITY }, "volOfVol"],
    [{ ...heston, volOfVol: 900, correlation: 1, reversionPerYear: 365 }, "volOfVol"],
    [{ ...bates, jumpsPerYear: -3 }, "jumpsPerYear"],
    [{ ...bates, jumpSd: -0.1 }, "jumpSd"],
    [{ ...bates, jumpMean: 3 }, "jumpsPerYear"],
    [{ ...regimes, regimes: [] }, "regimes.length"],
    [withRegime({ volatility: 0 }), "regimes[1].volatility"],
    [withRegime({ meanHours: 0 }), "regimes[1].meanHours"],
    [withRegime({ meanHours: 0.1 }), "regimes[1].meanHours"],
    [withRegime({ next: [0.5, 0, 0.6] }), "regimes[1].next"],
    [withRegime({ next: [0.5, 0.5, 0] }), "regimes[1].next"],
    [withRegime({ next: [1, 0] }), "regimes[1].next"],
    [withRegime({ next: [1.5, 0, -0.5] }), "regimes[1].next"],
  ])("refuses %o naming %s", (config, field) => {
    const make = () => makePriceModel(config, 1, DT);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(
      expect.objectContaining({ which: `scenario.market.price.${field}`, fix: expect.stringMatching(/\.$/) }),
    );
  });

  it("refuses regimes that never meet", () => {
    const [a, b] = regimes.regimes as [never, never];
    const four = [a, b, a, b].map((r: object, i) => ({ ...r, next: [0, 1, 2, 3].map((j) => (j === (i ^ 1) ? 1 : 0)) }));
    expect(() => makePriceModel({ ...regimes, regimes: four as never }, 1, DT)).toThrow(/never meet/);
  });
});
