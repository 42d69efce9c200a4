import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Oracle, type OracleParameters } from "../../../env/chain/oracle.ts";

const PARAMETERS: OracleParameters = { deviationBps: 50, heartbeatSeconds: 3600, latencySeconds: 0 };

/** Runs one oracle over prices at the ends of steps; what it shows after each. */
function run(parameters: Partial<OracleParameters>, stepSeconds: number, prices: readonly number[], first = 100) {
  const oracle = new Oracle(1, { ...PARAMETERS, ...parameters }, stepSeconds);
  oracle.start(0, first);
  return prices.map((p, i) => {
    oracle.advance(0, p, (i + 1) * stepSeconds);
    return { price: oracle.price[0]!, age: oracle.ageSeconds[0]!, updated: oracle.updated[0]! };
  });
}

describe("An oracle without latency", () => {
  it("updates exactly where the price has moved by the deviation since the last update", () => {
    const shown = run({}, 60, [100.49, 100.5, 100.6, 99.9974, 99.99]);
    expect(shown.map((s) => s.updated)).toEqual([0, 1, 0, 1, 0]);
    expect(shown.map((s) => s.price)).toEqual([100, 100.5, 100.5, 99.9974, 99.9974]);
    expect(shown.map((s) => s.age)).toEqual([60, 0, 60, 0, 60]);
  });

  it("updates at every heartbeat where nothing moves, also in steps that do not add up exactly", () => {
    for (const stepSeconds of [60, 0.7]) {
      const shown = run({ heartbeatSeconds: 10 * stepSeconds }, stepSeconds, new Array(1000).fill(100));
      expect(shown.filter((s) => s.updated === 1)).toHaveLength(100);
      expect(shown[9]!.updated).toBe(1);
      expect(Math.max(...shown.map((s) => s.age))).toBeLessThan(9.001 * stepSeconds);
    }
  });

  it("never shows a price that is the deviation or more away from the market, nor one older than the heartbeat", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.02, max: 0.02, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (returns) => {
          let p = 100;
          const prices = returns.map((r) => (p *= Math.exp(r)));
          return run({}, 300, prices).every(
            (s, i) =>
              Math.abs(prices[i]! / s.price - 1) < 0.005 + 1e-12 && s.age < 3600 && s.updated === (s.age === 0 ? 1 : 0),
          );
        },
      ),
      { seed: 20260403, numRuns: 300 },
    );
  });
});

describe("An oracle with latency", () => {
  it("shows the price that opened the round, at the end of the step in which it arrives, and counts its age from the arrival", () => {
    const shown = run({ latencySeconds: 20 }, 60, [101, 102, 102]);
    expect(shown[0]).toEqual({ price: 100, age: 60, updated: 0 });
    // Triggered at 60 s by 101, readable at 80 s. 102 is 99 bps away: the next round opens at 120 s.
    expect(shown[1]).toEqual({ price: 101, age: 40, updated: 1 });
    expect(shown[2]).toEqual({ price: 102, age: 40, updated: 1 });
  });

  it("may take longer than a step: while a round is open no other one opens", () => {
    const shown = run({ latencySeconds: 150 }, 60, [101, 103, 105, 107, 107, 107, 107]);
    // Opened at 60 s, readable at 210 s, shown at 240 s; the next opens at 240 s with 107, is readable at 390 s and shown at 420 s.
    expect(shown.map((s) => s.updated)).toEqual([0, 0, 0, 1, 0, 0, 1]);
    expect(shown.map((s) => s.price)).toEqual([100, 100, 100, 101, 101, 101, 107]);
    expect(shown[3]!.age).toBe(30);
  });

  it("lags the oracle without latency by exactly the latency where that is whole steps and rounds do not overlap", () => {
    const prices = Array.from({ length: 400 }, (_, i) => 100 * Math.exp(0.003 * Math.floor(i / 6)));
    const prompt = run({}, 60, prices);
    const late = run({ latencySeconds: 180 }, 60, prices);
    for (let i = 3; i < prices.length; i++) expect(late[i]!.price).toBe(prompt[i - 3]!.price);
  });
});

describe("Oracle", () => {
  it("continues bit for bit from its saved arrays, a pending update included", () => {
    const prices = Array.from({ length: 60 }, (_, i) => 100 + 3 * Math.sin(i));
    const make = () => new Oracle(1, { ...PARAMETERS, latencySeconds: 130 }, 60);
    const whole = make();
    whole.start(0, 100);
    prices.slice(0, 31).forEach((p, i) => {
      whole.advance(0, p, (i + 1) * 60);
    });
    const resumed = make();
    for (const [name, array] of Object.entries(resumed.arrays())) array.set(whole.arrays()[name]!);
    expect(whole.arrays().pendingDue![0]).toBeGreaterThan(0);
    for (let i = 31; i < 60; i++) {
      whole.advance(0, prices[i]!, (i + 1) * 60);
      resumed.advance(0, prices[i]!, (i + 1) * 60);
      expect(resumed.arrays()).toEqual(whole.arrays());
    }
  });

  it("keeps environments apart", () => {
    const oracle = new Oracle(2, PARAMETERS, 60);
    oracle.start(0, 100);
    oracle.start(1, 2000);
    oracle.advance(1, 2020, 60);
    expect([oracle.price[0], oracle.price[1]]).toEqual([100, 2020]);
    expect([oracle.updated[0], oracle.updated[1]]).toEqual([0, 1]);
  });

  it.each([
    ["deviationBps", -1],
    ["heartbeatSeconds", 0],
    ["latencySeconds", Number.POSITIVE_INFINITY],
  ])("refuses %s = %s, naming the field", (field, value) => {
    expect(() => new Oracle(1, { ...PARAMETERS, [field]: value }, 60)).toThrow(`chain.oracle.${field}`);
  });
});
