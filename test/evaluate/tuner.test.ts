import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import type { Dimension } from "../../src/evaluate/search/box.ts";
import { defaultTrials, type TuneInput, tune } from "../../src/evaluate/tuner.ts";

const EPISODES = 800;

function linear(d: number, start: number): Dimension[] {
  return Array.from({ length: d }, (_, i) => ({ name: `p${i}`, low: 0, high: 1, scale: "linear", start }));
}

/** A deterministic objective plus noise of common random numbers: each episode tilts and shifts the surface a little. */
function noisy(d: number, f: (x: Float64Array) => number, tilt = 0.05): TuneInput["evaluate"] {
  const random = new Random(77, "test/tuner");
  const draws = Float64Array.from({ length: EPISODES * (d + 1) }, () => random.normal());
  return (x, from, count) => {
    let sum = 0;
    for (let e = from; e < from + count; e++) {
      sum += draws[e * (d + 1)]!;
      for (let i = 0; i < d; i++) sum += tilt * draws[e * (d + 1) + 1 + i]! * x[i]!;
    }
    return f(x) + sum / count;
  };
}

/** Where the bowl of a seed has its minimum. */
function bowlMinimum(d: number, seed: number): number[] {
  const random = new Random(seed, "test/bowl");
  for (let i = 0; i < d * d; i++) random.normal();
  return Array.from({ length: d }, () => 0.2 + 0.6 * random.uniform());
}

/** A rotated quadratic bowl, condition number given; its minimum is 0 at a point drawn from the seed. */
function bowl(d: number, condition: number, seed: number): (x: Float64Array) => number {
  const random = new Random(seed, "test/bowl");
  const axes: number[][] = [];
  for (let i = 0; i < d; i++) {
    const v = Array.from({ length: d }, () => random.normal());
    for (const axis of axes) {
      const dot = axis.reduce((s, a, k) => s + a * v[k]!, 0);
      for (let k = 0; k < d; k++) v[k]! -= dot * axis[k]!;
    }
    const length = Math.hypot(...v);
    axes.push(v.map((x) => x / length));
  }
  const minimum = Array.from({ length: d }, () => 0.2 + 0.6 * random.uniform());
  return (x) =>
    axes.reduce((sum, axis, i) => {
      const along = axis.reduce((s, a, k) => s + a * (x[k]! - minimum[k]!), 0);
      return sum + condition ** (d > 1 ? i / (d - 1) : 0) * along * along;
    }, 0);
}

describe("tune with one parameter", () => {
  it("finds a band's width on a log scale from a bad start, past a plateau where nothing is traded", () => {
    // Cost c / w + w², least at w = (c / 2)^(1/3); wider than 1.5 nothing trades and the cost is flat. 90% of the linear range is plateau.
    const f = ([w]: Float64Array) => (w! > 1.5 ? 2.5 : 0.02 / w! + w! * w!);
    for (const seed of [1, 2, 3]) {
      const out = tune({
        dimensions: [{ name: "halfWidth", low: 1e-3, high: 15, scale: "log", start: 14 }],
        evaluate: noisy(1, f, 0.001),
        budget: { episodes: EPISODES },
        seed,
      });
      expect(out.trials).toBeLessThanOrEqual(60);
      // Minimum of the noisy curve is within 1% of 0.01^(1/3).
      expect(out.params[0]! / 0.01 ** (1 / 3)).toBeCloseTo(1, 1);
      expect(f(out.params) - f(Float64Array.of(0.01 ** (1 / 3)))).toBeLessThan(1e-4);
      expect(out.atEdge).toEqual([]);
    }
  });

  it("finds a kink to a thousandth, the better of two basins, and an optimum at the edge", () => {
    const run = (f: (x: number) => number) =>
      tune({ dimensions: linear(1, 0.98), evaluate: (x) => f(x[0]!), budget: { episodes: 64 }, seed: 5 });
    expect(run((x) => Math.abs(x - 0.371)).params[0]).toBeCloseTo(0.371, 3);
    const basins = (x: number) => Math.min(0.1 + (x - 0.8) ** 2, 4 * Math.abs(x - 0.2));
    expect(run(basins).params[0]).toBeCloseTo(0.2, 3);
    expect(run((x) => x)).toMatchObject({ objective: 0, atEdge: ["p0"] });
  });

  it("moves past the screen's choice when few episodes mislead", () => {
    // The first eighth of the episodes has its minimum at 0.7, all of them together at 0.4.
    const evaluate: TuneInput["evaluate"] = ([x], from, count) => {
      let sum = 0;
      for (let e = from; e < from + count; e++) sum += (x! - (e < EPISODES / 8 ? 0.7 : 0.357142857)) ** 2;
      return sum / count;
    };
    const out = tune({ dimensions: linear(1, 0.1), evaluate, budget: { episodes: EPISODES }, seed: 1 });
    expect(out.params[0]).toBeCloseTo(0.4, 2);
  });
});

describe("tune with many parameters", () => {
  it("solves noisy ill-conditioned bowls of eight parameters within 400 trials from a corner", () => {
    for (const [condition, seed] of [
      [100, 1],
      [1e4, 2],
    ] as const) {
      const f = bowl(8, condition, seed);
      const out = tune({
        dimensions: linear(8, 0.01),
        evaluate: noisy(8, f, 0.01),
        budget: { episodes: EPISODES },
        seed,
      });
      expect(out.trials).toBeLessThanOrEqual(400);
      // The middle of the box costs more than 1.
      expect(f(new Float64Array(8).fill(0.5))).toBeGreaterThan(1);
      expect(f(out.params)).toBeLessThan(1e-4);
    }
  });

  it("leaves a plateau that fills most of the box, whatever the start", () => {
    for (const d of [2, 5, 8])
      for (const start of [0.99, 0.3]) {
        const f = (x: Float64Array) =>
          x.some((v) => Math.abs(v - 0.3) > 0.35) ? 1 : 0.2 + x.reduce((s, v) => s + (v - 0.3) ** 2, 0) / d;
        const out = tune({ dimensions: linear(d, start), evaluate: f, budget: { episodes: 64 }, seed: 3 });
        expect(out.objective).toBeLessThan(0.201);
      }
  });

  it("copes with kinks and ripples", () => {
    const d = 4;
    const kinks = (x: Float64Array) => x.reduce((s, v, i) => s + Math.abs(v - 0.3 - 0.05 * i), 0);
    const ripples = (x: Float64Array) =>
      x.reduce((s, v) => s + (v - 0.62) ** 2 + 0.03 * (1 - Math.cos(12 * Math.PI * (v - 0.62))), 0);
    for (const f of [kinks, ripples]) {
      const out = tune({ dimensions: linear(d, 0.02), evaluate: f, budget: { episodes: 64 }, seed: 2 });
      // The middle of the box costs 0.5 and 0.11.
      expect(out.objective).toBeLessThan(0.05);
    }
  });
});

describe("tune", () => {
  const dimensions = linear(2, 0.5);

  it("is never worse than an anchor, also one outside the box that no search would find", () => {
    const anchors = [Float64Array.of(Number.POSITIVE_INFINITY, 0.5), Float64Array.of(0.25, 0.75)];
    const evaluate: TuneInput["evaluate"] = (x) => (Number.isFinite(x[0]!) ? 1 + x[0]! : 0.1);
    const out = tune({ dimensions, evaluate, anchors, budget: { episodes: 100, trials: 30 }, seed: 1 });
    expect(out.objective).toBe(0.1);
    expect(out.params).toEqual(anchors[0]);
    for (const anchor of anchors)
      expect(out.history).toContainEqual(
        expect.objectContaining({ params: anchor, episodes: 100, phase: "anchor" }) as unknown,
      );
  });

  it("searches around a good anchor where it is told to, and gets further from it than by a screen of many dimensions", () => {
    const d = 20;
    const f = bowl(d, 30, 5);
    const evaluate: TuneInput["evaluate"] = (x) => f(x);
    // Near the minimum, which no screen of twenty dimensions hits.
    const minimum = bowlMinimum(d, 5);
    const anchors = [Float64Array.from(minimum, (x, i) => x + (i % 2 === 0 ? 0.08 : -0.08))];
    const run = (local: boolean) =>
      tune({ dimensions: linear(d, 0.5), evaluate, anchors, local, budget: { episodes: 100, trials: 400 }, seed: 1 });
    const near = run(true);
    expect(near.objective).toBeLessThan(0.2 * f(anchors[0]!));
    expect(near.objective).toBeLessThan(run(false).objective);
  });

  it("repeats itself for a seed, counts its budget, and reports an objective on all episodes", () => {
    const evaluate = noisy(2, bowl(2, 10, 3));
    const run = (seed: number) => tune({ dimensions, evaluate, budget: { episodes: EPISODES }, seed });
    const out = run(1);
    expect(run(1)).toEqual(out);
    expect(run(2).history).not.toEqual(out.history);
    expect(out.trials).toBe(out.history.length);
    expect(out.trials).toBeLessThanOrEqual(defaultTrials(2));
    expect(out.episodes).toBe(out.history.reduce((s, trial) => s + trial.episodes, 0));
    expect(out.objective).toBe(evaluate(out.params, 0, EPISODES));
    expect(out.history.every((trial) => trial.episodes !== EPISODES || trial.objective >= out.objective)).toBe(true);
  });

  it("spends a small budget to the end and gains from it", () => {
    const f = bowl(8, 10, 4);
    const run = (trials: number) =>
      tune({ dimensions: linear(8, 0.98), evaluate: f, budget: { episodes: 100, trials }, seed: 1 });
    for (const trials of [1, 2, 12, 40]) {
      expect(run(trials).trials).toBeLessThanOrEqual(trials);
      expect(run(trials).trials).toBeGreaterThan(0.6 * trials);
    }
    expect(run(1).objective).toBe(f(new Float64Array(8).fill(0.98)));
    expect(run(40).objective).toBeLessThan(0.5 * run(1).objective);
  });

  it("takes ruin as +Infinity and evaluates a rule without parameters once", () => {
    const evaluate: TuneInput["evaluate"] = (x) =>
      x[0]! < 0.5 ? Number.POSITIVE_INFINITY : (x[0]! - 0.7) ** 2 + (x[1]! - 0.4) ** 2;
    const out = tune({ dimensions: linear(2, 0.1), evaluate, budget: { episodes: 10 }, seed: 1 });
    expect(out.objective).toBeLessThan(1e-4);
    expect(tune({ dimensions: [], evaluate: () => 4, budget: { episodes: 10 }, seed: 1 })).toMatchObject({
      objective: 4,
      trials: 1,
    });
  });

  it("names what is malformed", () => {
    const evaluate = () => 1;
    const bad = (dimension: Partial<Dimension>, trials = 20) =>
      tune({ dimensions: [{ ...dimensions[0]!, ...dimension }], evaluate, budget: { episodes: 10, trials }, seed: 1 });
    expect(() => bad({ scale: "log" })).toThrow("A log scale needs low > 0");
    expect(() => bad({ low: 2 })).toThrow("low < high");
    expect(() => bad({ start: 3 })).toThrow("start between low and high");
    expect(() => bad({}, 0)).toThrow("more trials");
    expect(() =>
      tune({ dimensions, evaluate: ([x]) => (x! > 0.5 ? Number.NaN : 1), budget: { episodes: 10 }, seed: 1 }),
    ).toThrow(/p0 = 0\.[0-9]+, p1 = /);
  });
});
