import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainDistribution } from "../../../models/distributions/make.ts";
import { kernelDistribution } from "../../../models/kernel/distributions.ts";
import { ownKernel } from "../../../models/kernel/functions.ts";
import type { ActionDistribution, DistributionSpec } from "../../../src/core/contracts/distribution.ts";
import { Random } from "../../../src/core/random.ts";

/** Largest |a - b| relative to |b| or 1. Infinities and NaN must be the same. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  }
  return worst;
}

const specs: fc.Arbitrary<DistributionSpec> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("gaussian" as const, "squashed" as const),
    actions: fc.integer({ min: 1, max: 5 }),
    logStd: fc.double({ min: -4, max: 1.5, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant("categorical" as const),
    choices: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 }),
  }),
);

/** Everything that a distribution computes of a batch. */
function results(distribution: ActionDistribution, batch: number, seed: number, spread: number, masked: boolean) {
  const random = new Random(seed, "policy");
  const { outputs, actions, maskWidth } = distribution;
  const y = Float32Array.from({ length: batch * outputs }, () => spread * random.normal());
  // The first choice of every head stays allowed: each has at least one.
  const firsts = new Set<number>();
  if (maskWidth > 0)
    for (let at = 0; at < outputs; ) {
      firsts.add(at);
      at += (distribution as unknown as { choices: number[] }).choices[firsts.size - 1]!;
    }
  const mask =
    masked && maskWidth > 0
      ? Uint8Array.from({ length: batch * maskWidth }, (_, i) =>
          firsts.has(i % maskWidth) || random.uniform() < 0.6 ? 1 : 0,
        )
      : undefined;
  const action = new Float64Array(batch * actions);
  distribution.sample(y, batch, random, action, mask);
  const logProbability = new Float64Array(batch);
  const entropy = new Float64Array(batch);
  distribution.evaluate(y, action, batch, logProbability, entropy, mask);
  const dLogProbability = Float64Array.from({ length: batch }, () => random.normal());
  const dEntropy = Float64Array.from({ length: batch }, () => (random.uniform() < 0.3 ? 0 : random.normal()));
  const dy = new Float32Array(batch * outputs);
  distribution.backward(y, action, batch, dLogProbability, dEntropy, dy, mask);
  return { action, logProbability, entropy, dy, own: distribution.parameters?.gradients ?? new Float32Array(0) };
}

describe("the kernel's distributions", () => {
  it("give what the plain ones give, to 1e-13 (float32 gradients to their last bit or 1e-6), in any batch", () => {
    fc.assert(
      fc.property(
        specs,
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0.1, 1, 8, 300),
        fc.boolean(),
        (spec, batch, seed, spread, masked) => {
          const plain = results(plainDistribution(spec), batch, seed, spread, masked);
          const kernel = results(kernelDistribution(spec), batch, seed, spread, masked);
          expect(kernel.action).toEqual(plain.action);
          expect(distance(kernel.logProbability, plain.logProbability)).toBeLessThan(1e-13);
          expect(distance(kernel.entropy, plain.entropy)).toBeLessThan(1e-13);
          expect(distance(kernel.dy, plain.dy)).toBeLessThan(1e-6);
          expect(distance(kernel.own, plain.own)).toBeLessThan(1e-6);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("give a row the same bits whatever batch it is in", () => {
    for (const spec of [
      { kind: "gaussian", actions: 3, logStd: -0.3 },
      { kind: "squashed", actions: 2, logStd: 0.2 },
      { kind: "categorical", choices: [3, 4] },
    ] as const) {
      const distribution = kernelDistribution(spec);
      const { outputs, actions } = distribution;
      const random = new Random(2, "rows");
      const y = Float32Array.from({ length: 41 * outputs }, () => random.normal());
      const action = new Float64Array(41 * actions);
      distribution.sample(y, 41, random, action);
      const [logP, entropy] = [new Float64Array(41), new Float64Array(41)];
      distribution.evaluate(y, action, 41, logP, entropy);
      const [one, oneEntropy] = [new Float64Array(1), new Float64Array(1)];
      for (let b = 0; b < 41; b++) {
        const row = y.slice(b * outputs, (b + 1) * outputs);
        distribution.evaluate(row, action.slice(b * actions, (b + 1) * actions), 1, one, oneEntropy);
        expect(one[0]).toBe(logP[b]);
        expect(oneEntropy[0]).toBe(entropy[b]);
      }
    }
  });

  it("answer exactly where the answer is known: equal logits, a standard normal, tanh far out", () => {
    const [logP, entropy] = [new Float64Array(40), new Float64Array(40)];
    const choices = kernelDistribution({ kind: "categorical", choices: [4] });
    choices.evaluate(new Float32Array(160).fill(7), new Float64Array(40).fill(3), 40, logP, entropy);
    for (let b = 0; b < 40; b++) {
      expect(logP[b]).toBeCloseTo(-Math.log(4), 15);
      expect(entropy[b]).toBeCloseTo(Math.log(4), 15);
    }
    const normal = kernelDistribution({ kind: "gaussian", actions: 1, logStd: 0 });
    normal.evaluate(new Float32Array(40), new Float64Array(40).fill(1), 40, logP, entropy);
    expect(logP[39]).toBeCloseTo(-1.4189385332046727, 14); // -(1 + log 2 pi) / 2
    expect(entropy[39]).toBeCloseTo(1.4189385332046727, 14);
    const squashed = kernelDistribution({ kind: "squashed", actions: 1, logStd: 0 });
    squashed.logProbability(new Float32Array(40).fill(50), new Float64Array(40).fill(50), 40, logP);
    expect(logP[39]).toBeCloseTo(-0.9189385332046727 - (2 * Math.LN2 - 100), 10);
  });
});

describe("exp, log1p and log of the kernel", () => {
  const { kernel, memory } = ownKernel();
  const apply = (which: number, x: Float64Array) => {
    const offset = Math.ceil(kernel.heapBase() / 16) * 16;
    const view = new Float64Array(memory.buffer, offset, x.length);
    view.set(x);
    kernel.elementary(offset, x.length, which);
    return view.slice();
  };
  const random = new Random(3, "elementary");
  const draw = (f: (u: number) => number) => Float64Array.from({ length: 4000 }, () => f(random.uniform()));

  it.each([
    [
      "exp",
      0,
      Math.exp,
      [(u: number) => -u, (u: number) => -40 * u, (u: number) => -(10 ** (-20 * u)), (u: number) => -700 - 60 * u],
    ],
    [
      "log1p",
      1,
      Math.log1p,
      [(u: number) => u, (u: number) => 10 ** (-30 * u), (u: number) => 1 - 1e-5 * u, (u: number) => 0.41 + 0.01 * u],
    ],
    [
      "log",
      2,
      Math.log,
      [(u: number) => 1 + u, (u: number) => 1 + 1000 * u, (u: number) => 1 + 1e-7 * u, (u: number) => 8 - 1e-6 * u],
    ],
  ] as const)("%s is within two units in the last place of the host's", (_name, which, host, ranges) => {
    for (const range of ranges) {
      const x = draw(range);
      const y = apply(which, x);
      for (let i = 0; i < x.length; i++) {
        const exact = host(x[i]!);
        expect(Math.abs(y[i]! - exact)).toBeLessThanOrEqual(2 * 2.220446049250313e-16 * Math.abs(exact) + 1e-323);
      }
    }
  });

  it("have their limits", () => {
    expect([...apply(0, new Float64Array([0, -1e8, Number.NEGATIVE_INFINITY, Number.NaN]))]).toEqual([
      1,
      0,
      0,
      Number.NaN,
    ]);
    expect([...apply(1, new Float64Array([0, 1]))]).toEqual([0, Math.LN2]);
    expect([...apply(2, new Float64Array([1, 2, 1024]))]).toEqual([0, Math.LN2, 10 * Math.LN2]);
  });
});
