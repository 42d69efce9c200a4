import { delta, price } from "../../env/options/black-scholes.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { Params } from "./baseline.ts";
import type { FeatureReader } from "./feature-reader.ts";

/** A number computed from the row of raw features that starts at `offset`. */
export type RowFunction = (features: Float64Array, offset: number) => number;

/**
 * The exposure that a full rehedge to the centre's delta leaves, in delta per unit of book, exposure being the feature `delta`:
 *   sum over legs of quantity * (delta(v) - delta(factor * v))   the hedge is that of another volatility (Leland, Zakamouline, or tuned)
 *   - centreVega * 100 * vega_percent                            minimum variance: volatility is expected to move with the price
 *   + centrePremium * (value of the legs) / spot                 premium-adjusted, for coin-settled books
 * @param factor multiplier of the legs' volatility; the constant `params.centreVolatility` unless given
 * Volatility terms take the legs without dividend yield, which no feature tells.
 */
export function makeCentre(
  params: Params,
  context: PolicyContext,
  read: FeatureReader,
  factor?: RowFunction,
): RowFunction {
  const multiplier = params.centreVolatility ?? 1;
  const vega = params.centreVega ?? 0;
  const premium = params.centrePremium ?? 0;
  const vegaPercent = vega === 0 ? 0 : read.need("vega_percent");
  if (factor === undefined && multiplier === 1 && premium === 0)
    return vega === 0 ? () => 0 : (features, offset) => -vega * 100 * features[offset + vegaPercent]!;

  const spotAt = read.need("spot");
  const { legs, rate } = context;
  const legAt = Array.from({ length: legs }, (_, l) => ({
    quantity: read.need(`leg${l}_quantity`),
    logMoneyness: read.need(`leg${l}_log_moneyness`),
    years: read.need(`leg${l}_years`),
    sign: read.need(`leg${l}_sign`),
    volatility: read.need(`leg${l}_volatility`),
  }));
  return (features, offset) => {
    const f = factor === undefined ? multiplier : factor(features, offset);
    const spot = features[offset + spotAt]!;
    let centre = vega === 0 ? 0 : -vega * 100 * features[offset + vegaPercent]!;
    for (let l = 0; l < legs; l++) {
      const at = legAt[l]!;
      const quantity = features[offset + at.quantity]!;
      if (quantity === 0) continue;
      const strike = spot * Math.exp(-features[offset + at.logMoneyness]!);
      const years = features[offset + at.years]!;
      const sign = features[offset + at.sign]!;
      const volatility = features[offset + at.volatility]!;
      if (f !== 1)
        centre +=
          quantity *
          (delta(sign, spot, strike, rate, 0, volatility, years) -
            delta(sign, spot, strike, rate, 0, f * volatility, years));
      if (premium !== 0) centre += (premium * quantity * price(sign, spot, strike, rate, 0, volatility, years)) / spot;
    }
    return centre;
  };
}
