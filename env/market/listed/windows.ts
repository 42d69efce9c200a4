import type { OptionChain } from "../../../src/core/contracts/option-chain.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import type { Split } from "../../../src/core/random.ts";
import { CHAIN_YEAR_SECONDS, surfaceOfSnapshot, type VolatilitySurface } from "../../options/surface.ts";
import { isoTime } from "../iso-time.ts";
import type { DateRange } from "../recorded-series.ts";
import { expiryAt, type ListedFallback, type ListedRequest, quoteAt, resolveLegs } from "./resolve.ts";

/** The longest gap that a window may hold unless told otherwise, seconds: 13.5 hours. */
export const MAX_GAP_SECONDS = 48_600;

export interface ListedWindowsOptions {
  readonly chain: OptionChain;
  /** [from, to), seconds since 1970; the whole chain where absent. Every snapshot of a window lies inside. */
  readonly range?: DateRange | undefined;
  readonly split: Split;
  /** Steps of a window: it holds steps + 1 consecutive snapshots. */
  readonly steps: number;
  /** What the legs of the book are, all on one expiry: their maturities must be equal. */
  readonly legs: readonly ListedRequest[];
  /** The longest time between two snapshots of a window; 13.5 hours where absent. */
  readonly maxGapSeconds?: number | undefined;
}

/** A start at which no window could be cut, and why. */
export interface RefusedWindow {
  /** Seconds since 1970. */
  readonly start: number;
  readonly reason: "gap" | "no-expiry" | "expiry-vanishes";
  readonly detail: string;
}

/**
 * The windows of a chain that an episode may play: `steps` + 1 consecutive snapshots, without a long gap, with legs resolved on listed
 * contracts at its start that stay listed to its end. Everything that an episode shows is tabulated here, so that a step is a look-up.
 * Train: every snapshot that can start one. Select and test: windows that share no step, laid one after the other from the range's start.
 */
export class ListedWindows {
  readonly legs: number;
  readonly steps: number;
  /** First snapshot of each window. [W] */
  readonly start: Int32Array;
  /** Windows that share no step, laid from the start of the range on. */
  readonly separate: number;
  /** Event time since the window's start and forward of the expiry held at each of its snapshots. [W*(steps+1)] */
  readonly seconds: Float64Array;
  readonly price: Float64Array;
  /** Mark volatility of each leg at each snapshot. [W*(steps+1)*L] */
  readonly volatility: Float64Array;
  /** Strike of each leg, and seconds from the window's start to its expiry. [W*L] */
  readonly strike: Float64Array;
  readonly secondsLeft: Float64Array;
  /** Expiry of the legs, seconds since 1970. [W] */
  readonly expiry: Float64Array;
  /** Leg volatilities in the table that were not recorded and come from the snapshot's surface, of how many in all. */
  readonly interpolated: number;
  readonly volatilities: number;
  /** Windows by how their legs had to leave the first choice. */
  readonly fallbacks: Readonly<Partial<Record<ListedFallback, number>>>;
  readonly refused: readonly RefusedWindow[];

  /** Throws a ConfigError for legs that cannot be on one expiry, and where no window fits into the range. */
  constructor(options: ListedWindowsOptions) {
    checkLegs(options.legs);
    const { chain, steps, legs, split } = options;
    this.steps = steps;
    this.legs = legs.length;
    const cutter = new WindowCutter(options);
    const every = split === "train";
    let separate = 0;
    let free = cutter.first;
    for (let n = cutter.first; n + steps < cutter.end; n++) {
      if (!every && n < free) continue;
      if (!cutter.cut(n)) continue;
      if (n < free) continue;
      separate++;
      free = n + steps;
    }
    const { tables } = cutter;
    if (tables.start.length === 0) {
      const reasons = cutter.refused.slice(0, 3).map((r) => `Refused ${isoTime(r.start)}: ${r.detail}`);
      const inside = Math.max(0, cutter.end - cutter.first);
      throw new ConfigError("No window of the recorded chain fits into a split.", {
        which: `scenario.market.price (split ${split})`,
        value: `${inside} snapshots in the split, ${steps + 1} in a window`,
        fix: `Give the split more days inside ${isoTime(chain.times[0]!)} to ${isoTime(chain.times.at(-1)!)}, the span of ${chain.source}, or shorten the episode.`,
        hints: reasons,
      });
    }
    this.separate = separate;
    this.start = Int32Array.from(tables.start);
    this.expiry = Float64Array.from(tables.expiry);
    this.seconds = Float64Array.from(tables.seconds);
    this.price = Float64Array.from(tables.price);
    this.volatility = Float64Array.from(tables.volatility);
    this.strike = Float64Array.from(tables.strike);
    this.secondsLeft = Float64Array.from(tables.secondsLeft);
    this.interpolated = cutter.interpolated;
    this.volatilities = this.volatility.length;
    this.fallbacks = cutter.fallbacks;
    this.refused = cutter.refused;
  }
}

function checkLegs(legs: readonly ListedRequest[]): void {
  const first = legs[0];
  if (first === undefined)
    throw new ConfigError("A listed market needs a leg to resolve.", {
      which: "scenario.book",
      value: 0,
      fix: "Give the book at least one option.",
    });
  for (const [i, leg] of legs.entries()) {
    if (!(leg.moneyness > 0 && leg.moneyness < Infinity))
      throw new ConfigError("A leg's moneyness is not above 0.", {
        which: `legs[${i}].moneyness`,
        value: leg.moneyness,
        fix: "Give strike over forward, e.g. 1 for at the money.",
      });
    if (leg.maturityDays !== first.maturityDays)
      throw new ConfigError("The legs of a listed market must be on one expiry.", {
        which: `legs[${i}].maturityDays`,
        value: leg.maturityDays,
        fix: `Give all legs ${first.maturityDays} days.`,
      });
  }
}

/** Cuts windows into growing tables. */
class WindowCutter {
  readonly first: number;
  /** One past the last snapshot of the range. */
  readonly end: number;
  readonly refused: RefusedWindow[] = [];
  readonly fallbacks: Partial<Record<ListedFallback, number>> = {};
  interpolated = 0;
  readonly tables = {
    start: [] as number[],
    expiry: [] as number[],
    seconds: [] as number[],
    price: [] as number[],
    volatility: [] as number[],
    strike: [] as number[],
    secondsLeft: [] as number[],
  };
  readonly #options: ListedWindowsOptions;
  readonly #maxGap: number;
  readonly #surfaces = new Map<number, VolatilitySurface>();

  constructor(options: ListedWindowsOptions) {
    const { times } = options.chain;
    const { range } = options;
    this.#options = options;
    this.#maxGap = options.maxGapSeconds ?? MAX_GAP_SECONDS;
    let first = 0;
    while (range !== undefined && first < times.length && times[first]! < range.from) first++;
    let end = times.length;
    while (range !== undefined && end > first && times[end - 1]! >= range.to) end--;
    this.first = first;
    this.end = end;
  }

  /** Adds the window that starts at snapshot n; false where it is refused. */
  cut(n: number): boolean {
    const { chain, steps, legs } = this.#options;
    const { times } = chain;
    const start = times[n]!;
    for (let s = n; s < n + steps; s++)
      if (times[s + 1]! - times[s]! > this.#maxGap)
        return this.#refuse(n, "gap", `nothing was recorded from ${isoTime(times[s]!)} to ${isoTime(times[s + 1]!)}`);
    const options = resolveLegs(chain, n, legs, times[n + steps]!);
    if (options === undefined)
      return this.#refuse(n, "no-expiry", `no expiry with marks ends after ${isoTime(times[n + steps]!)}`);
    const { expiry } = options[0]!;
    for (let s = n; s <= n + steps; s++)
      if (expiryAt(chain, s, expiry) < 0)
        return this.#refuse(n, "expiry-vanishes", `${isoTime(expiry)} is not recorded at ${isoTime(times[s]!)}`);
    const { tables } = this;
    tables.start.push(n);
    tables.expiry.push(expiry);
    for (const option of options) {
      tables.strike.push(option.strike);
      tables.secondsLeft.push(expiry - start);
    }
    for (const fallback of new Set(options.flatMap((o) => o.fallbacks)))
      this.fallbacks[fallback] = (this.fallbacks[fallback] ?? 0) + 1;
    for (let s = n; s <= n + steps; s++) {
      const e = expiryAt(chain, s, expiry);
      tables.seconds.push(times[s]! - start);
      tables.price.push(chain.listedForward[e]!);
      for (const option of options) tables.volatility.push(this.#volatility(s, e, option.sign, option.strike));
    }
    return true;
  }

  /** Recorded mark volatility, or that of the snapshot's surface where the contract was not quoted. */
  #volatility(s: number, e: number, sign: number, strike: number): number {
    const { chain } = this.#options;
    const q = quoteAt(chain, e, sign, strike);
    if (q >= 0 && chain.markVolatility[q]! > 0) return chain.markVolatility[q]!;
    this.interpolated++;
    let surface = this.#surfaces.get(s);
    if (surface === undefined) {
      surface = surfaceOfSnapshot(chain, s);
      this.#surfaces.set(s, surface);
    }
    const years = (chain.listedExpiry[e]! - chain.times[s]!) / CHAIN_YEAR_SECONDS;
    return surface.volatilityAt(Math.log(strike / chain.listedForward[e]!), years);
  }

  #refuse(n: number, reason: RefusedWindow["reason"], detail: string): false {
    this.refused.push({ start: this.#options.chain.times[n]!, reason, detail });
    return false;
  }
}
