/**
 * A no-trade band for the total delta of the book (in units of the underlying, in the account's delta convention).
 * `centre` is where a full rehedge would bring the exposure; inside [lower, upper] nothing is traded.
 * Outside, the exposure is brought back to `edge + rebalanceTo * (centre - edge)`, edge being the one that was crossed.
 */
export interface Band {
  lower: number;
  upper: number;
  centre: number;
  /** 0 = trade to the edge, 1 = trade to the centre. */
  rebalanceTo: number;
}

/** Computes the band from one row of raw features. Tuned baselines implement it; the `band` action head starts from it. */
export interface BandRule {
  /** Writes the band for the row that starts at `offset` of `features`. */
  band(features: Float64Array, offset: number, out: Band): void;
}

/** What an action head needs in the bundle to be rebuilt. */
export type HeadSpec =
  | { readonly head: "gate+size"; readonly maxChange: number }
  | {
      readonly head: "band";
      /** The baseline whose band is the starting point, with its tuned parameters. */
      readonly reference: { readonly baseline: string; readonly params: Readonly<Record<string, number>> };
      /** Log-width range of the residual: an output of ±1 scales an edge by exp(±scale). */
      readonly scale: number;
    }
  | { readonly head: "target"; readonly maxPosition: number }
  | {
      readonly head: "menu";
      /** Fractions of the way to the centre, 0 among them. */
      readonly fractions: readonly number[];
      /** Choices that would trade less, in delta for one unit of book, are masked: the lot. 0 where left out. */
      readonly minimumTrade?: number;
    };
