import { Random } from "../../../src/core/random.ts";

/** `episodes` arrays of `steps` values, drawn by `next`, which `start` makes afresh for each episode. */
export function made(
  episodes: number,
  steps: number,
  start: (random: Random) => () => number,
  seed = 1,
): Float64Array[] {
  return Array.from({ length: episodes }, (_, e) => {
    const next = start(new Random(seed, "test/stylised-facts", e));
    return Float64Array.from({ length: steps }, next);
  });
}

/** Student's t with `degrees` of freedom. */
export const student = (degrees: number) => (random: Random) => () => {
  let squares = 0;
  for (let i = 0; i < degrees; i++) squares += random.normal() ** 2;
  return random.normal() / Math.sqrt(squares / degrees);
};

/** x(t) = phi x(t-1) + noise, variance 1, started in its law: autocorrelation phi^lag. */
export const autoregressive = (phi: number) => (random: Random) => {
  let x = random.normal();
  return () => {
    x = phi * x + Math.sqrt(1 - phi * phi) * random.normal();
    return x;
  };
};

/** GJR-GARCH(1,1) of unit variance: `asymmetry` adds to `alpha` after a fall. */
export const garch =
  (alpha: number, beta: number, asymmetry = 0) =>
  (random: Random) => {
    const omega = 1 - alpha - beta - asymmetry / 2;
    let variance = 1;
    return () => {
      const r = Math.sqrt(variance) * random.normal();
      variance = omega + (alpha + (r < 0 ? asymmetry : 0)) * r * r + beta * variance;
      return r;
    };
  };

const TIMES = Array.from({ length: 24 }, (_, i) => 0.5 * 1.6 ** i);

/** Autocorrelation of {@link longMemory}: a mixture of exponentials that is lag^-power over lags from 1 to about 10,000. */
export function longMemoryAutocorrelation(power: number, lag: number): number {
  const weights = TIMES.map((t) => t ** -power);
  const total = weights.reduce((s, w) => s + w, 0);
  return weights.reduce((s, w, i) => s + (w / total) * Math.exp(-lag / TIMES[i]!), 0);
}

/** A stationary Gaussian series of unit variance with long memory: a sum of autoregressions over a geometric ladder of times. */
export const longMemory = (power: number) => (random: Random) => {
  const weights = TIMES.map((t) => t ** -power);
  const total = weights.reduce((s, w) => s + w, 0);
  const parts = TIMES.map((t) => autoregressive(Math.exp(-1 / t))(random));
  return () => parts.reduce((s, part, i) => s + Math.sqrt(weights[i]! / total) * part(), 0);
};

/** Poisson counts of the given mean, by inversion. */
export const poisson = (mean: number) => (random: Random) => () => {
  const u = random.uniform();
  let chance = Math.exp(-mean);
  let below = chance;
  let n = 0;
  while (u > below && n < 1000) {
    n++;
    chance *= mean / n;
    below += chance;
  }
  return n;
};
