import type { EncoderSpec } from "../../src/core/contracts/encoder.ts";
import { featureIndex } from "../../src/core/contracts/features.ts";
import { INTENT, INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Policy, PolicyContext } from "../../src/core/contracts/policy.ts";
import { ContractError } from "../../src/core/errors.ts";
import { GOLDEN_MINIMUM, type Golden, intentsOf } from "./golden.ts";

/** Rows taken from what the policy met, rows at whose band edges are looked for, and how far from an edge a row is put. */
const MET = 160;
const EDGE_BASES = 16;
const EDGE_DISTANCE = 1e-4;
/** Exposures, per unit of book, between which an edge is looked for. */
const SCAN = { from: -1.5, to: 1.5, steps: 60 } as const;
/** A row is too near an edge to be golden where this much exposure changes the answer by more than JUMP. */
const NUDGE = 1e-6;
const JUMP = 1e-3;
/** Units of features that take only a few values: no clip edge is put there. */
const DISCRETE = ["±1", "0 or 1"];

export interface GoldenSource {
  readonly context: PolicyContext;
  readonly encoder: EncoderSpec;
  readonly policy: Policy;
  /** Rows of raw features that the policy met [N*F], finite. */
  readonly rows: Float64Array;
}

/**
 * Chooses at least 256 rows: evenly from those met; one with each input at its clip edges and beyond; pairs on both sides of the edges of
 * the policy's own no-trade band, found by bisection. Rows so near an edge that an engine's rounding decides are left out.
 */
export function makeGolden({ context, encoder, policy, rows }: GoldenSource): Golden {
  const width = context.schema.features.length;
  const slots = context.slots.length;
  const outputs = slots * INTENT_WIDTH;
  const count = rows.length / width;
  const at = featureIndex(context.schema);
  const exposure = at.delta;
  const met = (i: number, of: number) => {
    const r = Math.floor((i * count) / of);
    return rows.slice(r * width, (r + 1) * width);
  };
  const answer = (row: Float64Array): Float64Array | undefined => {
    try {
      const out = intentsOf(policy, row, 1, width, slots);
      return out.every(Number.isFinite) ? out : undefined;
    } catch {
      // A made-up row outside what the features can be; rows that were met are checked once more below.
      return undefined;
    }
  };
  const changed = (row: Float64Array, feature: number, value: number) => {
    const copy = row.slice();
    copy[feature] = value;
    return copy;
  };
  const kept: Float64Array[] = [];
  const seen = new Set<string>();
  const keep = (row: Float64Array) => {
    const own = answer(row);
    if (own === undefined || seen.has(row.join())) return;
    if (exposure !== undefined)
      for (const side of [-NUDGE, NUDGE]) {
        const other = answer(changed(row, exposure, row[exposure]! + side));
        if (other === undefined || jumps(own, other, context.bookSize)) return;
      }
    seen.add(row.join());
    kept.push(row);
  };

  for (let i = 0; i < Math.min(MET, count); i++) keep(met(i, Math.min(MET, count)));
  encoder.features.forEach((name, j) => {
    const feature = at[name]!;
    if (DISCRETE.includes(context.schema.features[feature]!.unit)) return;
    const edge = encoder.clip * Math.sqrt(encoder.variance[j]! + encoder.epsilon);
    for (const times of [-2, -1, 1, 2])
      keep(changed(met(j, encoder.features.length), feature, encoder.mean[j]! + times * edge));
  });
  if (exposure !== undefined)
    for (let i = 0; i < EDGE_BASES; i++) {
      const row = met(i, EDGE_BASES);
      const trades = (delta: number) => answer(changed(row, exposure, delta))?.[INTENT.kind];
      for (const edge of switches(trades))
        for (const side of [-EDGE_DISTANCE, EDGE_DISTANCE]) keep(changed(row, exposure, edge + side));
    }
  // Too few rows were met: the same ones at shifted exposures.
  for (let i = 0; kept.length < GOLDEN_MINIMUM && i < 20 * GOLDEN_MINIMUM; i++) {
    const row = met(i % GOLDEN_MINIMUM, GOLDEN_MINIMUM);
    keep(
      exposure === undefined
        ? changed(row, 0, row[0]! * (1 + i * 1e-4))
        : changed(row, exposure, ((i * 37) % 997) / 500 - 1),
    );
  }
  if (kept.length < GOLDEN_MINIMUM)
    throw new ContractError("Too few rows have a finite, stable answer to make golden pairs.", {
      which: `${policy.id}: golden rows`,
      value: kept.length,
      fix: `A policy needs at least ${GOLDEN_MINIMUM}: check its output for NaN.`,
    });
  const all = new Float64Array(kept.length * width);
  // Adding 0 makes 0 of -0, which JSON cannot say.
  for (const [i, row] of kept.entries()) for (let f = 0; f < width; f++) all[i * width + f] = row[f]! + 0;
  const intents = intentsOf(policy, all, kept.length, width, slots).map((x) => x + 0);
  return { width, outputs, count: kept.length, rows: all, intents };
}

function jumps(a: Float64Array, b: Float64Array, bookSize: number): boolean {
  for (let i = 0; i < a.length; i += INTENT_WIDTH) {
    if (a[i] !== b[i]) return true;
    const change = a[i + INTENT.change]!;
    const scale = Math.max(Math.abs(change), bookSize);
    if (Math.abs(change - b[i + INTENT.change]!) > JUMP * scale) return true;
  }
  return false;
}

/** Exposures at which `f` changes its value, by scanning and bisection. */
function switches(f: (x: number) => number | undefined): number[] {
  const found: number[] = [];
  const step = (SCAN.to - SCAN.from) / SCAN.steps;
  for (let k = 0; k < SCAN.steps; k++) {
    let low = SCAN.from + k * step;
    let high = low + step;
    const left = f(low);
    if (left === f(high)) continue;
    while (high - low > 1e-9) {
      const middle = 0.5 * (low + high);
      if (f(middle) === left) low = middle;
      else high = middle;
    }
    found.push(0.5 * (low + high));
  }
  return found;
}
