import { describe, expect, it } from "vitest";
import { ObservationEncoder } from "../../../agents/shared/observation-encoder.ts";
import { box } from "../../../env/core/spaces.ts";
import { makeEncoder } from "../../../models/encoder/encoder.ts";
import { RunningNormaliser, VARIANCE_EPSILON } from "../../../models/normalizer/running.ts";
import type { EncoderSpec } from "../../../src/core/contracts/encoder.ts";
import type { FeatureSchema } from "../../../src/core/contracts/features.ts";
import { Random } from "../../../src/core/random.ts";

const NAMES = ["a", "b", "c", "d"];
const schema: FeatureSchema = {
  version: 1,
  features: NAMES.map((name) => ({ name, unit: "1", description: "", sources: [], low: -1, high: 1 })),
};
const available = new Uint8Array(4).fill(1);

function rowsOf(batch: number): Float64Array {
  const random = new Random(3, "test/encoder");
  return Float64Array.from({ length: batch * 4 }, (_, i) => random.normal() * 10 ** (i % 4) + (i % 4));
}

describe("The encoder", () => {
  const spec: EncoderSpec = { features: ["c", "a"], clip: 5, mean: [2, -1], variance: [4, 0], epsilon: 1e-2 };

  it("selects by name, in its own order, normalises and clips", () => {
    const out = new Float32Array(4);
    makeEncoder(spec, schema).encodeInto(out, Float64Array.of(-0.95, 9, 4, 9, 7, 9, -100, 9), 2, available);
    const wanted = [2 / Math.sqrt(4.01), 0.05 / 0.1, -5, 5];
    expect([...out]).toEqual([...Float32Array.from(wanted)].map((x) => expect.closeTo(x, 6)));
  });

  it("puts what is not available at 0", () => {
    const out = new Float32Array(2).fill(9);
    makeEncoder(spec, schema).encodeInto(out, Float64Array.of(5, 5, 5, 5), 1, Uint8Array.of(1, 1, 0, 1));
    expect([...out]).toEqual([0, 5]);
  });

  it("is the learner's encoder, bit for bit", () => {
    const batch = 5000;
    const rows = rowsOf(batch);
    const selected = [2, 0, 3];
    const learner = new ObservationEncoder(box(-Infinity, Infinity, [4], "float64"), {
      normalise: true,
      clip: 2,
      selected,
    });
    learner.observe(rows, batch);
    const expected = new Float32Array(batch * 3);
    learner.encode(rows, batch, expected);
    const { mean, variance, epsilon, clip } = learner.snapshot();
    const encoder = makeEncoder({ features: selected.map((i) => NAMES[i]!), mean, variance, epsilon, clip }, schema);
    const out = new Float32Array(batch * 3);
    encoder.encodeInto(out, rows, batch, available);
    expect(out).toEqual(expected);
    const all = new Float32Array(batch * 3);
    encoder.encode(batch, rows, all);
    expect(all).toEqual(expected);
  });

  it("agrees with the running normaliser to float32", () => {
    const batch = 1000;
    const rows = rowsOf(batch);
    const normaliser = new RunningNormaliser(4);
    normaliser.update(rows, batch);
    const expected = new Float32Array(batch * 4);
    normaliser.normaliseInto(expected, rows, batch, 10);
    const encoder = makeEncoder(
      {
        features: NAMES,
        clip: 10,
        mean: [...normaliser.mean],
        variance: [...normaliser.variance],
        epsilon: VARIANCE_EPSILON,
      },
      schema,
    );
    const out = new Float32Array(batch * 4);
    encoder.encodeInto(out, rows, batch, available);
    let worst = 0;
    out.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(x - expected[i]!) / Math.max(1, Math.abs(x)));
    });
    expect(worst).toBeLessThan(1.2e-7);
  });

  it("refuses a spec that does not fit the schema", () => {
    const make = (changes: Partial<EncoderSpec>) => () => makeEncoder({ ...spec, ...changes }, schema);
    expect(make({ features: ["c", "e"] })).toThrow(/encoder.features\[1\]/);
    expect(make({ features: ["c", "c"] })).toThrow(/twice/);
    expect(make({ features: [], mean: [], variance: [] })).toThrow(/no feature/);
    expect(make({ mean: [1] })).toThrow(/encoder.mean/);
    expect(make({ variance: [1, -1] })).toThrow(/variance\[1\]/);
    expect(make({ epsilon: 0 })).toThrow(/variance\[1\]/);
    expect(make({ clip: 0 })).toThrow(/encoder.clip/);
  });

  it("refuses arrays that are too short for the batch", () => {
    const encoder = makeEncoder(spec, schema);
    expect(() => encoder.encodeInto(new Float32Array(3), new Float64Array(8), 2, available)).toThrow(/"out"/);
    expect(() => encoder.encodeInto(new Float32Array(4), new Float64Array(7), 2, available)).toThrow(/"features"/);
    expect(() => encoder.encodeInto(new Float32Array(4), new Float64Array(8), 2, new Uint8Array(2))).toThrow(
      /"available"/,
    );
  });
});
