import { describe, expect, it } from "vitest";
import { lastAtOrBefore, RecordedWindows } from "../../../env/market/recorded-series.ts";
import { episodeKey } from "../../../src/core/random.ts";
import { series } from "../tasks/rebalance/scenarios.ts";

describe("lastAtOrBefore", () => {
  it("finds the last entry at or before a time, and -1 before the first", () => {
    const times = Float64Array.of(10, 20, 30);
    expect([5, 10, 15, 20, 30, 99].map((t) => lastAtOrBefore(times, t))).toEqual([-1, 0, 0, 1, 2, 2]);
    expect(lastAtOrBefore(new Float64Array(0), 1)).toBe(-1);
  });
});

describe("RecordedWindows", () => {
  const hourly = series("hourly", 24 * 30, 3600, (i) => i + 1);
  const start = hourly.times[0]!;
  const day = 86_400;
  const ranges = {
    train: { from: start, to: start + 12 * day },
    select: { from: start + 12 * day, to: start + 20 * day },
    test: { from: start + 20.25 * day, to: start + 30 * day },
  };

  it("start anywhere inside the dates of train, and may overlap", () => {
    const w = new RecordedWindows(hourly, ranges.train, 2 * day, "train", "price");
    const starts = Array.from({ length: 400 }, (_, e) => w.startTime(episodeKey(5, "train", e), e, 0));
    for (const t of starts) {
      expect(t).toBeGreaterThanOrEqual(ranges.train.from);
      expect(t + 2 * day).toBeLessThanOrEqual(ranges.train.to);
    }
    // Uniform over ten days: mean at 5, sd 10 / sqrt(12 * 400) = 0.14 days.
    const mean = starts.reduce((a, t) => a + (t - start) / day, 0) / starts.length;
    expect(Math.abs(mean - 5)).toBeLessThan(0.6);
    expect(new Set(starts).size).toBe(400);
  });

  it.each(["select", "test"] as const)(
    "tile the dates of %s without overlap, each once before the first comes again",
    (split) => {
      const w = new RecordedWindows(hourly, ranges[split], 2 * day, split, "price");
      expect(w.count).toBe(4);
      const starts = Array.from({ length: 9 }, (_, e) => w.startTime(1, e, 0));
      expect(starts.slice(4, 8)).toEqual(starts.slice(0, 4));
      for (let i = 0; i < 4; i++) {
        expect(starts[i]).toBe(ranges[split].from + i * 2 * day);
        expect(starts[i]! + 2 * day).toBeLessThanOrEqual(ranges[split].to);
      }
    },
  );

  it("show the last value published, never a later one", () => {
    const w = new RecordedWindows(hourly, undefined, day, "test", "price");
    expect(w.at(start)).toBe(1);
    expect(w.at(start + 3599)).toBe(1);
    expect(w.at(start + 3600)).toBe(2);
    expect(w.at(start - 10)).toBe(1);
  });

  it("name the split, the dates and the days that are wanted when a split is too short", () => {
    const short = () =>
      new RecordedWindows(hourly, { from: start, to: start + day }, 2 * day, "select", "scenario.market.price");
    expect(short).toThrow("A split is shorter than one episode.");
    expect(short).toThrow("scenario.market.price (split select)");
    expect(short).toThrow("2020-09-13 to 2020-09-14");
    expect(short).toThrow("at least 2.00 days inside 2020-09-13 to 2020-10-13, the span of hourly.csv");
    const outside = () => new RecordedWindows(hourly, { from: start - 9 * day, to: start - day }, day, "test", "x");
    expect(outside).toThrow("A split is shorter than one episode.");
  });
});
