import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { glostenMilgrom, kyleEquilibrium } from "../../../env/market/kyle.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

describe("kyleEquilibrium", () => {
  const positive = fc.double({ min: 0.01, max: 100, noNaN: true });

  it("is a fixed point: lambda is the regression of value on flow, and beta maximises the insider's profit against lambda", () => {
    fc.assert(
      fc.property(positive, positive, (valueSd, noiseSd) => {
        const { beta, lambda, posteriorVariance, expectedProfit } = kyleEquilibrium(valueSd, noiseSd);
        const v = valueSd ** 2;
        const flow = beta ** 2 * v + noiseSd ** 2;
        expect((beta * v) / flow / lambda).toBeCloseTo(1, 12);
        expect((v - (beta * v) ** 2 / flow) / posteriorVariance).toBeCloseTo(1, 12);
        // E[(v - lambda (beta v + u)) beta v] = beta (1 - lambda beta) Var v, largest where beta = 1 / (2 lambda).
        const profit = (x: number) => x * (1 - lambda * x) * v;
        expect(profit(beta) / expectedProfit).toBeCloseTo(1, 12);
        expect(profit(beta * 1.01)).toBeLessThan(profit(beta));
        expect(profit(beta * 0.99)).toBeLessThan(profit(beta));
      }),
      { seed: 20260502, numRuns: 200 },
    );
  });

  it("pays the insider what noise traders lose, in a simulation", () => {
    const random = new Random(20260503, "kyle");
    const { beta, lambda, expectedProfit } = kyleEquilibrium(2, 3);
    const n = 100_000;
    let insider = 0;
    let noise = 0;
    for (let i = 0; i < n; i++) {
      const value = 2 * random.normal();
      const u = 3 * random.normal();
      const price = lambda * (beta * value + u);
      insider += ((value - price) * beta * value) / n;
      noise += ((value - price) * u) / n;
    }
    expect(insider).toBeCloseTo(expectedProfit, 1);
    expect(noise).toBeCloseTo(-expectedProfit, 1);
  });

  it("refuses a deviation of 0", () => {
    expect(() => kyleEquilibrium(0, 1)).toThrow(ContractError);
  });
});

describe("glostenMilgrom", () => {
  it("quotes the expected value given a purchase and given a sale (Bayes)", () => {
    const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(inside, inside, (p, m) => {
        const noise = (1 - m) / 2;
        const { bid, ask } = glostenMilgrom(p, m);
        expect(ask).toBeCloseTo((p * (m + noise)) / (p * (m + noise) + (1 - p) * noise), 12);
        expect(bid).toBeCloseTo((p * noise) / (p * noise + (1 - p) * (m + noise)), 12);
        expect(bid).toBeLessThan(p);
        expect(ask).toBeGreaterThan(p);
      }),
      { seed: 20260504, numRuns: 500 },
    );
  });

  it("has a spread equal to the informed share at even odds, none without informed traders, all of it with only those", () => {
    const { bid, ask } = glostenMilgrom(0.5, 0.3);
    expect(ask - bid).toBeCloseTo(0.3, 12);
    expect(glostenMilgrom(0.7, 0)).toEqual({ bid: 0.7, ask: 0.7 });
    expect(glostenMilgrom(0.7, 1)).toEqual({ bid: 0, ask: 1 });
  });

  it("refuses what is no probability", () => {
    expect(() => glostenMilgrom(1, 0.5)).toThrow(ContractError);
    expect(() => glostenMilgrom(0.5, 1.1)).toThrow(ContractError);
  });
});
