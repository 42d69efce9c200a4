import { ContractError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { meanOf, sampleSd, sortedQuantile } from "./quantile.ts";
import { studentQuantile } from "./student-t.ts";

function expectSeeds(values: ArrayLike<number>): void {
  if (values.length < 2)
    throw new ContractError("An interval over training seeds needs at least two seeds.", {
      which: "values",
      value: values.length,
      fix: "Train with more seeds; five is a good number.",
    });
}

/** Student's interval for the mean over training seeds. @param values [S], one a seed */
export function tInterval(values: ArrayLike<number>, level = 0.95): readonly [number, number] {
  expectSeeds(values);
  const mean = meanOf(values);
  const half = (studentQuantile(0.5 + level / 2, values.length - 1) * sampleSd(values)) / Math.sqrt(values.length);
  return [mean - half, mean + half];
}

/**
 * Bootstrap-t interval for the mean over training seeds (Efron and Tibshirani, 1993, ch. 12): follows skewed spreads that Student's
 * interval does not, and is wide for fewer than about eight seeds. Resamples without spread are drawn again.
 */
export function bootstrapTInterval(
  values: ArrayLike<number>,
  options: { readonly seed: number | string; readonly resamples?: number; readonly level?: number },
): readonly [number, number] {
  expectSeeds(values);
  const s = values.length;
  const mean = meanOf(values);
  const sd = sampleSd(values);
  if (sd === 0) return [mean, mean];
  const resamples = options.resamples ?? 2000;
  const random = new Random(options.seed, "evaluate/bootstrap-t");
  const ts = new Float64Array(resamples);
  const draw = new Float64Array(s);
  for (let b = 0; b < resamples; b++) {
    let spread = 0;
    while (spread === 0) {
      for (let i = 0; i < s; i++) draw[i] = values[random.integer(s)]!;
      spread = sampleSd(draw);
    }
    ts[b] = ((meanOf(draw) - mean) / spread) * Math.sqrt(s);
  }
  ts.sort();
  const tail = (1 - (options.level ?? 0.95)) / 2;
  const error = sd / Math.sqrt(s);
  return [mean - error * sortedQuantile(ts, 1 - tail), mean - error * sortedQuantile(ts, tail)];
}
