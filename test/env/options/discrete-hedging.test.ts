import { describe, expect, it } from "vitest";
import { makePriceModel } from "../../../env/market/price-models/price-model.ts";
import { blackScholes, delta } from "../../../env/options/black-scholes.ts";
import { dermanKamal } from "../../golden/discrete-hedging.ts";

const { spot, strike, rate, dividendYield, volatility, years } = dermanKamal.terms;
const option = blackScholes({ type: "call", ...dermanKamal.terms });

/** Final profits, in money of today, of a call sold at its value and delta-hedged at `hedges` equal dates without cost. */
function profits(hedges: number, paths: number, drift: number): Float64Array {
  const dt = years / hedges;
  const model = makePriceModel({ model: "gbm", drift, volatility }, 1, dt);
  return Float64Array.from({ length: paths }, (_, n) => {
    const key = 4 * n + 1;
    model.start(0, key);
    let s: number = spot;
    let wealth = option.price;
    for (let step = 0; step < hedges; step++) {
      const held = delta(1, s, strike, rate, dividendYield, volatility, years - step * dt);
      const next = s * Math.exp(model.advance(0, key, step));
      wealth += held * (next * Math.exp(-rate * (step + 1) * dt) - s * Math.exp(-rate * step * dt));
      s = next;
    }
    return wealth - Math.max(s - strike, 0) * Math.exp(-rate * years);
  });
}

function moments(x: Float64Array): { mean: number; sd: number } {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return { mean, sd: Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1)) };
}

describe("hedging at N dates without cost (Derman & Kamal 1999)", () => {
  it.each(dermanKamal.hedges)(
    "leaves sqrt(pi/4) vega volatility / sqrt(N) of deviation, within 6%, at N = %d",
    (hedges) => {
      const paths = 12_000;
      const { mean, sd } = moments(profits(hedges, paths, rate));
      const want = (dermanKamal.factor * option.vega * volatility) / Math.sqrt(hedges);
      expect(Math.abs(sd / want - 1)).toBeLessThan(0.06);
      expect(Math.abs(mean)).toBeLessThan((4 * sd) / Math.sqrt(paths));
    },
  );

  it("halves the deviation where the number of hedges is made four times as large", () => {
    const [few, many] = dermanKamal.hedges.map((hedges) => moments(profits(hedges, 12_000, rate)).sd);
    expect(Math.abs(few! / many! / 2 - 1)).toBeLessThan(0.05);
  });

  it("does not depend on the drift to first order", () => {
    const [flat, rising] = [0, 0.3].map((drift) => moments(profits(84, 6000, drift)).sd);
    expect(Math.abs(rising! / flat! - 1)).toBeLessThan(0.06);
  });
});
