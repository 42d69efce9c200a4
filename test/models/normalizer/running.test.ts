import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KernelNormaliser } from "../../../models/kernel/normaliser.ts";
import { RunningNormaliser } from "../../../models/normalizer/running.ts";
import { ContractError, CorruptFileError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

describe.each([
  ["plain", RunningNormaliser],
  ["kernel's", KernelNormaliser],
] as const)("the %s normaliser", (_name, Normaliser) => {
  it("has the mean and population variance of all rows, however they are cut into batches", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: 1e6, max: 1e6 + 1, noNaN: true })),
          {
            minLength: 1,
            maxLength: 60,
          },
        ),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 60, maxLength: 60 }),
        (rows, cuts) => {
          const normaliser = new Normaliser(2);
          for (let at = 0, k = 0; at < rows.length; k++) {
            const part = rows.slice(at, at + cuts[k]!);
            normaliser.update(Float64Array.from(part.flat()), part.length);
            at += part.length;
          }
          for (const i of [0, 1] as const) {
            const mean = rows.reduce((sum, row) => sum + row[i], 0) / rows.length;
            const variance = rows.reduce((sum, row) => sum + (row[i] - mean) ** 2, 0) / rows.length;
            expect(Math.abs(normaliser.mean[i]! - mean)).toBeLessThan(1e-12 * (1 + Math.abs(mean)));
            expect(Math.abs(normaliser.variance[i]! - variance)).toBeLessThan(1e-9 * (1 + variance));
          }
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it("is the identity before the first update, and standardises and clips after", () => {
    const normaliser = new Normaliser(1);
    const out = new Float32Array(3);
    normaliser.normaliseInto(out, new Float64Array([-20, 0.5, 20]), 3, 10);
    expect([...out]).toEqual([-10, 0.5, 10]);
    normaliser.update(new Float64Array([1, 3]), 2);
    normaliser.normaliseInto(out, new Float64Array([2, 4, -98]), 3, 10);
    // (4 - 2) / sqrt(1 + 1e-8) = 2 - 1e-8.
    expect(out[0]).toBe(0);
    expect(out[1]).toBeCloseTo(2, 6);
    expect(out[2]).toBe(-10);
  });

  it("goes on bit for bit from a saved state, which does not change meanwhile", () => {
    const random = new Random(2, "rows");
    const rows = () => Float32Array.from({ length: 15 }, () => random.normal());
    const a = new Normaliser(3);
    a.update(rows(), 5);
    const saved = a.saveState();
    const b = new Normaliser(3);
    b.loadState(saved);
    const next = rows();
    a.update(next, 5);
    b.update(next, 5);
    expect(b.saveState()).toEqual(a.saveState());
    expect(saved.count).toBe(5);
    expect(saved).not.toEqual(a.saveState());
  });

  it("does not move while frozen", () => {
    const normaliser = new Normaliser(1);
    normaliser.update(new Float64Array([1, 3]), 2);
    normaliser.freeze();
    normaliser.update(new Float64Array([100]), 1);
    expect(normaliser.mean[0]).toBe(2);
    const copy = new Normaliser(1);
    copy.loadState(normaliser.saveState());
    expect(copy.frozen).toBe(true);
    normaliser.freeze(false);
    normaliser.update(new Float64Array([5]), 1);
    expect(normaliser.mean[0]).toBe(3);
  });

  it("refuses NaN, short arrays and states of another width, and is then unchanged", () => {
    const normaliser = new Normaliser(2);
    normaliser.update(new Float64Array([1, 2, 3, 4]), 2);
    const before = normaliser.saveState();
    expect(() => normaliser.update(new Float64Array([9, Number.NaN]), 1)).toThrow(/column 1/);
    expect(() => normaliser.update(new Float64Array(3), 2)).toThrow(/too short/);
    expect(() => normaliser.loadState(new Normaliser(3).saveState())).toThrow(ContractError);
    expect(() => normaliser.loadState({ ...before, squares: null })).toThrow(CorruptFileError);
    expect(normaliser.saveState()).toEqual(before);
    expect(() => new Normaliser(0)).toThrow(ContractError);
  });
});

describe("the kernel's normaliser", () => {
  it("has the bits of the plain one for any width, batch and number type, and they load one another's states", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 37 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.boolean(),
        (width, batches, seed, single) => {
          const random = new Random(seed, "rows");
          const plain = new RunningNormaliser(width);
          const kernel = new KernelNormaliser(width);
          for (const batch of batches) {
            const values = { length: batch * width };
            const draw = () => 1e3 + 50 * random.normal();
            const x = single ? Float32Array.from(values, draw) : Float64Array.from(values, draw);
            plain.update(x, batch);
            kernel.update(x, batch);
            const [a, b] = [new Float32Array(x.length), new Float32Array(x.length)];
            plain.normaliseInto(a, x, batch, 1.5);
            kernel.normaliseInto(b, x, batch, 1.5);
            expect(b).toEqual(a);
          }
          expect(kernel.saveState()).toEqual(plain.saveState());
          const copy = new KernelNormaliser(width);
          copy.loadState(plain.saveState());
          expect(copy.variance).toEqual(plain.variance);
        },
      ),
      { seed: 2, numRuns: 25 },
    );
  });

  it("lets a NaN through and refuses it in the statistics, in large batches too", () => {
    const kernel = new KernelNormaliser(3);
    const x = new Float64Array(900).fill(2);
    kernel.update(x, 300);
    const before = kernel.saveState();
    x[602] = Number.NaN;
    expect(() => kernel.update(x, 300)).toThrow(/column 2/);
    expect(kernel.saveState()).toEqual(before);
    const out = new Float32Array(900);
    kernel.normaliseInto(out, x, 300, 10);
    expect(out[602]).toBeNaN();
    expect(out[601]).toBe(0);
  });
});
