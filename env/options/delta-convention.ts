import { ConfigError, didYouMean } from "../../src/core/errors.ts";

/**
 * What "delta" means for an account; the hedge that brings it to 0 differs.
 * - `bs`: dV/dS of the option's USD value V. Right where premium and collateral are USD.
 * - `netTransaction`: dV/dS - V/S, the delta of an option whose premium was settled in coin: its holder paid V/S coins, so that many
 *   fewer are held. It is also S times the derivative of the coin value V/S: 0 means no first-order change of wealth counted in coin.
 *   (Deribit's account delta.)
 * - `usdEquity`: dV/dS + coins held, of an account whose coins (collateral, premium received) count in USD equity too.
 */
export type DeltaConvention = "bs" | "netTransaction" | "usdEquity";

export const DELTA_CONVENTIONS: readonly DeltaConvention[] = ["bs", "netTransaction", "usdEquity"];

/**
 * Delta of a position under a convention, in units of underlying.
 * @param blackScholesDelta,price net over the book, quantities multiplied in (`GREEK.delta`, `GREEK.price` of `bookGreeksInto`); price in USD
 * @param coins signed coins held by the account, which only `usdEquity` counts
 * Throws a ConfigError for an unknown convention.
 */
export function deltaUnder(
  convention: DeltaConvention,
  blackScholesDelta: number,
  price: number,
  spot: number,
  coins: number,
): number {
  if (convention === "bs") return blackScholesDelta;
  if (convention === "netTransaction") return blackScholesDelta - price / spot;
  if (convention === "usdEquity") return blackScholesDelta + coins;
  throw new ConfigError("No delta convention has this name.", {
    which: "account.deltaConvention",
    value: convention,
    fix: `Choose one of ${DELTA_CONVENTIONS.join(", ")}.`,
    hints: didYouMean(String(convention), DELTA_CONVENTIONS),
  });
}
