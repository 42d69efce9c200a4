import type { BandFormula, Formulas } from "../../../src/core/contracts/formulas.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import type { Params } from "../baseline.ts";
import { REFERENCE } from "../rules/adaptive.ts";
import { centreOf, feature, flowCentre, flowWaiting, logToxicity, symmetric, waiting } from "./parts.ts";

/** A band of constant width around the centre. */
export function deltaBand(params: Params, context: PolicyContext): BandFormula {
  return (f) => symmetric(f, params, centreOf(f, params, context), params.halfWidth!);
}

function flooredGamma<V, C>(f: Formulas<V, C>): V {
  return f.max(f.abs(feature(f, "gamma_percent")), REFERENCE.smallestGammaPercent);
}

/** The Greeks band of books without an option slot: the width follows gamma. */
export function greeksBand(params: Params, context: PolicyContext): BandFormula {
  const power = params.gammaExponent ?? 0;
  return (f) => {
    const centre = centreOf(f, params, context);
    const halfWidth = f.within("half_width", () =>
      f.multiply(
        power === 0 ? 1 : f.power(f.divide(flooredGamma(f), REFERENCE.gammaPercent), power),
        params.halfWidth!,
      ),
    );
    return symmetric(f, params, centre, halfWidth);
  };
}

/** The width follows the cost of a trade, gas included, and the rule waits while gas is dear. */
export function gasAware(params: Params, context: PolicyContext): BandFormula {
  const power = params.costExponent!;
  return (f) => {
    const centre = centreOf(f, params, context);
    const halfWidth = f.within("half_width", () => {
      if (power === 0) return f.multiply(1, params.halfWidth!);
      const cost = f.max(f.add(feature(f, "cost_rate_bps"), feature(f, "gas_cost_bps")), REFERENCE.smallestCostBps);
      return f.multiply(f.power(f.divide(cost, REFERENCE.costBps), power), params.halfWidth!);
    });
    return waiting(f, params, symmetric(f, params, centre, halfWidth));
  };
}

/** The width follows toxicity, the centre leans against flow, and the rule waits for flow to turn. */
export function toxicityAware(params: Params, context: PolicyContext): BandFormula {
  const power = params.toxicityExponent!;
  return (f) => {
    const centre = flowCentre(f, params, centreOf(f, params, context));
    const halfWidth = f.within("half_width", () =>
      f.multiply(power === 0 ? 1 : f.exp(f.multiply(logToxicity(f), power)), params.halfWidth!),
    );
    return flowWaiting(f, params, symmetric(f, params, centre, halfWidth));
  };
}

/** Log half-width linear in the logs of what `compositeBand` reads; leans and waits. */
export function composite(params: Params, context: PolicyContext): BandFormula {
  return (f) => {
    const centre = flowCentre(f, params, centreOf(f, params, context));
    const halfWidth = f.within("half_width", () => {
      const log = logWidth(f, params);
      return f.multiply(log === 0 ? 1 : f.exp(log), params.halfWidth!);
    });
    return waiting(f, params, flowWaiting(f, params, symmetric(f, params, centre, halfWidth)));
  };
}

function logWidth<V, C>(f: Formulas<V, C>, params: Params): V | 0 {
  const { costExponent: a, gammaExponent: g, timeExponent: t, volatilityExponent: v } = params;
  const terms: V[] = [];
  const term = (power: number | undefined, log: () => V) => {
    if (power !== undefined && power !== 0) terms.push(f.multiply(log(), power));
  };
  term(a, () => {
    const cost = f.add(feature(f, "cost_rate_bps"), f.divide(feature(f, "gas_cost_bps"), params.gasSize!));
    return f.log(f.divide(f.max(cost, REFERENCE.smallestCostBps), REFERENCE.costBps));
  });
  term(g, () => f.log(f.divide(flooredGamma(f), REFERENCE.gammaPercent)));
  term(t, () => f.log(f.divide(f.max(feature(f, "time_left"), REFERENCE.smallestTimeLeft), REFERENCE.timeLeft)));
  term(v, () => {
    const realised = feature(f, "realised_volatility_slow");
    const implied = feature(f, "implied_volatility");
    const unknown = f.either(f.not(f.greater(realised, 0)), f.not(f.greater(implied, 0)));
    const ratio = f.choose(unknown, 1, f.divide(realised, implied));
    return f.log(f.min(f.max(ratio, REFERENCE.smallestVolatilityRatio), REFERENCE.largestVolatilityRatio));
  });
  term(params.toxicityExponent, () => logToxicity(f));
  term(params.spreadExponent, () => feature(f, "spread_state"));
  const [first, ...others] = terms;
  return first === undefined ? 0 : others.reduce((sum, next) => f.add(sum, next), first);
}
