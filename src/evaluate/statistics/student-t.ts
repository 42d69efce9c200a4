import { ContractError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";

/**
 * Distribution function of Student's t for a whole number of degrees of freedom, by the finite series of Abramowitz and Stegun (1964),
 * 26.7.3 and 26.7.4.
 */
export function studentCdf(t: number, degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1)
    throw new ContractError("Degrees of freedom must be a whole number of at least 1.", {
      which: "degrees",
      value: degrees,
    });
  const theta = Math.atan(t / Math.sqrt(degrees));
  const cos = Math.cos(theta);
  const even = degrees % 2 === 0;
  let term = even ? Math.sin(theta) : Math.sin(theta) * cos;
  let sum = degrees === 1 ? 0 : term;
  for (let j = even ? 2 : 3; j <= degrees - 2; j += 2) {
    term *= (cos * cos * (j - 1)) / j;
    sum += term;
  }
  const central = even ? sum : (2 / Math.PI) * (theta + sum);
  return 0.5 + 0.5 * central;
}

/** Quantile of Student's t by bisection on {@link studentCdf}, to about 1e-12 relative. */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1)) throw new ContractError("A probability must lie between 0 and 1.", { which: "p", value: p });
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let low = 0;
  let high = 1;
  while (studentCdf(high, degrees) < p && high < 1e12) high *= 2;
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const mid = 0.5 * (low + high);
    if (studentCdf(mid, degrees) < p) low = mid;
    else high = mid;
  }
  return 0.5 * (low + high);
}

/** One draw of Student's t. */
export function studentDraw(random: Random, degrees: number): number {
  const z = random.normal();
  let chiSquare = 0;
  for (let i = 0; i < degrees; i++) chiSquare += random.normal() ** 2;
  return z / Math.sqrt(chiSquare / degrees);
}
