import { describe, expect, it } from "vitest";
import { Curve } from "../../src/train/curve.ts";

const point = (i: number) => ({ step: 10 * i, objective: i % 3 === 0 ? i / 7 : Number.NaN, meanReturn: -i });

describe("Curve", () => {
  // Beyond the room that it begins with, twice.
  const n = 3000;
  const curve = new Curve();
  for (let i = 0; i < n; i++) curve.push(point(i));

  it("gives back what was put in, in order", () => {
    expect(curve.length).toBe(n);
    expect([...curve]).toEqual(Array.from({ length: n }, (_, i) => point(i)));
  });

  it("is whole after a checkpoint, and goes on from there", () => {
    const again = Curve.of(curve.saveState());
    expect(again.saveState()).toEqual(curve.saveState());
    again.push(point(n));
    expect([...again].at(-1)).toEqual(point(n));
    expect(curve.length).toBe(n);
  });

  it("refuses columns of different lengths", () => {
    const state = { ...curve.saveState(), objective: new Float64Array(5) };
    expect(() => Curve.of(state)).toThrow("different lengths");
  });
});
