import type { OptionChain } from "../../../src/core/contracts/option-chain.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { isoTime } from "../iso-time.ts";

/** An option as a scenario asks for it. */
export interface ListedRequest {
  /** 1 call, -1 put. */
  readonly sign: number;
  /** Strike over the forward of the expiry; 1 = at the money. */
  readonly moneyness: number;
  /** Wished time to expiry, days. */
  readonly maturityDays: number;
}

/** How a resolution had to leave the first choice. */
export type ListedFallback =
  /** A nearer expiry was passed over: it ends before the window does. */
  | "expiry-too-short"
  /** A nearer expiry was passed over: it has no mark on the side asked for. */
  | "expiry-unmarked"
  /** No option of this sign and expiry had both a bid and an ask; one with a mark was taken. */
  | "one-sided";

/** A listed option. */
export interface ListedOption {
  /** Position in the chain's quotes, and of the expiry in its listed expiries. */
  readonly quote: number;
  readonly expiryIndex: number;
  /** Seconds since 1970. */
  readonly expiry: number;
  /** USD. */
  readonly strike: number;
  readonly sign: number;
  readonly fallbacks: readonly ListedFallback[];
}

function isMarked(chain: OptionChain, q: number): boolean {
  return chain.mark[q]! > 0 && chain.markVolatility[q]! > 0;
}

function isTwoSided(chain: OptionChain, q: number): boolean {
  return chain.bid[q]! > 0 && chain.ask[q]! > 0;
}

function hasMark(chain: OptionChain, e: number, sign: number): boolean {
  for (let q = chain.listedQuote[e]!; q < chain.listedQuote[e + 1]!; q++)
    if (chain.sign[q] === sign && isMarked(chain, q)) return true;
  return false;
}

/** The nearest strike with a mark, the lower one of two as near; two-sided quotes only, or any. -1 = none. */
function nearestQuote(chain: OptionChain, e: number, sign: number, strike: number, twoSided: boolean): number {
  let best = -1;
  let distance = Infinity;
  for (let q = chain.listedQuote[e]!; q < chain.listedQuote[e + 1]!; q++) {
    if (chain.sign[q] !== sign || !isMarked(chain, q) || (twoSided && !isTwoSided(chain, q))) continue;
    const d = Math.abs(chain.strike[q]! - strike);
    if (d < distance) {
      best = q;
      distance = d;
    }
  }
  return best;
}

/**
 * The rule that turns "moneyness m, n days" into listed contracts, all on one expiry; undefined where no expiry qualifies.
 * 1. Expiry: of those that end later than `outlives` (seconds since 1970) and hold a mark on every side asked for, the one nearest to the
 *    wished date of the first request, the earlier of two as near.
 * 2. Strike: of the options of the sign asked for that have a mark, a bid and an ask, the one nearest to moneyness x forward, the lower
 *    of two as near; where no option has both a bid and an ask, a mark is enough.
 */
export function resolveLegs(
  chain: OptionChain,
  snapshot: number,
  requests: readonly ListedRequest[],
  outlives: number,
): ListedOption[] | undefined {
  const wished = chain.times[snapshot]! + requests[0]!.maturityDays * 86_400;
  let chosen = -1;
  let distance = Infinity;
  let short = Infinity;
  let unmarked = Infinity;
  for (let e = chain.firstExpiry[snapshot]!; e < chain.firstExpiry[snapshot + 1]!; e++) {
    const d = Math.abs(chain.listedExpiry[e]! - wished);
    if (chain.listedExpiry[e]! <= outlives) short = Math.min(short, d);
    else if (!requests.every(({ sign }) => hasMark(chain, e, sign))) unmarked = Math.min(unmarked, d);
    else if (d < distance) {
      chosen = e;
      distance = d;
    }
  }
  if (chosen < 0) return undefined;
  const expiryFallbacks: ListedFallback[] = [];
  if (short < distance) expiryFallbacks.push("expiry-too-short");
  if (unmarked < distance) expiryFallbacks.push("expiry-unmarked");
  return requests.map(({ sign, moneyness }) => {
    const strike = moneyness * chain.listedForward[chosen]!;
    const best = nearestQuote(chain, chosen, sign, strike, true);
    const quote = best >= 0 ? best : nearestQuote(chain, chosen, sign, strike, false);
    return {
      quote,
      expiryIndex: chosen,
      expiry: chain.listedExpiry[chosen]!,
      strike: chain.strike[quote]!,
      sign,
      fallbacks: best >= 0 ? expiryFallbacks : [...expiryFallbacks, "one-sided"],
    };
  });
}

/**
 * Resolves one request at a snapshot by the rule of {@link resolveLegs}.
 * @param outlives the option must expire after this moment, seconds since 1970; by default the snapshot's own
 * Throws a ConfigError where no listed expiry qualifies.
 */
export function resolveListed(
  chain: OptionChain,
  snapshot: number,
  request: ListedRequest,
  outlives: number = chain.times[snapshot]!,
): ListedOption {
  const option = resolveLegs(chain, snapshot, [request], outlives)?.[0];
  if (option !== undefined) return option;
  const listed = expiriesOf(chain, snapshot).map(isoTime);
  throw new ConfigError("No listed expiry can serve this option.", {
    which: `maturityDays at ${isoTime(chain.times[snapshot]!)} of ${chain.source}`,
    value: request.maturityDays,
    fix: `Ask for an option that expires after ${isoTime(outlives)} and has a mark, or shorten the window.`,
    hints: [`Listed expiries: ${listed.join(", ")}.`],
  });
}

function expiriesOf(chain: OptionChain, snapshot: number): number[] {
  return [...chain.listedExpiry.subarray(chain.firstExpiry[snapshot]!, chain.firstExpiry[snapshot + 1]!)];
}

/** The `count` entries nearest to `value`, increasing. */
function nearestOf(values: readonly number[], value: number, count: number): number[] {
  const near = [...new Set(values)].sort((a, b) => Math.abs(a - value) - Math.abs(b - value) || a - b);
  return near.slice(0, count).sort((a, b) => a - b);
}

/**
 * The listed option of exactly this sign, strike (USD) and expiry (seconds since 1970) at a snapshot.
 * Throws a ConfigError naming the nearest listed expiries or strikes where there is none.
 */
export function findListed(
  chain: OptionChain,
  snapshot: number,
  sign: number,
  strike: number,
  expiry: number,
): ListedOption {
  const at = `${chain.source} at ${isoTime(chain.times[snapshot]!)}`;
  const expiryIndex = expiryAt(chain, snapshot, expiry);
  if (expiryIndex < 0) {
    const near = nearestOf(expiriesOf(chain, snapshot), expiry, 4);
    throw new ConfigError("This expiry is not listed.", {
      which: `expiry, ${at}`,
      value: isoTime(expiry),
      fix: `Ask for a listed one, the nearest are ${near.map(isoTime).join(", ")}.`,
    });
  }
  const quote = quoteAt(chain, expiryIndex, sign, strike);
  if (quote < 0) {
    const strikes: number[] = [];
    for (let q = chain.listedQuote[expiryIndex]!; q < chain.listedQuote[expiryIndex + 1]!; q++)
      if (chain.sign[q] === sign) strikes.push(chain.strike[q]!);
    throw new ConfigError(`This strike is not listed as a ${sign > 0 ? "call" : "put"}.`, {
      which: `strike, expiry ${isoTime(expiry)}, ${at}`,
      value: strike,
      fix: `Ask for a listed one, the nearest are ${nearestOf(strikes, strike, 4).join(", ")}.`,
    });
  }
  return { quote, expiryIndex, expiry, strike, sign, fallbacks: [] };
}

/** Position of an expiry among those listed at a snapshot; -1 = not listed. */
export function expiryAt(chain: OptionChain, snapshot: number, expiry: number): number {
  for (let e = chain.firstExpiry[snapshot]!; e < chain.firstExpiry[snapshot + 1]!; e++)
    if (chain.listedExpiry[e] === expiry) return e;
  return -1;
}

/** Position of the quote of a strike and sign in a listed expiry; -1 = not quoted. */
export function quoteAt(chain: OptionChain, expiryIndex: number, sign: number, strike: number): number {
  for (let q = chain.listedQuote[expiryIndex]!; q < chain.listedQuote[expiryIndex + 1]!; q++)
    if (chain.strike[q] === strike && chain.sign[q] === sign) return q;
  return -1;
}
