import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FlowParameters } from "../../env/market/order-flow.ts";
import { ConfigError, ContractError } from "../../src/core/errors.ts";
import { Random } from "../../src/core/random.ts";
import {
  auc,
  SCORED_ESTIMATORS,
  scoreEstimators,
  type ToxicityScoreOptions,
} from "../../src/evaluate/toxicity-score.ts";

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
  permanentBps: 2,
  transientBps: 2,
  transientHalfLifeMinutes: 20,
};
const OPTIONS: ToxicityScoreOptions = {
  flow: FLOW,
  toxicity: { bucketVolume: 16, buckets: 12, fastHalfLifeMinutes: 5, slowHalfLifeMinutes: 30 },
  stepSeconds: 60,
  episodes: 30,
  steps: 360,
  warmUpSteps: 120,
  noiseBps: 4,
  seed: 20260512,
};

describe("auc", () => {
  it("is 1 for a perfect score, 0 for its opposite, 1/2 for a constant one", () => {
    const label = Uint8Array.of(0, 1, 0, 1, 1);
    expect(auc(Float64Array.from(label), label)).toBe(1);
    expect(
      auc(
        Float64Array.from(label, (v) => -v),
        label,
      ),
    ).toBe(0);
    expect(auc(new Float64Array(5).fill(3), label)).toBe(0.5);
  });

  it("is near 1/2 for a random score", () => {
    const n = 20_000;
    const random = new Random(20260513, "auc");
    const score = Float64Array.from({ length: n }, () => random.uniform());
    const label = Uint8Array.from({ length: n }, () => random.integer(2));
    // The variance of Mann and Whitney's statistic is about 1 / (3 n) for classes of equal size.
    expect(Math.abs(auc(score, label) - 0.5)).toBeLessThan(4 / Math.sqrt(3 * n));
  });

  it("is the share of pairs in which the positive scores higher, ties half, and does not change under rising transforms", () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.boolean()), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rows, (sample) => {
        const positive = sample.filter((r) => r[1]).map((r) => r[0]);
        const negative = sample.filter((r) => !r[1]).map((r) => r[0]);
        fc.pre(positive.length > 0 && negative.length > 0);
        let wins = 0;
        for (const p of positive) for (const q of negative) wins += p > q ? 1 : p === q ? 0.5 : 0;
        const label = Uint8Array.from(sample, (r) => Number(r[1]));
        const expected = wins / positive.length / negative.length;
        expect(
          auc(
            Float64Array.from(sample, (r) => r[0]),
            label,
          ),
        ).toBeCloseTo(expected, 12);
        expect(
          auc(
            Float64Array.from(sample, (r) => Math.exp(r[0])),
            label,
          ),
        ).toBeCloseTo(expected, 12);
      }),
      { seed: 20260514, numRuns: 300 },
    );
  });

  it("refuses labels of one class, no labels, other lengths and scores that are NaN", () => {
    expect(() => auc(Float64Array.of(1, 2), Uint8Array.of(1, 1))).toThrow("all of one class");
    expect(() => auc(new Float64Array(0), new Uint8Array(0))).toThrow(ContractError);
    expect(() => auc(Float64Array.of(1, 2), Uint8Array.of(1))).toThrow(ContractError);
    expect(() => auc(Float64Array.of(1, Number.NaN), Uint8Array.of(0, 1))).toThrow("score[1]");
  });
});

describe("scoreEstimators", () => {
  const scored = scoreEstimators(OPTIONS);
  const of = (score: typeof scored, name: string) => score.estimators.find((e) => e.estimator === name)!;

  it("finds that every estimator detects informed flow: AUC above 0.55 for VPIN, all intervals above chance", () => {
    expect(scored.observations).toBe(30 * 360);
    expect(scored.positives).toBeGreaterThan(1000);
    expect(scored.reason).toBeUndefined();
    expect(scored.estimators.map((e) => e.estimator)).toEqual([...SCORED_ESTIMATORS]);
    expect(of(scored, "vpin").auc).toBeGreaterThan(0.55);
    for (const { auc: value, ci95 } of scored.estimators) {
      expect(ci95![0]).toBeGreaterThan(0.55);
      expect(ci95![0]).toBeLessThan(value!);
      expect(ci95![1]).toBeGreaterThan(value!);
    }
  });

  it("says so where there is no informed flow, and scores nothing", () => {
    for (const none of [{ informationEventsPerDay: 0 }, { informedTradesPerHour: 0 }]) {
      const score = scoreEstimators({ ...OPTIONS, episodes: 2, flow: { ...FLOW, ...none } });
      expect(score.positives).toBe(0);
      expect(score.reason).toMatch(/no informed flow/);
      for (const e of score.estimators) expect([e.auc, e.ci95]).toEqual([null, null]);
    }
  });

  it("finds nothing where an event brings next to no informed trades: 0.5 lies in every interval widened by half", () => {
    const score = scoreEstimators({ ...OPTIONS, flow: { ...FLOW, informedTradesPerHour: 1e-9 } });
    for (const { auc: value, ci95 } of score.estimators) {
      expect(value! - 1.5 * (value! - ci95![0])).toBeLessThan(0.5);
      expect(value! + 1.5 * (ci95![1] - value!)).toBeGreaterThan(0.5);
    }
  });

  it("can be asked about the next step's volume: the best estimator predicts it too", () => {
    const score = scoreEstimators({ ...OPTIONS, truth: "informed-volume" });
    expect(score.truth).toBe("informed-volume");
    expect(score.positives).toBeLessThan(scored.positives);
    expect(of(score, "imbalanceFast").ci95![0]).toBeGreaterThan(0.6);
  });

  it("gives the same numbers again for the same seed, others for another", () => {
    const few = { ...OPTIONS, episodes: 4, resamples: 20 };
    expect(scoreEstimators(few)).toEqual(scoreEstimators(few));
    expect(scoreEstimators({ ...few, seed: 1 })).not.toEqual(scoreEstimators(few));
  });

  it("refuses a single episode, which has no bootstrap, and broken counts", () => {
    expect(() => scoreEstimators({ ...OPTIONS, episodes: 1 })).toThrow(ConfigError);
    expect(() => scoreEstimators({ ...OPTIONS, steps: 0.5 })).toThrow('"steps"');
    expect(() => scoreEstimators({ ...OPTIONS, noiseBps: -1 })).toThrow("noiseBps");
  });
});
