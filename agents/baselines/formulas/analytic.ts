import type { BandFormula, Formulas } from "../../../src/core/contracts/formulas.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import type { Params } from "../baseline.ts";
import { centreOf, feature, symmetric } from "./parts.ts";

/** Limits of env/options/bands.ts and rules/analytic.ts. */
const SMALLEST_FACTOR = 0.05;
const SMALLEST_YEARS = 1 / 31_557_600;
const SMALLEST_VOLATILITY = 1e-4;

/** Inputs of the formulas: gamma of the book a unit squared, cost as a fraction. */
function inputs<V, C>(f: Formulas<V, C>) {
  const spot = feature(f, "spot");
  return {
    spot,
    gamma: f.divide(f.multiply(feature(f, "gamma_percent"), 100), spot),
    cost: f.multiply(feature(f, "cost_rate_bps"), 1e-4),
    years: feature(f, "years_left"),
    volatility: feature(f, "implied_volatility"),
  };
}

/** Real cube root: `power` takes none of a negative number. */
function cubeRoot<V, C>(f: Formulas<V, C>, a: V): V {
  return f.multiply(f.sign(a), f.power(f.abs(a), 1 / 3));
}

/** `whalleyWilmottHalfWidth` around the centre. */
export function whalleyWilmott(params: Params, context: PolicyContext): BandFormula {
  return (f) => {
    const centre = centreOf(f, params, context);
    const halfWidth = f.within("half_width", () => {
      const { spot, gamma, cost, years } = inputs(f);
      const discount = f.exp(f.multiply(f.max(years, 0), -context.rate));
      const moved = f.multiply(f.multiply(spot, gamma), gamma);
      return cubeRoot(
        f,
        f.divide(f.multiply(f.multiply(f.multiply(discount, 1.5), cost), moved), params.riskAversion!),
      );
    });
    return symmetric(f, params, centre, halfWidth);
  };
}

/** `zakamoulineHalfWidth` around the delta at `zakamoulineVolatility`. */
export function zakamouline(params: Params, context: PolicyContext): BandFormula {
  const riskAversion = params.riskAversion!;
  const share = params.centreAdjustment!;
  return (f) => {
    const { spot, gamma, cost, years, volatility } = inputs(f);
    const t = f.max(years, SMALLEST_YEARS);
    const v = f.max(volatility, SMALLEST_VOLATILITY);
    const discounted = f.power(f.divide(f.exp(f.multiply(t, -context.rate)), v), 0.25);
    const size = f.abs(gamma);
    /** Multiplier of volatility: see `zakamoulineVolatility` and `partOf`. */
    const factor = () =>
      f.within("adjustment", () => {
        const small = f.multiply(f.power(cost, 0.78), f.power(t, -0.02));
        const risk = f.power(f.multiply(f.multiply(f.multiply(spot, spot), riskAversion), size), 0.15);
        const k = f.multiply(f.multiply(f.multiply(small, 4.76), discounted), risk);
        const variance = f.max(f.subtract(1, f.multiply(f.sign(gamma), k)), SMALLEST_FACTOR);
        const ratio = f.choose(f.equal(gamma, 0), 1, f.sqrt(variance));
        const taken =
          share === 1
            ? ratio
            : f.sqrt(f.max(f.add(f.multiply(f.subtract(f.multiply(ratio, ratio), 1), share), 1), SMALLEST_FACTOR));
        return f.choose(f.greater(volatility, 0), taken, 1);
      });
    const centre = centreOf(f, { ...params, centreVolatility: 1 }, context, share === 0 ? undefined : factor);
    const halfWidth = f.within("half_width", () => {
      const still = f.divide(cost, f.multiply(f.multiply(f.multiply(f.multiply(spot, riskAversion), v), v), t));
      const moving = f.multiply(
        f.multiply(f.multiply(f.multiply(f.power(cost, 0.31), 1.12), f.power(t, 0.05)), discounted),
        f.sqrt(f.divide(size, riskAversion)),
      );
      return f.add(still, moving);
    });
    return symmetric(f, params, centre, halfWidth);
  };
}
