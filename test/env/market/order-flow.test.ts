import { describe, expect, it } from "vitest";
import {
  MAX_CANDIDATES,
  meanRootSize,
  permanentVariancePerDay,
  shareOn,
  transientVariance,
} from "../../../env/market/flow-parameters.ts";
import { type FlowParameters, OrderFlow } from "../../../env/market/order-flow.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { episodeKey } from "../../../src/core/random.ts";
import { fanoOf } from "../../support/fano.ts";

const FLOW: FlowParameters = {
  tradesPerHour: 240,
  branching: 0.6,
  crossShare: 0.2,
  decayMinutes: 2,
  sizeTail: 2.5,
  meanSize: 0.8,
  informationEventsPerDay: 12,
  informationMinutes: 30,
  informedTradesPerHour: 180,
  informedSize: 1.5,
  burstsPerDay: 8,
  burstMinutes: 10,
  burstTradesPerHour: 300,
  burstSize: 2,
  permanentBps: 2,
  transientBps: 3,
  transientHalfLifeMinutes: 20,
};
const QUIET = { informationEventsPerDay: 0, burstsPerDay: 0 } as const;
const key = (episode: number) => episodeKey(4242, "train", episode);

const meanOf = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;
const standardError = (x: readonly number[]) => {
  const m = meanOf(x);
  return Math.sqrt(x.reduce((s, v) => s + (v - m) ** 2, 0) / (x.length - 1) / x.length);
};

/** Totals of each episode: trades, permanent move, volumes, share of steps with an event on. */
function episodes(parameters: FlowParameters, count: number, steps: number, stepSeconds: number) {
  const flow = new OrderFlow(1, parameters, stepSeconds);
  const rows = {
    trades: [] as number[],
    permanent: [] as number[],
    volume: [] as number[],
    informed: [] as number[],
    on: [] as number[],
  };
  for (let e = 0; e < count; e++) {
    flow.start(0, key(e));
    let [trades, permanent, volume, informed, on] = [0, 0, 0, 0, 0];
    for (let t = 0; t < steps; t++) {
      flow.advance(0, key(e), t);
      trades += flow.trades[0]!;
      permanent += flow.permanent[0]!;
      volume += flow.buyVolume[0]! + flow.sellVolume[0]!;
      informed += flow.informedVolume[0]!;
      on += flow.informationLeft[0]! > 0 ? 1 / steps : 0;
    }
    rows.trades.push(trades);
    rows.permanent.push(permanent);
    rows.volume.push(volume);
    rows.informed.push(informed);
    rows.on.push(on);
  }
  return rows;
}

describe("OrderFlow's laws", () => {
  it("has the stated rate and mean size of uninformed trades, and none that are informed, where nothing is latent", () => {
    const r = episodes({ ...FLOW, ...QUIET }, 150, 120, 60);
    expect(Math.abs(meanOf(r.trades) - 480)).toBeLessThan(4 * standardError(r.trades));
    expect(Math.abs(meanOf(r.volume) - 480 * 0.8)).toBeLessThan(4 * standardError(r.volume));
    expect(Math.max(...r.informed, ...r.permanent.map(Math.abs))).toBe(0);
  });

  it("moves the efficient price by informed trades only, and in the mean by nothing", () => {
    const r = episodes(FLOW, 600, 60, 60);
    expect(Math.max(...r.permanent.map(Math.abs))).toBeGreaterThan(0.001);
    expect(Math.abs(meanOf(r.permanent))).toBeLessThan(4 * standardError(r.permanent));
  });

  it("adds the closed form's variance of permanent moves over three days", () => {
    const r = episodes(FLOW, 150, 432, 600);
    const squares = r.permanent.map((v) => v * v);
    expect(Math.abs(meanOf(squares) - 3 * permanentVariancePerDay(FLOW))).toBeLessThan(4 * standardError(squares));
  });

  it("gives no hint of an event before it starts: permanent moves then do not go with x or the last step's flow", () => {
    const flow = new OrderFlow(1, FLOW, 600);
    const [withX, withFlow]: [number[], number[]] = [[], []];
    for (let e = 0; e < 60; e++) {
      flow.start(0, key(e));
      flow.advance(0, key(e), 0);
      for (let t = 1; t < 144; t++) {
        const calm = flow.informationLeft[0] === 0 && flow.informedVolume[0] === 0;
        const [x, net] = [flow.transient[0]!, flow.buyVolume[0]! - flow.sellVolume[0]!];
        flow.advance(0, key(e), t);
        if (!calm || flow.permanent[0] === 0) continue;
        withX.push(flow.permanent[0]! * Math.sign(x));
        withFlow.push(flow.permanent[0]! * Math.sign(net));
      }
    }
    expect(withX.length).toBeGreaterThan(200);
    for (const products of [withX, withFlow])
      expect(Math.abs(meanOf(products))).toBeLessThan(4 * standardError(products));
  });

  it("has events on for rate / (1 + rate) of the time, and informed volume in proportion", () => {
    const r = episodes(FLOW, 400, 60, 60);
    // An event that ends inside a step can only be followed by one from the next step on.
    const on = shareOn(FLOW.informationEventsPerDay, FLOW.informationMinutes);
    expect(on).toBeCloseTo(0.2, 12);
    expect(Math.abs(meanOf(r.on) - on)).toBeLessThan(4 * standardError(r.on));
    expect(Math.abs(meanOf(r.informed) - on * 180 * 0.8 * 1.5)).toBeLessThan(4 * standardError(r.informed));
  });

  it("has the Fano factor of a Hawkes process in long windows", () => {
    const flow = new OrderFlow(1, { ...FLOW, ...QUIET, branching: 0.5, decayMinutes: 1 }, 3600);
    const counts: number[] = [];
    for (let e = 0; e < 20; e++) {
      flow.start(0, key(e));
      for (let t = 0; t < 60; t++) {
        flow.advance(0, key(e), t);
        counts.push(flow.trades[0]!);
      }
    }
    // Windows of 60 minutes: 4 - 3 (1 - e^-30) / 30 = 3.9.
    expect(Math.abs(fanoOf(Float64Array.from(counts)) / 3.9 - 1)).toBeLessThan(4 * Math.sqrt(2 / counts.length));
  });

  it("has unit-exponential compensator increments on each side (time-change theorem)", () => {
    const p = { ...FLOW, ...QUIET };
    const flow = new OrderFlow(1, p, 600);
    flow.start(0, key(1));
    const state = flow.arrays();
    const perMinute = (p.tradesPerHour / 120) * (1 - p.branching);
    const rate = 1 / p.decayMinutes;
    const gaps: number[] = [];
    let buy = state.excitedBuy![0]!;
    let sell = state.excitedSell![0]!;
    let pending = [0, 0];
    for (let t = 0; t < 250; t++) {
      flow.advance(0, key(1), t);
      let last = 0;
      for (let i = 0; i <= flow.last.count; i++) {
        const now = i < flow.last.count ? flow.last.seconds[i]! / 60 : 10;
        const fall = Math.exp(-rate * (now - last));
        const [risen, risenSell] = [(buy * (1 - fall)) / rate, (sell * (1 - fall)) / rate];
        pending = [pending[0]! + perMinute * (now - last) + risen, pending[1]! + perMinute * (now - last) + risenSell];
        buy *= fall;
        sell *= fall;
        last = now;
        if (i === flow.last.count) break;
        const side = flow.last.sign[i]! > 0 ? 0 : 1;
        gaps.push(pending[side]!);
        pending[side] = 0;
        const jump = p.branching * rate * (1 - p.crossShare);
        const cross = p.branching * rate * p.crossShare;
        buy += side === 0 ? jump : cross;
        sell += side === 0 ? cross : jump;
      }
    }
    const n = gaps.length;
    const m = meanOf(gaps);
    expect(n).toBeGreaterThan(5000);
    expect(buy).toBeCloseTo(state.excitedBuy![0]!, 8);
    expect(Math.abs(m - 1)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(gaps.reduce((s, v) => s + (v - m) ** 2, 0) / n - 1)).toBeLessThan(4 * Math.sqrt(8 / n));
    // Kolmogorov and Smirnov's distance from the exponential law; 1.95 / sqrt(n) has a chance of 0.1%.
    const sorted = gaps.sort((x, y) => x - y);
    let distance = 0;
    for (let i = 0; i < n; i++) distance = Math.max(distance, Math.abs(-Math.expm1(-sorted[i]!) - (i + 0.5) / n));
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
  });

  it("has Pareto volumes of the stated mean and tail", () => {
    const flow = new OrderFlow(1, { ...FLOW, ...QUIET }, 3600);
    flow.start(0, key(3));
    const volumes: number[] = [];
    for (let t = 0; t < 60; t++) {
      flow.advance(0, key(3), t);
      volumes.push(...flow.last.volume.subarray(0, flow.last.count));
    }
    // Hill's estimator on the whole sample: for an exact Pareto law the maximum-likelihood estimate of the tail index.
    const smallest = (0.8 * 1.5) / 2.5;
    expect(Math.min(...volumes)).toBeGreaterThanOrEqual(smallest);
    const hill = 1 / meanOf(volumes.map((v) => Math.log(v / smallest)));
    expect(Math.abs(hill / 2.5 - 1)).toBeLessThan(4 / Math.sqrt(volumes.length));
    const root = volumes.map((v) => Math.sqrt(v / 0.8));
    expect(Math.abs(meanOf(root) - meanRootSize(2.5))).toBeLessThan(4 * standardError(root));
  });

  it("keeps x in its stationary law: at the start and after ten hours its variance is the closed form", () => {
    for (const p of [FLOW, { ...FLOW, burstsPerDay: 0 }]) {
      const flow = new OrderFlow(1, p, 600);
      const [first, later]: [number[], number[]] = [[], []];
      for (let e = 0; e < 900; e++) {
        flow.start(0, key(e));
        first.push(flow.transient[0]!);
        if (e < 250) {
          for (let t = 0; t < 60; t++) flow.advance(0, key(e), t);
          later.push(flow.transient[0]!);
        }
      }
      for (const x of [first, later]) {
        const squares = x.map((v) => v * v);
        expect(Math.abs(meanOf(x))).toBeLessThan(4 * standardError(x));
        expect(Math.abs(meanOf(squares) - transientVariance(p))).toBeLessThan(4 * standardError(squares));
      }
    }
  });
});

describe("OrderFlow's steps", () => {
  it("move prices by sign * bps * sqrt(volume / meanSize), x with its decay, and add up to the tape", () => {
    const flow = new OrderFlow(1, FLOW, 900);
    flow.start(0, key(7));
    let informedTrades = 0;
    for (let t = 0; t < 200; t++) {
      const before = flow.transient[0]!;
      flow.advance(0, key(7), t);
      const { count, seconds, sign, volume, informed } = flow.last;
      let [x, m, bought, sold, known] = [before * 0.5 ** (15 / 20), 0, 0, 0, 0];
      for (let i = 0; i < count; i++) {
        if (i > 0) expect(seconds[i]).toBeGreaterThan(seconds[i - 1]!);
        expect(seconds[i]).toBeLessThan(900);
        const root = sign[i]! * Math.sqrt(volume[i]! / 0.8) * 1e-4;
        if (informed[i] === 1) m += 2 * root;
        else x += 3 * root * 0.5 ** ((900 - seconds[i]!) / 1200);
        if (sign[i]! > 0) bought += volume[i]!;
        else sold += volume[i]!;
        known += informed[i]! * volume[i]!;
        informedTrades += informed[i]!;
      }
      expect(count).toBe(flow.trades[0]);
      expect(flow.permanent[0]).toBeCloseTo(m, 12);
      expect(flow.transient[0]).toBeCloseTo(x, 12);
      expect(flow.buyVolume[0]).toBeCloseTo(bought, 9);
      expect(flow.sellVolume[0]).toBeCloseTo(sold, 9);
      expect(flow.informedVolume[0]).toBeCloseTo(known, 9);
    }
    expect(informedTrades).toBeGreaterThan(500);
  });

  it("have all informed trades of an event on one side", () => {
    const flow = new OrderFlow(1, { ...FLOW, informationMinutes: 600 }, 60);
    flow.start(0, key(11));
    let side = 0;
    let seen = 0;
    for (let t = 0; t < 3000; t++) {
      const on = flow.informationLeft[0]! > 1;
      flow.advance(0, key(11), t);
      if (!on) side = 0;
      for (let i = 0; on && i < flow.last.count; i++) {
        if (flow.last.informed[i] === 0) continue;
        if (side !== 0) expect(flow.last.sign[i]).toBe(side);
        side = flow.last.sign[i]!;
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(1000);
  });

  it("start an event anywhere inside a step, and have informed trades from then on", () => {
    const flow = new OrderFlow(1, { ...FLOW, informedTradesPerHour: 1200, informationMinutes: 100 }, 600);
    const first: number[] = [];
    for (let e = 0; e < 20; e++) {
      flow.start(0, key(e));
      for (let t = 0; t < 144; t++) {
        const off = flow.informationLeft[0] === 0;
        flow.advance(0, key(e), t);
        const at = flow.last.informed.subarray(0, flow.last.count).indexOf(1);
        if (off && at >= 0) first.push(flow.last.seconds[at]!);
      }
    }
    expect(first.length).toBeGreaterThan(100);
    // Uniform over the 600 s up to the 3 s that the first informed trade takes.
    expect(Math.abs(meanOf(first) - 300)).toBeLessThan(10 + 4 * standardError(first));
  });

  it("do not depend on the batch, nor on what other environments do", () => {
    const alone = new OrderFlow(1, FLOW, 60);
    const many = new OrderFlow(3, FLOW, 60);
    alone.start(0, key(5));
    many.start(2, key(5));
    many.start(0, key(6));
    for (let t = 0; t < 50; t++) {
      alone.advance(0, key(5), t);
      many.advance(0, key(6), t);
      many.advance(2, key(5), t);
    }
    const state = many.arrays();
    for (const [name, array] of Object.entries(alone.arrays())) expect(state[name]![2], name).toBe(array[0]);
  });

  it("continue bit for bit from saved arrays", () => {
    const flow = new OrderFlow(2, FLOW, 60);
    for (const b of [0, 1]) flow.start(b, key(b));
    for (let t = 0; t < 40; t++) for (const b of [0, 1]) flow.advance(b, key(b), t);
    const saved = Object.entries(flow.arrays()).map(([name, array]) => [name, array.slice()] as const);
    const other = new OrderFlow(2, FLOW, 60);
    for (const [name, array] of saved) other.arrays()[name]!.set(array);
    for (let t = 40; t < 200; t++)
      for (const b of [0, 1]) {
        flow.advance(b, key(b), t);
        other.advance(b, key(b), t);
      }
    expect(other.arrays()).toEqual(flow.arrays());
  });

  it("answer to the key of their own step only: the past does not move when later keys do", () => {
    const [one, two] = [new OrderFlow(1, FLOW, 60), new OrderFlow(1, FLOW, 60)];
    one.start(0, key(8));
    two.start(0, key(8));
    for (let t = 0; t < 30; t++) {
      one.advance(0, key(8), t);
      two.advance(0, t < 20 ? key(8) : key(9), t);
      if (t < 20) expect(two.arrays()).toEqual(one.arrays());
    }
    expect(two.transient[0]).not.toBe(one.transient[0]);
  });

  it("hold no trade, and only let x decay, where all rates are 0", () => {
    const flow = new OrderFlow(1, { ...FLOW, ...QUIET, tradesPerHour: 0 }, 1200);
    flow.start(0, key(1));
    expect(Math.abs(flow.transient[0]!)).toBe(0);
    flow.transient[0] = 0.01;
    flow.advance(0, key(1), 0);
    expect(flow.transient[0]).toBeCloseTo(0.005, 12);
    expect([flow.trades[0], flow.buyVolume[0], flow.permanent[0]]).toEqual([0, 0, 0]);
  });

  it("end at the bound on candidates, and say so", () => {
    const flow = new OrderFlow(1, FLOW, 60);
    flow.start(0, key(1));
    // An intensity that no parameters allow: a million trades a minute.
    flow.arrays().excitedBuy![0] = 1e6;
    flow.advance(0, key(1), 0);
    expect(flow.capped[0]).toBe(1);
    expect(flow.last.count).toBeLessThanOrEqual(MAX_CANDIDATES);
    expect(flow.last.count).toBeGreaterThan(MAX_CANDIDATES * 0.9);
    expect(Number.isFinite(flow.transient[0]!)).toBe(true);
    flow.start(0, key(1));
    expect(flow.capped[0]).toBe(0);
  });
});

describe("OrderFlow's parameters", () => {
  it.each([
    ["branching", 1],
    ["branching", -0.1],
    ["crossShare", 1.2],
    ["sizeTail", 1],
    ["meanSize", 0],
    ["tradesPerHour", -1],
    ["decayMinutes", Number.NaN],
    ["transientHalfLifeMinutes", Number.POSITIVE_INFINITY],
  ] as const)("refuse %s = %s by its name", (name, value) => {
    const make = () => new OrderFlow(1, { ...FLOW, [name]: value }, 60);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(`market.flow.${name}`);
  });

  it("refuse a step that could hold more trades than the bound, and no step", () => {
    expect(() => new OrderFlow(1, FLOW, 86_400)).toThrow(/8192 are allowed/);
    expect(() => new OrderFlow(1, FLOW, 0)).toThrow("stepSeconds");
  });
});
