import { surfaceOfSnapshot } from "../../env/options/surface.ts";
import { type SurfaceViolation, surfaceViolations } from "../../env/options/surface-arbitrage.ts";
import type { OptionChain } from "../core/contracts/option-chain.ts";

/** Arbitrages on the surfaces of a recorded chain. Nothing is repaired: they are counted and named. */
export interface ChainArbitrage {
  /** Up to this size (total variance, fraction of the forward) a violation is rounding of the published volatilities. */
  readonly tolerance: number;
  readonly points: number;
  readonly counts: Readonly<Record<SurfaceViolation["kind"], number>>;
  readonly snapshotsWithout: number;
  readonly snapshots: number;
  /** The largest, and its snapshot, seconds since 1970; absent where there is none. */
  readonly largest?: SurfaceViolation & { readonly time: number };
}

/** Checks every snapshot of a chain; see surfaceViolations. */
export function chainArbitrage(chain: OptionChain, tolerance = 2e-4): ChainArbitrage {
  const counts = { calendar: 0, vertical: 0, butterfly: 0 };
  let points = 0;
  let snapshotsWithout = 0;
  let largest: (SurfaceViolation & { time: number }) | undefined;
  for (let n = 0; n < chain.times.length; n++) {
    const surface = surfaceOfSnapshot(chain, n);
    const violations = surfaceViolations(surface, { variance: tolerance, price: tolerance });
    points += surface.k.length;
    if (violations.length === 0) snapshotsWithout++;
    for (const v of violations) {
      counts[v.kind]++;
      if (largest === undefined || v.size > largest.size) largest = { ...v, time: chain.times[n]! };
    }
  }
  const snapshots = chain.times.length;
  return { tolerance, points, counts, snapshotsWithout, snapshots, ...(largest === undefined ? {} : { largest }) };
}
