import { GREEK, GREEK_COUNT, greeksInto } from "../../options/black-scholes.ts";
import { type Accounts, PART, PART_COUNT } from "./accounts.ts";
import { executionPrices } from "./quote-venue.ts";

const PRICES = new Float64Array(4);
const SCRATCH = new Float64Array(GREEK_COUNT);

/** A perpetual or spot trade; every step from the mark to the price paid is one attribution part. */
export function fillLinear(
  book: Accounts,
  b: number,
  s: number,
  change: number,
  fillPrice: number,
  inverse: boolean,
): void {
  const i = b * book.slots + s;
  const slot = book.slotConfigs[s]!;
  const specification = book.specifications[s]!;
  const quote = book.quotes[s]!;
  const price0 = book.price[b]!;
  const carry = slot.kind === "spot" ? 1 : 1 + slot.basisBps * 1e-4;
  const size = specification.contractSize;
  const side = change > 0 ? 1 : -1;
  const efficient = fillPrice * carry;
  const mid = efficient * (1 + book.displacement[i]!);
  executionPrices(PRICES, efficient, mid, quote.halfSpread * book.spread[b]! * mid, quote.tick);
  const touch = side > 0 ? PRICES[3]! : PRICES[2]!;
  const coins = Math.abs(inverse ? (change * size) / efficient : change * size);
  // Square-root law: I = Y * sigma_daily * sqrt(Q / V_daily) (Donier and Bonart 2015).
  const impact =
    quote.impactCoefficient > 0
      ? quote.impactCoefficient * quote.dailyVolatility * Math.sqrt(coins / (quote.dailyVolume * book.depth[b]!))
      : 0;
  const paid = touch * (1 + side * impact);
  const mark = price0 * carry;
  // Wealth at the last mark's index price of having entered at price F instead of at the mark.
  const worth = (f: number) => (inverse ? change * size * price0 * (1 / f - 1 / mark) : change * size * (mark - f));
  const moved = worth(efficient);
  const deltaPart = inverse ? moved : change * size * (price0 - fillPrice);
  const A = b * PART_COUNT;
  const a = book.attribution;
  a[A + PART.delta]! += deltaPart;
  a[A + PART.basis]! += moved - deltaPart;
  const spread = worth(touch) - worth(mid);
  const slip = worth(mid) - moved + worth(paid) - worth(touch);
  a[A + PART.spread]! += spread;
  a[A + PART.impact]! += slip;
  book.totals.slippage[b]! -= spread + slip;
  if (inverse) book.cashCoin[b]! += change * size * (1 / paid - 1 / mark);
  else if (slot.kind === "spot")
    // Spot exchanges coins for dollars, also where collateral is coin: paid for with coins it would change no exposure.
    book.cashUsd[b]! -= change * size * paid;
  else book.settle(b, worth(paid), fillPrice);
  const fee = specification.takerFeeBps * 1e-4 * (inverse ? Math.abs(change) * size : coins * paid);
  if (fee > 0) {
    book.totals.fees[b]! += fee;
    book.post(b, PART.fee, -fee, fillPrice);
  }
  book.totals.turnover[b]! += coins;
  book.position[i]! += change;
  if (Math.abs(book.position[i]!) < 1e-14) book.position[i] = 0;
  if (slot.transientFraction > 0) book.displacement[i]! += side * impact * slot.transientFraction;
}

/** An option trade at the published volatility ± half a spread in vol points. */
export function fillOption(book: Accounts, b: number, s: number, change: number, fillPrice: number): void {
  const i = b * book.slots + s;
  const slot = book.slotConfigs[s]!;
  const specification = book.specifications[s]!;
  const g = i * GREEK_COUNT;
  const value0 = book.slotGreeks[g]!;
  const scratch = SCRATCH;
  const { rate, dividendYield } = book.scenario.market;
  const years = Math.max(0, book.slotSecondsLeft[i]!) / book.secondsPerYear;
  greeksInto(
    scratch,
    0,
    book.slotSign[i]! as 1 | -1,
    fillPrice,
    book.slotStrike[i]!,
    rate,
    dividendYield,
    book.slotVolatility[i]!,
    years,
  );
  const value = scratch[GREEK.price]!;
  const half = scratch[GREEK.vega]! * slot.halfSpreadVolPoints * 0.01 * book.spread[b]!;
  executionPrices(PRICES, value, value, half, specification.tick);
  const touch = change > 0 ? PRICES[3]! : Math.max(0, PRICES[2]!);
  const size = change * specification.contractSize;
  const dS = fillPrice - book.price[b]!;
  const A = b * PART_COUNT;
  const a = book.attribution;
  const deltaPart = -size * book.slotGreeks[g + GREEK.delta]! * dS;
  const gammaPart = -size * 0.5 * book.slotGreeks[g + GREEK.gamma]! * dS * dS;
  a[A + PART.delta]! += deltaPart;
  a[A + PART.gamma]! += gammaPart;
  a[A + PART.residual]! += size * (value0 - value) - deltaPart - gammaPart;
  const spread = size * (value - touch);
  a[A + PART.spread]! += spread;
  book.totals.slippage[b]! -= spread;
  book.settle(b, -size * touch, fillPrice);
  const cap = specification.feeCapOfPrice ?? Number.POSITIVE_INFINITY;
  const fee = Math.abs(size) * Math.min(specification.takerFeeBps * 1e-4 * fillPrice, cap * touch);
  if (fee > 0) {
    book.totals.fees[b]! += fee;
    book.post(b, PART.fee, -fee, fillPrice);
  }
  book.totals.turnover[b]! += Math.abs(size * scratch[GREEK.delta]!);
  book.position[i]! += change;
  if (Math.abs(book.position[i]!) < 1e-14) book.position[i] = 0;
}
