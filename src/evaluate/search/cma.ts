import type { Random } from "../../core/random.ts";
import { cholesky, multiplyLower, solveLower } from "./matrix.ts";
import { quadraticMinimum, type Valued } from "./quadratic-model.ts";

export interface CmaInput {
  readonly start: Float64Array;
  /** Initial standard deviation, as a part of the unit cube. */
  readonly sigma: number;
  readonly random: Random;
  /** Value at a point of the unit cube; undefined where the budget is spent. */
  readonly evaluate: (u: Float64Array) => number | undefined;
  /** Points already known at this fidelity; new ones are added by the caller. Read by the quadratic model. */
  readonly archive: readonly Valued[];
}

export interface CmaResult {
  readonly mean: Float64Array;
  /** Lower factor [d*d] of the last search covariance, scale included. */
  readonly factor: Float64Array;
}

/** Smallest spread, as a part of the cube, that is still worth searching. */
const FINEST = 2e-4;

/**
 * Covariance matrix adaptation (Hansen, 2016, "The CMA evolution strategy: a tutorial"), in the unit cube, with the Cholesky factor in place of
 * the eigenvectors, and one candidate a generation taken from a quadratic model of all points so far (Hansen, 2011 on injection; 2019 on
 * the model). Stops when its spread is fine, on a plateau, or when the budget is spent.
 */
export function searchCma(input: CmaInput): CmaResult {
  const { random } = input;
  const d = input.start.length;
  const lambda = 4 + Math.floor(3 * Math.log(d));
  const mu = Math.floor(lambda / 2);
  const raw = Array.from({ length: mu }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1));
  const rawSum = raw.reduce((s, w) => s + w, 0);
  const weights = raw.map((w) => w / rawSum);
  const muEff = 1 / weights.reduce((s, w) => s + w * w, 0);
  const cs = (muEff + 2) / (d + muEff + 5);
  const damps = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + cs;
  const cc = (4 + muEff / d) / (d + 4 + (2 * muEff) / d);
  const c1 = 2 / ((d + 1.3) ** 2 + muEff);
  const cmu = Math.min(1 - c1, (2 * (muEff - 2 + 1 / muEff)) / ((d + 2) ** 2 + muEff));
  const chi = Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));

  let mean = Float64Array.from(input.start);
  let sigma = input.sigma;
  let covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++) covariance[i * d + i] = 1;
  let factor = cholesky(covariance, d)!;
  const pathC = new Float64Array(d);
  const pathS = new Float64Array(d);
  let flat = 0;
  const result = () => ({ mean, factor: factor.map((x) => x * sigma) });
  const whiten = (u: Float64Array) =>
    solveLower(
      factor,
      u.map((x, i) => (x - mean[i]!) / sigma),
    );

  for (let generation = 1; ; generation++) {
    const radius = 2 * Math.sqrt(d) + 2;
    const model = quadraticMinimum(
      input.archive.map(({ u, value }) => ({ u: whiten(u), value })),
      d,
      radius,
    );
    const population: { y: Float64Array; z: Float64Array; value: number }[] = [];
    for (let k = 0; k < lambda; k++) {
      const proposal = k === 0 && model !== undefined ? model : Float64Array.from({ length: d }, () => random.normal());
      const u = multiplyLower(factor, proposal).map((y, i) => Math.min(1, Math.max(0, mean[i]! + sigma * y)));
      const value = input.evaluate(u);
      if (value === undefined) return result();
      const y = u.map((x, i) => (x - mean[i]!) / sigma);
      const z = solveLower(factor, y);
      // An injected step that is too long would blow up the covariance (Hansen, 2011).
      const shrink = k === 0 ? Math.min(1, (chi + 2) / (Math.hypot(...z) + 1e-12)) : 1;
      population.push({ y: y.map((v) => v * shrink), z: z.map((v) => v * shrink), value });
    }
    population.sort((a, b) => a.value - b.value);
    flat = population[0]!.value === population.at(-1)!.value ? flat + 1 : 0;
    if (flat >= 2) return result();

    const meanY = new Float64Array(d);
    const meanZ = new Float64Array(d);
    for (const [i, w] of weights.entries())
      for (let j = 0; j < d; j++) {
        meanY[j]! += w * population[i]!.y[j]!;
        meanZ[j]! += w * population[i]!.z[j]!;
      }
    mean = mean.map((x, j) => x + sigma * meanY[j]!);
    for (let j = 0; j < d; j++) pathS[j] = (1 - cs) * pathS[j]! + Math.sqrt(cs * (2 - cs) * muEff) * meanZ[j]!;
    const lengthS = Math.hypot(...pathS);
    const stalled = lengthS / Math.sqrt(1 - (1 - cs) ** (2 * generation)) >= (1.4 + 2 / (d + 1)) * chi;
    const push = stalled ? 0 : Math.sqrt(cc * (2 - cc) * muEff);
    for (let j = 0; j < d; j++) pathC[j] = (1 - cc) * pathC[j]! + push * meanY[j]!;
    const keep = 1 - c1 - cmu + (stalled ? c1 * cc * (2 - cc) : 0);
    const next = covariance.map((c) => keep * c);
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        let rankMu = 0;
        for (const [k, w] of weights.entries()) rankMu += w * population[k]!.y[i]! * population[k]!.y[j]!;
        next[i * d + j]! += c1 * pathC[i]! * pathC[j]! + cmu * rankMu;
      }
    sigma = Math.min(0.5, sigma * Math.exp(Math.min(0.6, (cs / damps) * (lengthS / chi - 1))));
    const nextFactor = cholesky(next, d);
    if (nextFactor === undefined) return result();
    covariance = next;
    factor = nextFactor;
    let spread = 0;
    for (let i = 0; i < d; i++) spread = Math.max(spread, sigma * Math.sqrt(covariance[i * d + i]!));
    if (spread < FINEST) return result();
  }
}
