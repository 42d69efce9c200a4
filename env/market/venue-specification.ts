import { ConfigError, didYouMean } from "../../src/core/errors.ts";

/** What a venue publishes about an instrument: versioned data, never code. Amounts in instrument units. */
export interface VenueSpecification {
  readonly id: string;
  /** First day on which it held, and where it was read. */
  readonly validFrom: string;
  readonly note: string;
  /** Underlying coins (linear) or USD (inverse) in one unit. */
  readonly contractSize: number;
  /** Smallest change of a position, units; 0 = none. */
  readonly lot: number;
  readonly minimum: number;
  /** Smallest change of a quote, USD; 0 = none. */
  readonly tick: number;
  readonly takerFeeBps: number;
  /** Cap of the fee for options, as a fraction of the option's price. */
  readonly feeCapOfPrice?: number;
  /** True where a trade is a transaction that pays gas. */
  readonly onChain: boolean;
}

const ideal = { contractSize: 1, lot: 0, minimum: 0, tick: 0, takerFeeBps: 0, onChain: false } as const;

/** Known specifications. A change at a venue adds an entry; it never edits one. */
export const VENUE_SPECIFICATIONS: readonly VenueSpecification[] = [
  { ...ideal, id: "ideal", validFrom: "1970-01-01", note: "No lots, no ticks, no fees: for validation." },
  {
    ...ideal,
    id: "on-chain-ideal",
    validFrom: "1970-01-01",
    note: "Pays gas; no lots, no ticks, no fees: for validation.",
    onChain: true,
  },
  {
    ...ideal,
    id: "dex-spot-5bps",
    validFrom: "2021-05-05",
    note: "A 0.05% fee tier of a constant-product automated market maker.",
    takerFeeBps: 5,
    onChain: true,
    lot: 1e-6,
    minimum: 1e-6,
  },
  {
    ...ideal,
    id: "btc-perpetual",
    validFrom: "2021-12-31",
    note: "A linear BTC perpetual: 0.0001 BTC lots, 1 USD tick, 5 bps taker.",
    lot: 1e-4,
    minimum: 1e-3,
    tick: 1,
    takerFeeBps: 5,
  },
  {
    ...ideal,
    id: "btc-inverse-perpetual",
    validFrom: "2021-12-31",
    note: "An inverse BTC perpetual: contracts of 10 USD, 0.5 USD tick, 5 bps taker.",
    contractSize: 10,
    lot: 1,
    minimum: 1,
    tick: 0.5,
    takerFeeBps: 5,
  },
  {
    ...ideal,
    id: "listed-option",
    validFrom: "2021-12-31",
    note: "A coin-settled listed option: 0.1 lots, 3 bps of the underlying, at most 12.5% of the option's price.",
    lot: 0.1,
    minimum: 0.1,
    tick: 0.01,
    takerFeeBps: 3,
    feeCapOfPrice: 0.125,
  },
];

/** Looks a specification up by id. */
export function venueSpecification(id: string, which: string): VenueSpecification {
  const found = VENUE_SPECIFICATIONS.find((s) => s.id === id);
  if (found === undefined)
    throw new ConfigError(`No venue specification is called "${id}".`, {
      which,
      value: id,
      fix: "Use a known specification.",
      hints: didYouMean(
        id,
        VENUE_SPECIFICATIONS.map((s) => s.id),
      ),
    });
  return found;
}

/** The one rounding of an intent's change to a venue's lots: to the nearest lot, and to nothing below the minimum. */
export function roundToLots(change: number, specification: { lot: number; minimum: number }): number {
  const { lot, minimum } = specification;
  // Multiplying back by an integer keeps one representation for one multiple.
  const rounded = lot > 0 ? Math.round(change / lot) * lot : change;
  return Math.abs(rounded) < Math.max(minimum, 1e-15) ? 0 : rounded;
}

/** Rounds a quote away from the mid to the tick: bids down, asks up. */
export function roundQuote(price: number, tick: number, side: 1 | -1): number {
  if (tick <= 0) return price;
  // A relative hair keeps a price that is on the grid where it is.
  return side > 0 ? Math.ceil(price / tick - 1e-9) * tick : Math.floor(price / tick + 1e-9) * tick;
}
