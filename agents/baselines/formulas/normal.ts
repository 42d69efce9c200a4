import type { Formulas } from "../../../src/core/contracts/formulas.ts";

/** Coefficients of src/core/normal.ts, highest power first. */
const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];

/** Distribution function of the standard normal, by the steps of `normalCdf`. */
export function normalCdf<V, C>(f: Formulas<V, C>, x: V): V {
  return f.within("normal_cdf", () => {
    const a = f.abs(x);
    const polynomial = (coefficients: readonly number[]) => {
      let sum: V | number = coefficients[0]!;
      for (const c of coefficients.slice(1)) sum = f.add(f.multiply(sum, a), c);
      return sum;
    };
    const e = f.exp(f.multiply(f.multiply(a, a), -0.5));
    const body = f.divide(f.multiply(e, polynomial(NUMERATOR)), polynomial(DENOMINATOR));
    let fraction = f.add(a, 0.65);
    for (const k of [4, 3, 2, 1]) fraction = f.add(a, f.divide(k, fraction));
    const tail = f.divide(f.divide(e, fraction), 2.506628274631);
    const p = f.choose(f.greater(a, 37), 0, f.choose(f.less(a, 7.07106781186547), body, tail));
    return f.choose(f.greater(x, 0), f.subtract(1, p), p);
  });
}
