import type { Formulas } from "../../../src/core/contracts/formulas.ts";
import { normalCdf } from "./normal.ts";

/** Limits of env/options/black-scholes.ts: deviations beyond which an option is worth its intrinsic value, and a total volatility that is none. */
const FAR = 40;
const STILL = 1e-100;

/** Options without dividends, one a column; spot and rate are common. */
export interface OptionColumns<V> {
  readonly sign: V;
  readonly spot: V;
  readonly strike: V;
  readonly rate: number;
  readonly volatility: V;
  readonly years: V;
}

function moments<V, C>(f: Formulas<V, C>, { spot, strike, rate, volatility, years }: OptionColumns<V>) {
  const t = f.max(years, 0);
  const deviation = f.multiply(volatility, f.sqrt(t));
  const k = rate === 0 ? strike : f.multiply(strike, f.exp(f.multiply(t, -rate)));
  const x = f.log(f.divide(spot, k));
  const reach = f.multiply(f.add(f.multiply(deviation, 0.5), FAR), deviation);
  const held = f.either(f.less(deviation, STILL), f.greater(f.abs(x), reach));
  const d1 = f.add(f.divide(x, deviation), f.multiply(deviation, 0.5));
  return { deviation, k, x, held, d1 };
}

/** dPrice/dSpot, by the steps of `delta`. */
export function delta<V, C>(f: Formulas<V, C>, option: OptionColumns<V>): V {
  return f.within("delta", () => {
    const { sign } = option;
    const { x, held, d1 } = moments(f, option);
    const moneyness = f.multiply(sign, x);
    const step = f.choose(f.greater(moneyness, 0), 1, f.choose(f.less(moneyness, 0), 0, f.add(moneyness, 0.5)));
    return f.multiply(sign, f.choose(held, step, normalCdf(f, f.multiply(sign, d1))));
  });
}

/** Price in the units of spot, by the steps of `price`. */
export function price<V, C>(f: Formulas<V, C>, option: OptionColumns<V>): V {
  return f.within("price", () => {
    const { sign, spot } = option;
    const { deviation, k, x, held, d1 } = moments(f, option);
    const out = f.choose(f.greater(x, 0), -1, 1);
    const forward = f.multiply(sign, f.subtract(spot, k));
    const first = f.multiply(spot, normalCdf(f, f.multiply(out, d1)));
    const second = f.multiply(k, normalCdf(f, f.multiply(out, f.subtract(d1, deviation))));
    const otm = f.max(f.multiply(out, f.subtract(first, second)), 0);
    const value = f.choose(f.equal(sign, out), otm, f.add(otm, forward));
    return f.choose(held, f.max(forward, 0), value);
  });
}
