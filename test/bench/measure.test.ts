import { describe, expect, it } from "vitest";
import { inTurn } from "../../bench/bench.ts";
import { type Contender, compare, type Measurement, percentiles, rate, summary } from "../../bench/measure.ts";

const contender = (name: string, ours: boolean, round: Contender["round"]): Contender => ({
  ...{ name, ours, version: ours ? "" : "1.2" },
  round,
});

const measurement = (contenders: Contender[], better: "more" | "less" = "more"): Measurement => ({
  ...{ name: "work", contenders, rounds: 3, warmups: 1 },
  quantities: [{ name: "", unit: "1/s", better }],
});

describe("contenders in turn", () => {
  it("play each a round that does not count, then one after another", async () => {
    const order: string[] = [];
    const say = (name: string) => (index: number) => {
      order.push(`${name}${index}`);
      return [1];
    };
    const three = inTurn(["a", "b", "c"].map((name) => contender(name, false, say(name))));
    expect(three.map(({ name, ours, version }) => [name, ours, version])).toEqual([["a", false, "1.2"]]);
    for (const index of [0, 0, 1, 2, 3]) await three[0]!.round(index);
    expect(order).toEqual(["a0", "b0", "c0", "a0", "a0", "b1", "c2", "a3"]);
    expect(inTurn([])).toEqual([]);
  });
});

describe("compare", () => {
  it("lets contenders take turns, and drops the rounds of warm-up", async () => {
    const order: string[] = [];
    const say = (name: string, values: number[]) => (index: number) => {
      order.push(`${name}${index}`);
      return [values[order.filter((o) => o.startsWith(name)).length - 1]!];
    };
    const a = contender("a", true, say("a", [1000, 4, 6, 5]));
    const b = contender("b", false, say("b", [1000, 2, 1, 3]));
    const { results, ratios } = await compare("s", measurement([a, b]), () => undefined);
    expect(order).toEqual(["a0", "b0", "a0", "b0", "a1", "b1", "a2", "b2"]);
    expect(results.map(({ contender, n, min, median, max }) => [contender, n, min, median, max])).toEqual([
      ["a", 3, 4, 5, 6],
      ["b", 3, 1, 2, 3],
    ]);
    expect(ratios).toEqual([{ name: "s: work", ours: "a", rival: "b", rivalVersion: "1.2", ratio: 2.5 }]);
  });

  it("says of times, too, how many times as fast ours is", async () => {
    const of = (value: number) => () => [value];
    const contenders = [contender("a", true, of(2)), contender("b", false, of(8))];
    expect((await compare("s", measurement(contenders, "less"), () => undefined)).ratios[0]!.ratio).toBe(4);
  });

  it("leaves a rival out that fails, and tells why; one that sits rounds out has fewer of them", async () => {
    const told: string[] = [];
    const contenders = [
      contender("a", true, () => [1]),
      contender("b", false, () => Promise.reject(new Error("no libraries"))),
      contender("c", false, (index) => (index === 0 ? [1] : null)),
    ];
    const { results } = await compare("s", measurement(contenders), (rival, why) => told.push(`${rival}: ${why}`));
    expect(results.map((r) => [r.contender, r.n])).toEqual([
      ["a", 3],
      ["c", 1],
    ]);
    expect(told).toEqual(["b: no libraries"]);
  });

  it("does not go on without ours", async () => {
    const broken = contender("a", true, () => {
      throw new Error("broken");
    });
    const closed: string[] = [];
    const other = { ...contender("b", false, () => [1]), close: () => void closed.push("b") };
    await expect(compare("s", measurement([other, broken]), () => undefined)).rejects.toThrow("broken");
    expect(closed).toEqual(["b"]);
  });

  it("holds a yardstick against nobody", async () => {
    const yardstick = { ...contender("y", true, () => [9]), yardstick: true };
    const contenders = [contender("a", true, () => [4]), yardstick, contender("b", false, () => [2])];
    const { results, ratios } = await compare("s", measurement(contenders), () => undefined);
    expect(results.map((r) => r.contender)).toEqual(["a", "y", "b"]);
    expect(ratios.map((r) => r.ours)).toEqual(["a"]);
  });
});

it("summary takes the mean of the middle two as the median of an even number, and what was not reached as infinite", () => {
  expect(summary([4, 1, 2, 3])).toEqual({ n: 4, min: 1, median: 2.5, max: 4 });
  expect(summary([1, Number.POSITIVE_INFINITY, 2])!.median).toBe(2);
  expect(summary([])).toBeUndefined();
});

it("rate counts every call; percentiles time each", () => {
  let calls = 0;
  const [perSecond] = rate(() => void calls++, 10, 0.01);
  expect(perSecond! * 0.01).toBeLessThanOrEqual(calls * 10);
  expect(perSecond).toBeGreaterThan(0);
  const [p50, p99] = percentiles(() => undefined, 200);
  expect(p50).toBeGreaterThanOrEqual(0);
  expect(p99).toBeGreaterThanOrEqual(p50!);
});
