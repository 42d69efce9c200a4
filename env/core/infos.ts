import type { Info, NumericArray, VectorInfo } from "./env.ts";

/**
 * Infos of B sub-environments as arrays by name with a mask `_name` [B], as Gymnasium's vector environments give them:
 * numbers become a Float64Array [B], flags a Uint8Array [B], all else a list with undefined where it is not set.
 */
export function gatherInfos(infos: readonly Info[], into: VectorInfo = {}): VectorInfo {
  const keys = new Set<string>();
  for (const info of infos) for (const key in info) keys.add(key);
  for (const key of keys) {
    const values = infos.map((info) => info[key]);
    const set = values.filter((value) => value !== undefined);
    into[`_${key}`] = Uint8Array.from(values, (value) => (value === undefined ? 0 : 1));
    if (set.every((value) => typeof value === "number"))
      into[key] = Float64Array.from(values, (value) => (value as number | undefined) ?? 0);
    else if (set.every((value) => typeof value === "boolean"))
      into[key] = Uint8Array.from(values, (value) => (value ? 1 : 0));
    else into[key] = values;
  }
  return into;
}

/** Copies the rows [width] of `from` where `mask` is 1. */
export function copyRows(from: NumericArray, to: NumericArray, mask: Uint8Array, width: number): void {
  for (let b = 0; b < mask.length; b++) if (mask[b]) for (let i = b * width; i < (b + 1) * width; i++) to[i] = from[i]!;
}
