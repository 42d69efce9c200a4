import { describe, expect, it } from "vitest";
import { chainArbitrage } from "../../src/data/chain-arbitrage.ts";
import { chainOf, chainRow, expiryOn } from "../support/synthetic-chain.ts";

const time = Date.UTC(2026, 0, 5) / 1000;
const near = expiryOn(1, 30);
const far = expiryOn(2, 27);

/** One snapshot a time: two expiries, three strikes, flat at 60% but for the far expiry, whose volatility is given. */
function chain(...farVolatilities: number[]) {
  return chainOf(
    farVolatilities.flatMap((farVolatility, n) =>
      [near, far].flatMap((expiry) =>
        [1800, 2000, 2200].flatMap((strike) =>
          (["C", "P"] as const).map((side) =>
            chainRow({
              time: time + n * 21_600,
              expiry,
              strike,
              side,
              forward: 2000,
              volatility: expiry === far ? farVolatility : 0.6,
            }),
          ),
        ),
      ),
    ),
  );
}

describe("Arbitrage on a recorded chain", () => {
  it("is none on a flat surface", () => {
    const found = chainArbitrage(chain(0.6, 0.6));
    expect(found).toMatchObject({
      snapshots: 2,
      snapshotsWithout: 2,
      counts: { calendar: 0, vertical: 0, butterfly: 0 },
    });
    expect(found.largest).toBeUndefined();
  });

  it("names the largest, with its snapshot: total variance that falls with time", () => {
    const found = chainArbitrage(chain(0.6, 0.4, 0.3));
    expect(found.snapshotsWithout).toBe(1);
    expect(found.counts.calendar).toBeGreaterThan(0);
    expect(found.largest).toMatchObject({ kind: "calendar", time: time + 2 * 21_600 });
    // 0.36 over 25.33 days less 0.09 over 53.33 days, in years.
    const years = (seconds: number) => (seconds - time - 2 * 21_600) / (365 * 86_400);
    expect(found.largest!.size).toBeCloseTo(0.36 * years(near.seconds) - 0.09 * years(far.seconds), 6);
  });

  it("leaves out what is no larger than rounding", () => {
    expect(chainArbitrage(chain(0.3), 1).snapshotsWithout).toBe(1);
  });
});
