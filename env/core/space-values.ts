import { ContractError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";
import type { NumericArray } from "./env.ts";
import { type BoxSpace, flatSize, type Space } from "./spaces.ts";

/** An array for `copies` elements of the space: the space's float type for a box, int32 for all others. */
export function allocate(space: Space, copies = 1): NumericArray {
  const size = flatSize(space) * copies;
  if (space.kind !== "box") return new Int32Array(size);
  return space.dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
}

/** Bounds as the box's own float type sees them: 0.1 in float32 is above 0.1 in float64, and must still be inside. */
function bound(space: BoxSpace, value: number): number {
  return space.dtype === "float32" ? Math.fround(value) : value;
}

/** One element of a box: uniform between two bounds, shifted exponential beside one, standard normal without any. */
function sampleElement(low: number, high: number, random: Random): number {
  if (Number.isFinite(low) && Number.isFinite(high)) return low + (high - low) * random.uniform();
  if (Number.isFinite(low)) return low - Math.log(random.uniform());
  if (Number.isFinite(high)) return high + Math.log(random.uniform());
  return random.normal();
}

function sampleAllowed(n: number, random: Random, mask: ArrayLike<number>): number {
  let allowed = 0;
  for (let i = 0; i < n; i++) if (mask[i]) allowed++;
  if (allowed === 0)
    throw new ContractError("No action is allowed by the mask.", {
      which: "mask",
      value: Array.from(mask),
      fix: "Allow at least one action.",
    });
  let left = random.integer(allowed);
  for (let i = 0; i < n; i++) if (mask[i] && left-- === 0) return i;
  return n - 1;
}

/**
 * Draws one element: a number for Discrete, otherwise an array of `flatSize(space)`.
 * `mask` [n] allows values of a Discrete space. Throws a ContractError when it allows none.
 */
export function sample(space: Space, random: Random, mask?: ArrayLike<number>): number | NumericArray {
  switch (space.kind) {
    case "discrete":
      return space.start + (mask ? sampleAllowed(space.n, random, mask) : random.integer(space.n));
    case "multi-discrete":
      return Int32Array.from(space.nvec, (n) => random.integer(n));
    case "multi-binary":
      return Int32Array.from({ length: space.n }, () => random.integer(2));
    case "box": {
      const out = allocate(space);
      for (let i = 0; i < out.length; i++)
        out[i] = sampleElement(bound(space, space.low[i]!), bound(space, space.high[i]!), random);
      return out;
    }
  }
}

/** The reason why `x` is not an element of the space, or undefined when it is one. NaN is in no space. */
export function whyOutside(space: Space, x: number | ArrayLike<number>): string | undefined {
  const values = typeof x === "number" ? [x] : x;
  const size = flatSize(space);
  if (values.length !== size) return `it has ${values.length} elements instead of ${size}`;
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    const low = space.kind === "box" ? bound(space, space.low[i]!) : space.kind === "discrete" ? space.start : 0;
    const high =
      space.kind === "box"
        ? bound(space, space.high[i]!)
        : space.kind === "discrete"
          ? space.start + space.n - 1
          : space.kind === "multi-discrete"
            ? space.nvec[i]! - 1
            : 1;
    if (!(value >= low && value <= high)) return `element ${i} is ${value}, outside [${low}, ${high}]`;
    if (space.kind !== "box" && !Number.isInteger(value)) return `element ${i} is ${value}, not an integer`;
  }
  return undefined;
}

/** True where `x` is an element of the space. */
export function contains(space: Space, x: number | ArrayLike<number>): boolean {
  return whyOutside(space, x) === undefined;
}

function range(values: Float64Array): string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === high ? `${low}` : `${low} … ${high}`;
}

/** One line for people, e.g. `Box([3], float32, low -8 … -1, high 1 … 8)`. */
export function describe(space: Space): string {
  switch (space.kind) {
    case "discrete":
      return space.start === 0 ? `Discrete(${space.n})` : `Discrete(${space.n}, start ${space.start})`;
    case "multi-discrete":
      return `MultiDiscrete([${space.nvec.join(", ")}])`;
    case "multi-binary":
      return `MultiBinary(${space.n})`;
    case "box":
      return `Box([${space.shape.join(", ")}], ${space.dtype}, low ${range(space.low)}, high ${range(space.high)})`;
  }
}
