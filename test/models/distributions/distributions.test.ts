import { describe, expect, it } from "vitest";
import { Categorical } from "../../../models/distributions/categorical.ts";
import { Gaussian } from "../../../models/distributions/gaussian.ts";
import { plainDistribution } from "../../../models/distributions/make.ts";
import { SquashedGaussian } from "../../../models/distributions/squashed-gaussian.ts";
import { KernelCategorical } from "../../../models/kernel/categorical.ts";
import { kernelDistribution } from "../../../models/kernel/distributions.ts";
import type { ActionDistribution } from "../../../src/core/contracts/distribution.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

interface Case {
  name: string;
  distribution: ActionDistribution;
  mask?: Uint8Array;
}

type Tuple = [Float64Array, Float64Array, Float64Array, Float64Array];

const BATCH = 4;

function logStd(distribution: ActionDistribution, values: number[]): ActionDistribution {
  distribution.parameters!.values.set(values);
  return distribution;
}

const masks = new Uint8Array([1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1]);

const cases: Case[] = [plainDistribution, kernelDistribution].flatMap((make, k) =>
  [
    { name: "gaussian", distribution: logStd(make({ kind: "gaussian", actions: 3, logStd: 0 }), [-0.7, 0, 0.4]) },
    { name: "squashed gaussian", distribution: logStd(make({ kind: "squashed", actions: 2, logStd: 0 }), [-0.5, 0.3]) },
    { name: "categorical", distribution: make({ kind: "categorical", choices: [5] }) },
    { name: "multi-discrete", distribution: make({ kind: "categorical", choices: [2, 3, 4] }) },
    { name: "masked multi-discrete", distribution: make({ kind: "categorical", choices: [3, 2] }), mask: masks },
  ].map((c) => ({ ...c, name: `${k === 0 ? "plain" : "kernel's"} ${c.name}` })),
);

function outputs(distribution: ActionDistribution, seed: number): Float32Array {
  const random = new Random(seed, "y");
  return Float32Array.from({ length: BATCH * distribution.outputs }, () => random.normal());
}

describe.each(cases.map((c) => [c.name, c] as const))("the %s distribution", (_name, { distribution, mask }) => {
  it("has gradients of log-probability and entropy that match central differences", () => {
    const y = outputs(distribution, 1);
    const action = new Float64Array(BATCH * distribution.actions);
    distribution.sample(y, BATCH, new Random(1, "actions"), action, mask);
    const weights = new Random(1, "weights");
    const dLogP = Float64Array.from({ length: BATCH }, () => weights.normal());
    const dEntropy = Float64Array.from({ length: BATCH }, () => weights.normal());
    const logP = new Float64Array(BATCH);
    const entropy = new Float64Array(BATCH);
    const loss = () => {
      distribution.logProbability(y, action, BATCH, logP, mask);
      distribution.entropy(y, BATCH, entropy, mask);
      let sum = 0;
      for (let b = 0; b < BATCH; b++) sum += dLogP[b]! * logP[b]! + dEntropy[b]! * entropy[b]!;
      return sum;
    };
    const difference = (array: Float32Array, i: number) => {
      const centre = array[i]!;
      array[i] = centre + 1e-3;
      const [up, upper] = [array[i]!, loss()];
      array[i] = centre - 1e-3;
      const [down, lower] = [array[i]!, loss()];
      array[i] = centre;
      return (upper - lower) / (up - down);
    };
    const dy = new Float32Array(y.length).fill(99);
    distribution.backward(y, action, BATCH, dLogP, dEntropy, dy, mask);
    for (let i = 0; i < y.length; i++) expect(dy[i], `dy[${i}]`).toBeCloseTo(difference(y, i), 4);
    const own = distribution.parameters;
    if (own === undefined) return;
    for (let i = 0; i < own.values.length; i++)
      expect(own.gradients[i], `own[${i}]`).toBeCloseTo(difference(own.values, i), 4);
    const once = own.gradients.slice();
    distribution.backward(y, action, BATCH, dLogP, dEntropy, dy, mask);
    for (let i = 0; i < once.length; i++) expect(own.gradients[i]).toBeCloseTo(2 * once[i]!, 5);
  });

  it("evaluates log-probability and entropy together to the bits of each alone", () => {
    const y = outputs(distribution, 5);
    const action = new Float64Array(BATCH * distribution.actions);
    distribution.sample(y, BATCH, new Random(5, "actions"), action, mask);
    const [logP, entropy, both, bothEntropy] = Array.from({ length: 4 }, () => new Float64Array(BATCH)) as Tuple;
    distribution.logProbability(y, action, BATCH, logP, mask);
    distribution.entropy(y, BATCH, entropy, mask);
    distribution.evaluate(y, action, BATCH, both, bothEntropy, mask);
    expect(both).toEqual(logP);
    expect(bothEntropy).toEqual(entropy);
  });

  it("samples with the entropy that it states: mean of -log p within 4 standard errors", () => {
    // 20,000 draws a row; false alarm about 6e-5 a row.
    const y = outputs(distribution, 2);
    const action = new Float64Array(BATCH * distribution.actions);
    const logP = new Float64Array(BATCH);
    const entropy = new Float64Array(BATCH);
    const random = new Random(2, "draws");
    const draws = 20_000;
    const sum = new Float64Array(BATCH);
    const squares = new Float64Array(BATCH);
    for (let k = 0; k < draws; k++) {
      distribution.sample(y, BATCH, random, action, mask);
      distribution.logProbability(y, action, BATCH, logP, mask);
      for (let b = 0; b < BATCH; b++) {
        sum[b]! -= logP[b]!;
        squares[b]! += logP[b]! ** 2;
      }
    }
    distribution.entropy(y, BATCH, entropy, mask);
    for (let b = 0; b < BATCH; b++) {
      const mean = sum[b]! / draws;
      const error = Math.sqrt((squares[b]! / draws - mean * mean) / draws);
      expect(Math.abs(mean - entropy[b]!)).toBeLessThanOrEqual(4 * error + 1e-9);
    }
  });

  it("has a mode that no sample beats in its own density before squashing", () => {
    const y = outputs(distribution, 3);
    const mode = new Float64Array(BATCH * distribution.actions);
    distribution.mode(y, BATCH, mode, mask);
    if (distribution instanceof SquashedGaussian) {
      for (let i = 0; i < y.length; i++) expect(mode[i]).toBe(y[i]);
      return;
    }
    const best = new Float64Array(BATCH);
    distribution.logProbability(y, mode, BATCH, best, mask);
    const action = new Float64Array(mode.length);
    const logP = new Float64Array(BATCH);
    const random = new Random(3, "draws");
    for (let k = 0; k < 200; k++) {
      distribution.sample(y, BATCH, random, action, mask);
      distribution.logProbability(y, action, BATCH, logP, mask);
      for (let b = 0; b < BATCH; b++) expect(logP[b]).toBeLessThanOrEqual(best[b]!);
    }
  });
});

describe("Gaussian", () => {
  it("gives the standard normal's density and entropy", () => {
    const distribution = new Gaussian(1);
    const out = new Float64Array(1);
    distribution.logProbability(new Float32Array([0]), new Float64Array([1]), 1, out);
    expect(out[0]).toBeCloseTo(-1.4189385332046727, 14); // -(1 + log 2 pi) / 2
    distribution.entropy(new Float32Array([0]), 1, out);
    expect(out[0]).toBeCloseTo(1.4189385332046727, 14);
    expect(() => new Gaussian(0)).toThrow(ContractError);
  });

  it("hands the unclipped action to storage and to the environment alike", () => {
    const out = new Float64Array(2);
    new Gaussian(2).toEnvironment(new Float64Array([3, -40]), 1, out);
    expect([...out]).toEqual([3, -40]);
  });
});

describe("SquashedGaussian", () => {
  it("has a density over (-1, 1) that integrates to 1", () => {
    const distribution = logStd(new SquashedGaussian(1), [-0.2]);
    const out = new Float64Array(1);
    let mass = 0;
    const steps = 20_000;
    for (let k = 0; k < steps; k++) {
      const a = -1 + (2 * (k + 0.5)) / steps;
      distribution.logProbability(new Float32Array([0.3]), new Float64Array([Math.atanh(a)]), 1, out);
      mass += (Math.exp(out[0]!) * 2) / steps;
    }
    expect(mass).toBeCloseTo(1, 6);
  });

  it("stays finite and exact where tanh has saturated", () => {
    const distribution = new SquashedGaussian(1);
    const out = new Float64Array(1);
    distribution.logProbability(new Float32Array([50]), new Float64Array([50]), 1, out);
    // log(1 - tanh(50)^2) = 2 log 2 - 100 to 1e-43.
    expect(out[0]).toBeCloseTo(-0.9189385332046727 - (2 * Math.LN2 - 100), 10);
    const action = new Float64Array([50, -50]);
    distribution.toEnvironment(action, 2, action);
    expect([...action]).toEqual([1, -1]);
  });
});

describe.each([
  ["plain", Categorical],
  ["kernel's", KernelCategorical],
] as const)("Categorical (%s)", (_name, Categorical) => {
  it("gives log 4 for four equal logits, and log 2 when a mask leaves two of them", () => {
    const distribution = new Categorical([4]);
    const out = new Float64Array(1);
    const y = new Float32Array(4).fill(7);
    distribution.entropy(y, 1, out);
    expect(out[0]).toBeCloseTo(Math.log(4), 14);
    distribution.entropy(y, 1, out, new Uint8Array([0, 1, 1, 0]));
    expect(out[0]).toBeCloseTo(Math.log(2), 14);
  });

  it("never samples a forbidden choice and draws the others in proportion", () => {
    const distribution = new Categorical([3]);
    const y = new Float32Array([Math.log(1), 50, Math.log(3)]);
    const mask = new Uint8Array([1, 0, 1]);
    const random = new Random(4, "draws");
    const action = new Float64Array(1);
    const counts = [0, 0, 0];
    for (let k = 0; k < 20_000; k++) {
      distribution.sample(y, 1, random, action, mask);
      counts[action[0]!]!++;
    }
    expect(counts[1]).toBe(0);
    // p = 3/4, four standard errors of 20,000 draws: 0.0123.
    expect(Math.abs(counts[2]! / 20_000 - 0.75)).toBeLessThan(0.0123);
    distribution.mode(y, 1, action, mask);
    expect(action[0]).toBe(2);
  });

  it("gives forbidden choices a log-probability near -1e8 and extreme logits no NaN", () => {
    const distribution = new Categorical([2]);
    const out = new Float64Array(1);
    distribution.logProbability(new Float32Array([0, 0]), new Float64Array([1]), 1, out, new Uint8Array([1, 0]));
    expect(out[0]).toBe(-1e8);
    distribution.logProbability(new Float32Array([3e38, -3e38]), new Float64Array([0]), 1, out);
    expect(out[0]).toBe(0);
  });

  it("never samples a forbidden choice however large the logits are", () => {
    const distribution = new Categorical([2]);
    const action = new Float64Array(1);
    const random = new Random(5, "draws");
    for (const logit of [3e38, -3e38, -1e9])
      for (let k = 0; k < 20; k++) {
        distribution.sample(new Float32Array([1, logit]), 1, random, action, new Uint8Array([0, 1]));
        expect(action[0]).toBe(1);
      }
  });

  it("refuses logits that are not finite instead of drawing from them", () => {
    const distribution = new Categorical([3]);
    const action = new Float64Array(1);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => distribution.sample(new Float32Array([0, bad, 1]), 1, new Random(6, "draws"), action)).toThrow(
        /not finite/,
      );
  });

  it("refuses a mask that forbids everything, actions that are no choice, and empty heads", () => {
    const distribution = new Categorical([2]);
    const out = new Float64Array(1);
    const y = new Float32Array(2);
    expect(() => distribution.entropy(y, 1, out, new Uint8Array(2))).toThrow(/forbids every choice/);
    expect(() => distribution.logProbability(y, new Float64Array([2]), 1, out)).toThrow(/from 0 to 1/);
    expect(() => distribution.logProbability(y, new Float64Array([0.5]), 1, out)).toThrow(ContractError);
    expect(() => new Categorical([])).toThrow(ContractError);
    expect(() => new Categorical([3, 0])).toThrow(ContractError);
  });
});
