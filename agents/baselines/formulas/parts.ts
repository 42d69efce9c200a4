import type { BandValues, Formulas } from "../../../src/core/contracts/formulas.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import type { Params } from "../baseline.ts";
import { TOXICITY } from "../rules/flow.ts";
import { delta, type OptionColumns, price } from "./black-scholes.ts";

/** One raw feature. */
export function feature<V, C>(f: Formulas<V, C>, name: string): V {
  return f.features([name]);
}

/** What `makeCentre` computes. `factor` multiplies the legs' volatility; `params.centreVolatility` unless given. */
export function centreOf<V, C>(f: Formulas<V, C>, params: Params, { legs, rate }: PolicyContext, factor?: () => V): V {
  const multiplier = params.centreVolatility ?? 1;
  const vega = params.centreVega ?? 0;
  const premium = params.centrePremium ?? 0;
  return f.within("centre", () => {
    let centre = f.multiply(vega === 0 ? 0 : feature(f, "vega_percent"), -vega * 100);
    const bends = factor !== undefined || multiplier !== 1;
    if (legs === 0 || (!bends && premium === 0)) return centre;
    const ofLegs = (name: string) => f.features(Array.from({ length: legs }, (_, l) => `leg${l}_${name}`));
    const spot = feature(f, "spot");
    const quantity = ofLegs("quantity");
    const option: OptionColumns<V> = {
      sign: ofLegs("sign"),
      spot,
      strike: f.multiply(spot, f.exp(f.multiply(ofLegs("log_moneyness"), -1))),
      rate,
      volatility: ofLegs("volatility"),
      years: ofLegs("years"),
    };
    // A leg that is not held has no terms to compute with.
    const held = (term: V) => f.total(f.choose(f.equal(quantity, 0), 0, f.multiply(quantity, term)));
    if (bends) {
      const other = { ...option, volatility: f.multiply(option.volatility, factor?.() ?? multiplier) };
      centre = f.add(centre, held(f.subtract(delta(f, option), delta(f, other))));
    }
    if (premium !== 0) centre = f.add(centre, f.divide(held(f.multiply(price(f, option), premium)), spot));
    return centre;
  });
}

/** What `symmetricBand` writes. */
export function symmetric<V, C>(f: Formulas<V, C>, params: Params, centre: V, halfWidth: V | number): BandValues<V> {
  const isFirst = f.greater(feature(f, "is_first"), 0.5);
  return {
    centre,
    lower: f.subtract(centre, halfWidth),
    upper: f.add(centre, halfWidth),
    rebalanceTo: f.choose(isFirst, params.initialHedge ?? 1, params.rebalanceTo ?? 0),
  };
}

/** One edge, `multiple` times as far from the centre. */
const stretch = <V, C>(f: Formulas<V, C>, { centre }: BandValues<V>, edge: V, multiple: number) =>
  f.add(centre, f.multiply(f.subtract(edge, centre), multiple));

/** Where a trade ends that leaves a band stretched so: where the narrow one would have ended it. */
const stretchedEnd = <V, C>(f: Formulas<V, C>, { rebalanceTo }: BandValues<V>, multiple: number) =>
  f.subtract(1, f.divide(f.subtract(1, rebalanceTo), multiple));

/** What `withWaiting` does to a band. */
export function waiting<V, C>(f: Formulas<V, C>, params: Params, band: BandValues<V>): BandValues<V> {
  const multiple = params.waitMultiple!;
  if (multiple === 1) return band;
  return f.within("waiting", () => {
    const waits = f.greater(feature(f, "base_fee_fast"), params.waitAbove!);
    return {
      centre: band.centre,
      lower: f.choose(waits, stretch(f, band, band.lower, multiple), band.lower),
      upper: f.choose(waits, stretch(f, band, band.upper, multiple), band.upper),
      rebalanceTo: f.choose(waits, stretchedEnd(f, band, multiple), band.rebalanceTo),
    };
  });
}

/** What `logToxicity` computes. */
export function logToxicity<V, C>(f: Formulas<V, C>): V {
  return f.log(f.divide(f.max(feature(f, "vpin"), TOXICITY.smallest), TOXICITY.neutral));
}

/** What `withFlowCentre` computes. */
export function flowCentre<V, C>(f: Formulas<V, C>, params: Params, centre: V): V {
  const fast = params.flowLean ?? 0;
  const slow = params.flowLeanSlow ?? 0;
  const rate = params.flowRate ?? 0;
  const toxicity = params.flowToxicity ?? 0;
  const position = params.flowPosition ?? 0;
  if (fast === 0 && slow === 0 && position === 0) return centre;
  return f.within("flow", () => {
    const imbalance = feature(f, "imbalance_fast");
    const displacement = f.add(f.multiply(imbalance, fast), f.multiply(feature(f, "imbalance_slow"), slow));
    const leaned = f.multiply(f.multiply(feature(f, "gamma_percent"), 100), displacement);
    let lean = f.add(leaned, f.multiply(imbalance, position));
    if (rate !== 0 || toxicity !== 0) {
      const ofRate = rate === 0 ? 0 : f.multiply(feature(f, "trade_rate"), rate);
      const log = toxicity === 0 ? ofRate : f.add(ofRate, f.multiply(logToxicity(f), toxicity));
      lean = f.multiply(lean, f.exp(log as V));
    }
    return f.add(centre, lean);
  });
}

/** What `withFlowWaiting` does to a band. */
export function flowWaiting<V, C>(f: Formulas<V, C>, params: Params, band: BandValues<V>): BandValues<V> {
  const multiple = params.flowWaitMultiple ?? 1;
  if (multiple === 1) return band;
  return f.within("flow_waiting", () => {
    const above = params.flowWaitAbove!;
    const imbalance = feature(f, "imbalance_fast");
    const buys = f.less(feature(f, "delta"), band.centre);
    const against = f.choose(buys, imbalance, f.multiply(imbalance, -1));
    const waits = f.greater(against, above);
    return {
      centre: band.centre,
      lower: f.choose(waits, f.choose(buys, stretch(f, band, band.lower, multiple), band.lower), band.lower),
      upper: f.choose(waits, f.choose(buys, band.upper, stretch(f, band, band.upper, multiple)), band.upper),
      rebalanceTo: f.choose(waits, stretchedEnd(f, band, multiple), band.rebalanceTo),
    };
  });
}
