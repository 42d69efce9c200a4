/** Spaces are data: plain objects with a `kind`. Sampling, membership and batching are functions over them. */

export interface BoxSpace {
  readonly kind: "box";
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64";
  /** One bound an element, flattened; may be infinite. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface DiscreteSpace {
  readonly kind: "discrete";
  readonly n: number;
  readonly start: number;
}

export interface MultiDiscreteSpace {
  readonly kind: "multi-discrete";
  readonly nvec: readonly number[];
}

export interface MultiBinarySpace {
  readonly kind: "multi-binary";
  readonly n: number;
}

export type Space = BoxSpace | DiscreteSpace | MultiDiscreteSpace | MultiBinarySpace;

/** A box of `shape`, bounds given as one number for all elements or one an element. */
export function box(
  low: number | readonly number[],
  high: number | readonly number[],
  shape?: readonly number[],
  dtype: "float32" | "float64" = "float32",
): BoxSpace {
  const size = shape
    ? shape.reduce((a, b) => a * b, 1)
    : typeof low !== "number"
      ? low.length
      : typeof high !== "number"
        ? high.length
        : 1;
  const fill = (bound: number | readonly number[]) =>
    typeof bound === "number" ? new Float64Array(size).fill(bound) : Float64Array.from(bound);
  return { kind: "box", shape: shape ?? [size], dtype, low: fill(low), high: fill(high) };
}

export function discrete(n: number, start = 0): DiscreteSpace {
  return { kind: "discrete", n, start };
}

/** Numbers in one flattened element of the space. */
export function flatSize(space: Space): number {
  if (space.kind === "box") return space.shape.reduce((a, b) => a * b, 1);
  if (space.kind === "discrete") return 1;
  if (space.kind === "multi-discrete") return space.nvec.length;
  return space.n;
}
