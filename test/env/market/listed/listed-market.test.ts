import { describe, expect, it } from "vitest";
import { ListedMarket, type ListedMarketOptions } from "../../../../env/market/listed/listed-market.ts";
import { ListedWindows } from "../../../../env/market/listed/windows.ts";
import { chainOf, chainRow, expiryOn } from "../../../support/synthetic-chain.ts";

const START = Date.UTC(2026, 0, 5, 9) / 1000;
const HOUR = 3600;
/** Snapshots 6 h apart, with a little unevenness as in the recording. */
const timeOf = (n: number) => START + n * 6 * HOUR + (n % 3) * 60;
const forwardOf = (n: number) => 3000 + 10 * n;
const volatilityOf = (n: number, strike: number) => 0.6 + 0.01 * n + (strike - 3000) / 1e5;
const STRIKES = [2900, 2950, 3000, 3050, 3100, 3150, 3200, 3250];
const [NEAR, FAR] = [expiryOn(1, 16), expiryOn(1, 30)];

interface Shape {
  snapshots?: number;
  /** Time of snapshot n. */
  time?: (n: number) => number;
  /** Whether a quote is recorded. */
  has?: (n: number, strike: number, expiry: string, side: "C" | "P") => boolean;
}

function chain({ snapshots = 12, time = timeOf, has = () => true }: Shape = {}) {
  const rows: string[] = [];
  for (let n = 0; n < snapshots; n++)
    for (const expiry of [NEAR, FAR])
      for (const strike of STRIKES)
        for (const side of ["C", "P"] as const)
          if (has(n, strike, expiry.name, side))
            rows.push(
              chainRow({
                time: time(n),
                expiry,
                strike,
                side,
                forward: forwardOf(n),
                volatility: volatilityOf(n, strike),
              }),
            );
  return chainOf(rows);
}

const STRADDLE = [1, -1].map((sign) => ({ sign, moneyness: 1, maturityDays: 10 }));

function options(more: Partial<ListedMarketOptions> = {}): ListedMarketOptions {
  return { chain: chain(), split: "test", batch: 2, steps: 4, seedWord: 7, legs: STRADDLE, ...more };
}

describe("ListedMarket", () => {
  it("plays consecutive snapshots: forward, event time and the held strikes' marks, filling at the start of each step", () => {
    const market = new ListedMarket(options());
    market.start(1, 1);
    const { frame } = market;
    expect(market.windows).toBe(2);
    expect([...market.listing(1).strike]).toEqual([3050, 3050]);
    expect(market.listing(1)).toMatchObject({ expiry: NEAR.seconds, startTime: timeOf(4) });
    expect([...market.listing(1).secondsLeft]).toEqual(Array(2).fill(NEAR.seconds - timeOf(4)));
    for (let step = 0; step <= 4; step++) {
      if (step > 0) {
        const before = frame.price[1]!;
        market.advance(1, step - 1);
        expect(frame.fillPrice[1]).toBe(before);
      }
      const n = 4 + step;
      expect(frame.price[1]).toBe(forwardOf(n));
      expect(frame.seconds[1]).toBe(timeOf(n) - timeOf(4));
      const marks = [frame.contractVolatility![2]!, frame.contractVolatility![3]!, frame.volatility[1]!];
      for (const mark of marks) expect(mark).toBeCloseTo(volatilityOf(n, 3050), 5);
    }
    expect(frame.price[0]).toBe(0);
  });

  it("in select and test lays windows that share no step, episode e playing window e modulo their number", () => {
    const market = new ListedMarket(options({ chain: chain({ snapshots: 14 }), steps: 3 }));
    const starts = [0, 1, 2, 3, 4, 5].map((episode) => {
      market.start(0, episode);
      return market.listing(0).startTime;
    });
    expect(starts).toEqual([0, 3, 6, 9, 0, 3].map(timeOf));
    expect(market.windows).toBe(4);
  });

  it("in train draws any start of the range, by the episode's key alone", () => {
    const range = { from: timeOf(2), to: timeOf(10) };
    const market = new ListedMarket(options({ split: "train", range }));
    const draw = (b: number, episode: number) => {
      market.start(b, episode);
      return market.listing(b).startTime;
    };
    const starts = Array.from({ length: 200 }, (_, episode) => draw(0, episode));
    expect([...new Set(starts)].sort()).toEqual([2, 3, 4, 5].map(timeOf));
    expect(Array.from({ length: 200 }, (_, i) => draw(1, 199 - i)).reverse()).toEqual(starts);
    expect(market.windows).toBe(1);
  });

  it("keeps every snapshot of a window inside [from, to)", () => {
    const inside = (to: number) =>
      new ListedWindows(options({ split: "train", range: { from: timeOf(0), to } })).start.length;
    expect(inside(timeOf(4) + 1)).toBe(1);
    expect(() => inside(timeOf(4))).toThrow(
      /No window of the recorded chain fits[\s\S]*4 snapshots in the split, 5 in a window/,
    );
  });

  it("refuses windows that span a long gap, and lists them", () => {
    const time = (n: number) => timeOf(n) + (n >= 6 ? 8 * HOUR : 0);
    const windows = new ListedWindows(options({ split: "train", chain: chain({ time }) }));
    expect([...windows.start]).toEqual([0, 1, 6, 7]);
    expect(windows.refused.map((r) => [r.start, r.reason])).toEqual([2, 3, 4, 5].map((n) => [time(n), "gap"]));
    expect(windows.refused[0]!.detail).toContain("2026-01-06T15:02Z");
    const tiles = new ListedWindows(options({ chain: chain({ time }) }));
    expect([...tiles.start]).toEqual([0, 6]);
    expect(new ListedWindows(options({ chain: chain({ time }), maxGapSeconds: 15 * HOUR })).refused).toEqual([]);
  });

  it("refuses windows in which the held expiry vanishes", () => {
    const has = (n: number, _: number, expiry: string) => n !== 3 || expiry !== NEAR.name;
    const windows = new ListedWindows(options({ split: "train", chain: chain({ has }) }));
    // A window that starts where the near expiry is missing holds the far one.
    expect([...windows.start]).toEqual([3, 4, 5, 6, 7]);
    expect(windows.expiry[0]).toBe(FAR.seconds);
    expect(windows.refused.map((r) => r.reason)).toEqual(Array(3).fill("expiry-vanishes"));
  });

  it("refuses windows at whose start no expiry that outlives them is marked on every side", () => {
    const has = (n: number, _: number, __: string, side: "C" | "P") => n < 8 || side === "C";
    const windows = new ListedWindows(options({ split: "train", chain: chain({ snapshots: 14, has }) }));
    expect([...windows.start]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(windows.refused.map((r) => [r.start, r.reason])).toEqual([8, 9].map((n) => [timeOf(n), "no-expiry"]));
  });

  it("takes a missing mark from the snapshot's surface, and counts it", () => {
    const has = (n: number, strike: number) => n !== 2 || strike !== 3000;
    const whole = new ListedWindows(options({ split: "train" }));
    const holed = new ListedWindows(options({ split: "train", chain: chain({ has }) }));
    expect(whole.interpolated).toBe(0);
    expect(holed.interpolated).toBe(2 * 2); // two legs, in the two windows that hold 3000 over snapshot 2
    expect(holed.volatilities).toBe(whole.volatilities);
    for (let i = 0; i < 5 * 2; i++) expect(holed.volatility[i]).toBeCloseTo(whole.volatility[i]!, 4);
  });

  it("saves and loads bit for bit in the middle of a window", () => {
    const market = new ListedMarket(options({ split: "train" }));
    market.start(0, 3);
    market.start(1, 5);
    market.advance(0, 0);
    const other = new ListedMarket(options({ split: "train" }));
    other.loadState(market.saveState());
    expect(other.listing(0)).toEqual(market.listing(0));
    for (const m of [market, other]) {
      m.advance(0, 1);
      m.advance(1, 0);
    }
    expect(other.frame).toEqual(market.frame);
    const wider = new ListedMarket(options({ batch: 3 }));
    expect(() => wider.loadState(market.saveState())).toThrow("does not fit");
  });

  it("perturbs what comes after a step and nothing before", () => {
    const paths = [undefined, { afterStep: 2, salt: 1 }].map((perturbation) => {
      const market = new ListedMarket(options());
      market.perturbFuture(perturbation);
      market.start(0, 0);
      return Array.from({ length: 4 }, (_, step) => {
        market.advance(0, step);
        return [market.frame.price[0]!, market.frame.volatility[0]!, market.frame.contractVolatility![0]!];
      });
    });
    expect(paths[1]!.slice(0, 2)).toEqual(paths[0]!.slice(0, 2));
    for (const step of [2, 3]) for (const i of [0, 1, 2]) expect(paths[1]![step]![i]).not.toBe(paths[0]![step]![i]);
  });

  it("rounds prices to the tick that it is given", () => {
    const market = new ListedMarket(options({ tick: 7 }));
    market.start(0, 0);
    expect(market.frame.price[0]).toBe(3003);
  });

  it("refuses legs that no single expiry can serve, and a book without legs", () => {
    const legs = [STRADDLE[0]!, { ...STRADDLE[1]!, maturityDays: 30 }];
    expect(() => new ListedMarket(options({ legs }))).toThrow(/one expiry[\s\S]*legs\[1\]\.maturityDays/);
    expect(() => new ListedMarket(options({ legs: [] }))).toThrow("needs a leg");
    expect(() => new ListedMarket(options({ legs: [{ ...STRADDLE[0]!, moneyness: 0 }] }))).toThrow("legs[0].moneyness");
  });
});
