import { normalCdf } from "../../src/core/normal.ts";

/**
 * Black's formula without units, to near full *relative* precision however small the value: what an implied-volatility solver needs.
 * An out-of-the-money option with log-moneyness x <= 0 and total volatility s = volatility*sqrt(years) is worth, in units of
 * sqrt(forward*strike) discounted,
 *   b(x, s) = e^(x/2) N(h+t) - e^(-x/2) N(h-t),   h = x/s, t = s/2          (Jaeckel, "Let's be rational", 2015)
 *           = phi * D,   phi = exp(-(h^2+t^2)/2)/sqrt(2 pi) = db/ds,   D = Y(h+t) - Y(h-t),   Y = N/density.
 * Because Y(z) is the integral of exp(z u - u^2/2) over u > 0, D is an integral of a positive function: no cancellation is left.
 */

const LOG_SQRT_2PI = 0.9189385332046728;
/** The integrand is dropped where it has fallen by exp(-DROP). */
const DROP = 42;
const NODES = 40;

/** Gauss-Legendre nodes and weights on [0, 1], by Newton's method on the Legendre polynomial. */
function gaussLegendre(n: number): { node: Float64Array; weight: Float64Array } {
  const node = new Float64Array(n);
  const weight = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let z = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let pass = 0; pass < 8; pass++) {
      let p = 1;
      let before = 0;
      for (let j = 0; j < n; j++) {
        const older = before;
        before = p;
        p = ((2 * j + 1) * z * before - j * older) / (j + 1);
      }
      slope = (n * (z * p - before)) / (z * z - 1);
      z -= p / slope;
    }
    node[i] = 0.5 * (1 - z);
    weight[i] = 1 / ((1 - z * z) * slope * slope);
  }
  return { node, weight };
}

const { node, weight } = gaussLegendre(NODES);

/** Y(z) = N(z)/density(z) for z <= 1 or so. */
function scaledTail(z: number): number {
  const reach = reachOf(-z);
  let sum = 0;
  for (let i = 0; i < NODES; i++) {
    const u = reach * node[i]!;
    sum += weight[i]! * Math.exp(u * (z - 0.5 * u));
  }
  return reach * sum;
}

/** The u at which a*u + u^2/2 reaches DROP, without cancellation for large a. */
function reachOf(a: number): number {
  const root = Math.sqrt(a * a + 2 * DROP);
  return a > 0 ? (2 * DROP) / (a + root) : root - a;
}

/** D(x, s) = b / (db/ds) for h+t not far above 0. */
function positiveDifference(h: number, t: number): number {
  const a = -h - t;
  const reach = reachOf(a);
  // A sharp rise at 0 would need more nodes; there the two tails differ by a factor of 2 or more and may be subtracted.
  if (2 * t * reach > DROP) return scaledTail(h + t) - scaledTail(h - t);
  let sum = 0;
  for (let i = 0; i < NODES; i++) {
    const u = reach * node[i]!;
    sum -= weight[i]! * Math.exp(-u * (a + 0.5 * u)) * Math.expm1(-2 * t * u);
  }
  return reach * sum;
}

/** ln(db/ds), for x <= 0 and s > 0. */
export function logNormalisedVega(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  return -0.5 * (h * h + t * t) - LOG_SQRT_2PI;
}

/** ln b(x, s) for x <= 0 and s > 0; finite even where b itself underflows. */
export function logNormalisedBlack(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  if (h + t > 0 && t > 0.5)
    return Math.log(Math.exp(0.5 * x) * normalCdf(h + t) - Math.exp(logNormalisedVega(x, s)) * scaledTail(h - t));
  return logNormalisedVega(x, s) + Math.log(positiveDifference(h, t));
}

/** ln of what is left to the upper bound, e^(x/2) - b(x, s), for x <= 0 and s > 0: a sum of two tails, so exact in the limit too. */
export function logNormalisedRemainder(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  if (h + t > -1) return logNormalisedVega(x, s) + Math.log(scaledTail(-h - t) + scaledTail(h - t));
  return Math.log(Math.exp(0.5 * x) * normalCdf(-h - t) + Math.exp(-0.5 * x) * normalCdf(h - t));
}
