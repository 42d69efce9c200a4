import type { FeatureSchema } from "../../src/core/contracts/features.ts";
import { ContractError } from "../../src/core/errors.ts";
import type { PolicyJson } from "./policy-json.ts";

/** Drift is judged in this many bins of equal share. */
const BINS = 10;

/** Quantile of an ascending array, linear between order statistics (Hyndman and Fan 1996, type 7). */
function quantile(ascending: Float64Array, p: number): number {
  const at = p * (ascending.length - 1);
  const below = Math.floor(at);
  const low = ascending[below]!;
  return low + (at - below) * (ascending[Math.min(below + 1, ascending.length - 1)]! - low);
}

/**
 * What the policy was tested on, feature by feature: ranges and bins of the rows [N*F] that it met.
 * Throws a ContractError for an empty or ragged table and for a number that is not finite, naming row and feature.
 */
export function describeRows(
  schema: FeatureSchema,
  rows: Float64Array,
): { features: PolicyJson["envelope"]["features"]; driftReference: PolicyJson["driftReference"]; count: number } {
  const width = schema.features.length;
  if (rows.length === 0 || rows.length % width !== 0)
    throw new ContractError("The rows that describe what a policy was tested on are not whole.", {
      which: "rows",
      value: rows.length,
      fix: `Pass at least one row of ${width} raw features.`,
    });
  const bad = rows.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new ContractError("A raw feature is not a finite number.", {
      which: `rows: row ${Math.floor(bad / width)}, ${schema.features[bad % width]!.name}`,
      value: rows[bad],
      fix: "Check the feature module and the data it reads.",
    });
  const count = rows.length / width;
  const features: PolicyJson["envelope"]["features"] = {};
  const driftReference: PolicyJson["driftReference"] = {};
  const column = new Float64Array(count);
  schema.features.forEach(({ name }, f) => {
    for (let i = 0; i < count; i++) column[i] = rows[i * width + f]!;
    column.sort();
    features[name] = {
      min: column[0]!,
      q01: quantile(column, 0.01),
      q99: quantile(column, 0.99),
      max: column[count - 1]!,
    };
    driftReference[name] = bins(column);
  });
  return { features, driftReference, count };
}

/** Bins of equal share; ties make fewer. A value belongs to the bin whose lower edge is the last one at or below it. */
function bins(ascending: Float64Array): { edges: number[]; shares: number[] } {
  const edges: number[] = [];
  for (let k = 1; k < BINS; k++) {
    const edge = quantile(ascending, k / BINS);
    if (edge > (edges.at(-1) ?? ascending[0]!)) edges.push(edge);
  }
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const x of ascending) {
    while (bin < edges.length && x >= edges[bin]!) bin++;
    counts[bin]! += 1;
  }
  return { edges, shares: counts.map((c) => c / ascending.length) };
}
