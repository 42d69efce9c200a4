import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { pickEpisode, traceEpisode } from "../../../src/evaluate/report-data/trace-episode.ts";
import { Arena } from "../../../src/evaluate/rollout.ts";
import { NO_DATA, smallExperiment } from "./small.ts";

const experiment = smallExperiment({ terminal: "mark" });
const arena = new Arena(experiment, "select", 11, NO_DATA, 16);
const { context } = arena.env;
const policy = createBaseline("delta-band", { halfWidth: 0.12, initialHedge: 0 }, context);
const baseline = createBaseline("delta", {}, context);
const table = arena.play(policy, 0, 16);
const episode = pickEpisode(table.costs);
const trace = traceEpisode({ experiment, data: NO_DATA, split: "select", seed: 11, episode, policy, baseline });

describe("traceEpisode", () => {
  it("shows the very episode that was evaluated: trades, their costs and gas add up to its row", () => {
    expect(trace.trades.length).toBeGreaterThan(2);
    expect(trace.trades.length).toBe(table.rebalances[episode]);
    const sum = (of: (t: (typeof trace.trades)[number]) => number) => trace.trades.reduce((s, t) => s + of(t), 0);
    expect(sum((t) => t.cost)).toBeCloseTo(table.fees[episode]! + table.slippage[episode]!, 9);
    expect(sum((t) => t.gas)).toBeGreaterThan(0);
    expect(sum((t) => t.gas)).toBeCloseTo(table.gas[episode]!, 9);
    expect(sum((t) => Math.abs(t.size))).toBeCloseTo(table.turnover[episode]! * context.bookSize, 9);
  });

  it("has a row for every decision and one for the horizon", () => {
    expect(trace.times).toEqual(Array.from({ length: 25 }, (_, i) => 2 * i));
    for (const series of [trace.price, trace.baseFeeGwei, trace.band.lower, trace.band.upper])
      expect(series).toHaveLength(25);
    expect(trace.exposure.policy.values).toHaveLength(25);
    expect(trace.exposure.baseline.values).toHaveLength(25);
    expect(trace.price[0]).toBe(2000);
    expect(trace.priceUnit).toBe("USD");
    expect(trace.exposure.policy.id).toBe("delta-band");
  });

  it("trades exactly where the exposure stands outside the band, back towards it", () => {
    const outside = trace.times
      .slice(0, -1)
      .filter(
        (_, i) =>
          trace.exposure.policy.values[i]! > trace.band.upper[i]! ||
          trace.exposure.policy.values[i]! < trace.band.lower[i]!,
      );
    expect(trace.trades.map((t) => t.time)).toEqual(outside);
    for (const { time, size } of trace.trades) {
      const i = trace.times.indexOf(time);
      const exposure = trace.exposure.policy.values[i]!;
      // Ten units of book and a half-width of 0.12: the edge is at 1.2 units of the underlying.
      expect(exposure + size).toBeCloseTo(1.2 * Math.sign(exposure), 6);
    }
    expect(trace.band.upper[3]).toBeCloseTo(1.2, 3);
  });

  it("leaves out the closing trade, which is the scenario's", () => {
    const unwound = traceEpisode({
      experiment: smallExperiment({ terminal: "unwind" }),
      data: NO_DATA,
      split: "select",
      seed: 11,
      episode,
      policy,
      baseline,
    });
    expect(unwound).toEqual(trace);
  });

  it("plays the baseline on the same shocks", () => {
    const other = traceEpisode({
      experiment,
      data: NO_DATA,
      split: "select",
      seed: 11,
      episode,
      policy: baseline,
      baseline: policy,
    });
    expect(other.price).toEqual(trace.price);
    expect(other.baseFeeGwei).toEqual(trace.baseFeeGwei);
    expect(other.exposure.policy.values).toEqual(trace.exposure.baseline.values);
    expect(other.trades.length).toBe(24);
  });
});

describe("pickEpisode", () => {
  it("takes the median cost: the cheaper of the two in the middle, the first of equals", () => {
    expect(pickEpisode(Float64Array.of(9, 1, 5, 3, 7))).toBe(2);
    expect(pickEpisode(Float64Array.of(4, 2, 1, 3))).toBe(1);
    expect(pickEpisode(Float64Array.of(6, 2, 2, 2))).toBe(1);
    expect(pickEpisode(Float64Array.of(-8))).toBe(0);
  });

  it("refuses to choose from nothing", () => {
    expect(() => pickEpisode(new Float64Array(0))).toThrow(ContractError);
  });
});
