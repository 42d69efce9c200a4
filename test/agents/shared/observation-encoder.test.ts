import { describe, expect, it } from "vitest";
import { ObservationEncoder } from "../../../agents/shared/observation-encoder.ts";
import { box, discrete } from "../../../env/core/spaces.ts";

describe("the observation encoder", () => {
  it("selects entries in the order asked for and leaves them as they are without normalisation", () => {
    const encoder = new ObservationEncoder(box(-1, 1, [3]), { normalise: false, clip: 1, selected: [2, 0] });
    const out = new Float32Array(4);
    encoder.observe(Float32Array.of(5, 6, 7), 1);
    encoder.encode(Float32Array.of(1, 2, 300, 4, 5, 6), 2, out);
    expect([...out]).toEqual([300, 1, 6, 4]);
    const snapshot = encoder.snapshot();
    expect(snapshot).toMatchObject({ mean: [0, 0], variance: [1, 1], epsilon: 0 });
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it("standardises with the statistics of all observations shown, and clips", () => {
    const encoder = new ObservationEncoder(box(-9, 9, [2], "float64"), { normalise: true, clip: 2 });
    encoder.observe(Float64Array.of(1, 10, 3, 10), 2);
    encoder.observe(Float64Array.of(5, 10), 1);
    const out = new Float32Array(4);
    encoder.encode(Float64Array.of(3, 10, 1000, 9), 2, out);
    // First column: mean 3, variance 8/3. Second: no spread, so any deviation is clipped.
    expect([...out]).toEqual([0, 0, 2, -2]);
    expect(encoder.snapshot().variance[0]).toBeCloseTo(8 / 3, 12);
  });

  it("turns discrete observations into one-hot vectors, from the start of their space", () => {
    const encoder = new ObservationEncoder(discrete(3, 1), { normalise: true, clip: 2 });
    const out = new Float32Array(6);
    encoder.observe(Int32Array.of(3), 1);
    encoder.encode(Int32Array.of(1, 3), 2, out);
    expect([...out]).toEqual([1, 0, 0, 0, 0, 1]);
    const several = new ObservationEncoder({ kind: "multi-discrete", nvec: [2, 3] }, { normalise: false, clip: 2 });
    const wide = new Float32Array(10);
    several.encode(Int32Array.of(1, 0, 0, 2), 2, wide);
    expect([...wide]).toEqual([0, 1, 1, 0, 0, 1, 0, 0, 0, 1]);
    expect(encoder.snapshot().oneHot).toEqual([3]);
  });
});
