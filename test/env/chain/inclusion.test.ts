import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAIN_PRESETS } from "../../../env/chain/base-fee.ts";
import { FeeMarket } from "../../../env/chain/fee-market.ts";
import { blocksToInclusion, type InclusionParameters, inclusionProbability } from "../../../env/chain/inclusion.ts";
import { normalCdf } from "../../../src/core/normal.ts";
import { episodeKey } from "../../../src/core/random.ts";

const PARAMETERS: InclusionParameters = {
  tipGwei: 1,
  medianTipGwei: 2,
  tipLogSd: 0.8,
  congestionPower: 1.5,
  blockNoise: 0,
  maxBlocks: 1000,
};
const KEY = episodeKey(8, "train", 3);

const waits = (p: InclusionParameters, congestion: number, n: number) =>
  Array.from({ length: n }, (_, step) => blocksToInclusion(p, congestion, KEY, step));

describe("blocksToInclusion", () => {
  it("is the next block where blocks are not full, whatever the tip", () => {
    for (const tipGwei of [0, 1e-3, 1])
      for (const congestion of [0, 0.5, 1, 2])
        expect(waits({ ...PARAMETERS, tipGwei }, congestion, 200).every((n) => n === 1)).toBe(true);
  });

  it("is geometric in full blocks, with the chance that the lognormal marginal tip is below the offered one", () => {
    const p = 1 - normalCdf((Math.log(2) + 1.5 * Math.log(3 / 2)) / 0.8);
    expect(inclusionProbability(PARAMETERS, 3)).toBeCloseTo(p, 14);
    const n = 40_000;
    const sample = waits(PARAMETERS, 3, n);
    const mean = sample.reduce((a, b) => a + b, 0) / n;
    // Standard error of the mean: sqrt(1 - p) / p / sqrt(n); five of them.
    expect(Math.abs(mean - 1 / p)).toBeLessThan((5 * Math.sqrt(1 - p)) / p / Math.sqrt(n));
    for (const k of [1, 2, 5, 20]) {
      const tail = (1 - p) ** k;
      const seen = sample.filter((w) => w > k).length / n;
      expect(Math.abs(seen - tail)).toBeLessThan(5 * Math.sqrt((tail * (1 - tail)) / n));
    }
  });

  it("counts a block as full with the chance that its own demand is above what it holds", () => {
    const noisy = { ...PARAMETERS, blockNoise: 0.4 };
    // Demand 1.5 (1 + 0.4 z) is above 2 where z > 0.8333; below a full block the marginal tip has its plain median.
    const full = 1 - normalCdf(0.5 / 0.6);
    expect(inclusionProbability(noisy, 1.5)).toBeCloseTo(1 - full * normalCdf(Math.log(2) / 0.8), 12);
    expect(inclusionProbability(noisy, 0)).toBe(1);
  });

  it("never waits longer for a higher tip, nor shorter in more congestion, draw by draw", () => {
    const inputs = fc.tuple(
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.constantFrom(0, 0.4),
      fc.constantFrom(0, 0.8),
      fc.integer({ min: 0, max: 1000 }),
    );
    let waited = 0;
    fc.assert(
      fc.property(inputs, ([tipA, tipB, a, b, blockNoise, tipLogSd, step]) => {
        const p = { ...PARAMETERS, blockNoise, tipLogSd };
        const wait = (tipGwei: number, congestion: number) =>
          blocksToInclusion({ ...p, tipGwei }, congestion, KEY, step);
        const [low, high] = [Math.min(tipA, tipB), Math.max(tipA, tipB)];
        const [calm, busy] = [Math.min(a, b), Math.max(a, b)];
        if (wait(low, busy) > 1) waited++;
        return wait(high, busy) <= wait(low, busy) && wait(low, calm) <= wait(low, busy) && wait(high, calm) >= 1;
      }),
      { seed: 20260404, numRuns: 5_000 },
    );
    expect(waited).toBeGreaterThan(400);
  });

  it("waits less on average for each higher tip in full blocks", () => {
    const means = [0.5, 1, 2, 4].map((tipGwei) => {
      const sample = waits({ ...PARAMETERS, tipGwei }, 3, 4000);
      return sample.reduce((a, b) => a + b, 0) / sample.length;
    });
    for (let i = 1; i < means.length; i++) expect(means[i]!).toBeLessThan(0.8 * means[i - 1]!);
  });

  it("stops at maxBlocks where the transaction would never be included", () => {
    const hopeless = { ...PARAMETERS, tipGwei: 0, maxBlocks: 25 };
    expect(waits(hopeless, 3, 50).every((n) => n === 25)).toBe(true);
  });

  it("depends on the key and the step only", () => {
    expect(waits(PARAMETERS, 3, 50)).toEqual(waits(PARAMETERS, 3, 50));
    const other = Array.from({ length: 50 }, (_, step) => blocksToInclusion(PARAMETERS, 3, KEY + 4, step));
    expect(other).not.toEqual(waits(PARAMETERS, 3, 50));
  });
});

describe("FeeMarket.congestion", () => {
  it("is 1 where the fee clears the market, and blocks above 2 raise the base fee by its full eighth", () => {
    const demand = { medianGwei: 20, logSd: 0.6, halfLifeHours: 12, volatilityCoupling: 2, blockNoise: 0 };
    const market = new FeeMarket(1, CHAIN_PRESETS.l1, demand, 12);
    market.start(0, KEY);
    expect(market.congestion(0)).toBeCloseTo(1, 5);
    // A move of 40 standard deviations is a rush for block space: the next blocks are full.
    market.advance(0, KEY, 0, 40);
    expect(market.congestion(0)).toBeGreaterThan(2);
    let full = 0;
    for (let step = 1; step < 20; step++) {
      const [fee, crowded] = [market.baseFeeWei[0]!, market.congestion(0) > 2.1];
      market.advance(0, KEY, step, 0.8);
      if (!crowded) continue;
      full++;
      expect(market.baseFeeWei[0]! / fee).toBeCloseTo(1.125, 5);
    }
    expect(full).toBeGreaterThan(1);
  });
});

describe("The fee of a transaction whose wait varies", () => {
  const demand = { medianGwei: 20, logSd: 0.6, halfLifeHours: 12, volatilityCoupling: 0.05, blockNoise: 0.4 };

  it("is the one that a constant wait of as many blocks has, and changes nothing else", () => {
    for (const stepSeconds of [60, 600]) {
      const varying = new FeeMarket(1, CHAIN_PRESETS.l1, demand, stepSeconds);
      const constant = [1, 2, 3, 4, 5].map((n) => new FeeMarket(1, CHAIN_PRESETS.l1, demand, stepSeconds, n));
      for (const market of [varying, ...constant]) market.start(0, KEY);
      for (let step = 0; step < 100; step++) {
        const wait = 1 + (step % 5);
        varying.advance(0, KEY, step, 0.8, wait);
        for (const market of constant) market.advance(0, KEY, step, 0.8);
        expect(varying.includedFeeWei[0]).toBe(constant[wait - 1]!.includedFeeWei[0]);
        expect(varying.baseFeeWei[0]).toBe(constant[0]!.baseFeeWei[0]);
      }
    }
  });

  it("is that of the step's last block where the wait is longer than the step", () => {
    const market = new FeeMarket(1, CHAIN_PRESETS.l1, demand, 60);
    market.start(0, KEY);
    for (let step = 0; step < 50; step++) {
      market.advance(0, KEY, step, 0.8, 1000);
      expect(market.includedFeeWei[0]).toBe(market.baseFeeWei[0]);
    }
  });
});
