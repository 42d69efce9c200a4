import { describe, expect, it } from "vitest";
import { SIMD_OPERATIONS, simdPeak } from "../../bench/simd-peak.ts";
import { slopeWithInterval } from "../../bench/slope.ts";
import { Random } from "../../src/core/random.ts";

describe("slopeWithInterval", () => {
  const x = Array.from({ length: 200 }, (_, i) => i / 100);

  it("finds an exact line, with no width", () => {
    const { slope, low, high } = slopeWithInterval(
      x,
      x.map((v) => 3 + 2 * v),
    );
    expect(slope).toBeCloseTo(2, 10);
    expect(high - low).toBeCloseTo(0, 8);
  });

  it("holds the true slope 19 times in 20 under independent errors, and nearly so under errors that persist", () => {
    const covered = (persistence: number) => {
      let hits = 0;
      for (let seed = 0; seed < 400; seed++) {
        const random = new Random(seed, "slope");
        let error = 0;
        const y = x.map((v) => {
          error = persistence * error + random.normal();
          return 2 * v + error;
        });
        const { low, high } = slopeWithInterval(x, y);
        if (low <= 2 && 2 <= high) hits++;
      }
      return hits / 400;
    };
    expect(covered(0)).toBeGreaterThan(0.9);
    expect(covered(0.5)).toBeGreaterThan(0.87);
    // Hardly two hundred of such errors are worth five independent ones; n^(1/3) neighbours held it 9 times in 20.
    expect(covered(0.95)).toBeGreaterThan(0.6);
  });
});

it("the SIMD loop runs, and counts more than a million operations a call", () => {
  expect(SIMD_OPERATIONS).toBeGreaterThan(1e6);
  expect(simdPeak()).not.toThrow();
});
