import { ConfigError } from "../../core/errors.ts";

/** One parameter of a rule. */
export interface Dimension {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly scale: "log" | "linear";
  readonly start: number;
}

/** Throws a ConfigError naming the dimension that is malformed. */
export function expectDimensions(dimensions: readonly Dimension[]): void {
  for (const { name, low, high, scale, start } of dimensions) {
    const fail = (fix: string) => {
      throw new ConfigError("A parameter's range is malformed.", {
        which: name,
        value: { low, high, scale, start },
        fix,
      });
    };
    if (!Number.isFinite(low) || !Number.isFinite(high) || !(low < high)) fail("Give finite numbers with low < high.");
    if (scale === "log" && !(low > 0)) fail("A log scale needs low > 0.");
    if (!(start >= low && start <= high)) fail("Give a start between low and high.");
  }
}

/** Parameters of a point of the unit cube. */
export function fromUnit(dimensions: readonly Dimension[], u: Float64Array): Float64Array {
  return Float64Array.from(dimensions, ({ low, high, scale }, i) => {
    const x = u[i]!;
    // The ends are exact, so that "at the edge" can be told.
    if (x <= 0) return low;
    if (x >= 1) return high;
    return scale === "log" ? low * (high / low) ** x : low + (high - low) * x;
  });
}

/** The point of the unit cube nearest to the parameters, which may lie outside the box or be infinite. */
export function toUnit(dimensions: readonly Dimension[], params: Float64Array): Float64Array {
  return Float64Array.from(dimensions, ({ low, high, scale }, i) => {
    const x = Math.min(high, Math.max(low, params[i]!));
    return scale === "log" ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
  });
}
