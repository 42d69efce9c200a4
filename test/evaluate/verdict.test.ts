import { describe, expect, it } from "vitest";
import type { Attribution } from "../../src/core/contracts/evaluation.ts";
import { Random } from "../../src/core/random.ts";
import { type VerdictInput, verdict, verdictValue } from "../../src/evaluate/verdict.ts";
import { attribution } from "./attribution.ts";

/** Costs near 100 that share a common shock: the learned rows first, then the baselines. */
function input(
  n: number,
  learned: readonly number[],
  baselines: readonly number[],
  seed = 1,
  own = 2,
  more: Partial<VerdictInput> = {},
): VerdictInput {
  const random = new Random(seed, "test/verdict");
  const common = Float64Array.from({ length: n }, () => 100 + 20 * random.normal());
  const row = (shift: number) => common.map((c) => c + shift + own * random.normal());
  return {
    objective: { name: "mean-plus-sd", k: 1 },
    learned: { id: "ppo", costs: learned.map(row) },
    baselines: baselines.map((shift, i) => ({ id: `band-${i}`, costs: [row(shift)] })),
    delta: 0.02,
    seed: 1,
    resamples: 500,
    ...more,
  };
}

describe("verdictValue", () => {
  it("follows the interval alone, in the documented order", () => {
    expect(verdictValue([-3, -0.001], 2)).toBe("better");
    expect(verdictValue([-0.2, -0.1], 2)).toBe("better");
    expect(verdictValue([-2, 2], 2)).toBe("equivalent");
    expect(verdictValue([0.1, 0.2], 2)).toBe("equivalent");
    expect(verdictValue([0, 0], 0)).toBe("equivalent");
    expect(verdictValue([0.1, 2.1], 2)).toBe("worse");
    expect(verdictValue([-2.1, 0], 2)).toBe("inconclusive");
    expect(verdictValue([-1, 2.1], 2)).toBe("inconclusive");
  });
});

describe("verdict", () => {
  it("calls a clear gain over every rule better, against the best of them", () => {
    const out = verdict(input(500, [-8, -8, -9, -7, -8], [5, 0, 30]));
    expect(out.value).toBe("better");
    expect(out.against).toBe("band-1");
    expect(out.difference).toBeLessThan(-6);
    expect(out.pBetter).toBeLessThan(0.025);
    expect(out.moreEpisodes).toBeUndefined();
    expect(out.worstSeed.index).toBe(3);
    expect(out.seedInterval![0]).toBeLessThan(out.seedInterval![1]);
  });

  it("calls the same policy equivalent, a dear one worse", () => {
    const same = input(100, [0], [0]);
    const copy = verdict({ ...same, baselines: [{ id: "copy", costs: same.learned.costs }] });
    expect(copy).toMatchObject({ value: "equivalent", difference: 0, interval: [0, 0] });
    expect(verdict(input(2000, [0], [0, 0.1])).value).toBe("equivalent");
    expect(verdict(input(500, [10, 11, 9], [0, 3])).value).toBe("worse");
  });

  it("is inconclusive when there are too few episodes, and the episodes it asks for do decide", () => {
    const few = verdict(input(40, [-1], [0], 4, 6));
    expect(few.value).toBe("inconclusive");
    expect(few.moreEpisodes).toBeGreaterThan(40);
    expect(few.moreEpisodes).toBeLessThan(5000);
    // At 80% power, if the estimate were the truth: the gain of -1 is, here, and 10 of 12 worlds are expected to decide.
    const decided = Array.from({ length: 12 }, (_, i) =>
      verdict(input(40 + few.moreEpisodes!, [-1], [0], 50 + i, 6)),
    ).filter((out) => out.value !== "inconclusive").length;
    expect(decided).toBeGreaterThanOrEqual(6);
  });

  it("asks for windows, not episodes, where episodes share recorded data: episodes on the same windows do not help", () => {
    const windows = (n: number, count: number) => {
      const few = input(count, [-1], [0], 4, 6);
      // Each window is played n / count times, whole costs and all.
      const repeat = (costs: Float64Array) => Float64Array.from({ length: n }, (_, i) => costs[i % count]!);
      return verdict({
        ...few,
        learned: { id: "ppo", costs: few.learned.costs.map((c) => repeat(c as Float64Array)) },
        baselines: few.baselines.map((b) => ({ id: b.id, costs: b.costs.map((c) => repeat(c as Float64Array)) })),
        blocks: Int32Array.from({ length: n }, (_, i) => i % count),
      });
    };
    const once = windows(40, 40);
    const often = windows(4000, 40);
    expect(once.value).toBe("inconclusive");
    expect(once.moreEpisodes).toBeUndefined();
    // The same 40 windows a hundred times over leave as much to see; the objective's sample deviation moves the estimate a little.
    expect(often.moreWindows! / once.moreWindows!).toBeGreaterThan(0.8);
    expect(often.moreWindows! / once.moreWindows!).toBeLessThan(1.25);
    expect(often.sentence).toContain(
      `About ${often.moreWindows} more independent windows (40 have been seen) would decide.`,
    );
    expect(often.sentence).not.toContain("more episodes");
  });

  it("calls the best rule tuned only where it was", () => {
    const base = input(500, [-8], [0]);
    const judge = (tuned: boolean) => verdict({ ...base, baselines: [{ ...base.baselines[0]!, tuned }] }).sentence;
    expect(judge(true)).toMatch(/^ppo is better than the best tuned rule, band-0:/);
    expect(judge(false)).toMatch(/^ppo is better than the best rule, band-0:/);
  });

  it("asks for more seeds, not episodes, where training is a lottery", () => {
    const out = verdict(input(2000, [-30, 20, -10, 25], [0]));
    expect(out.value).toBe("inconclusive");
    expect(out.moreEpisodes).toBeUndefined();
    expect(out.sentence).toContain("more training seeds are needed");
  });

  it("claims better for a learner no better than three rules in at most about 2.5% of experiments", () => {
    // Stated false-alarm rate: 250 experiments at 2.5% give more than 6% with probability about 0.1%.
    let better = 0;
    for (let trial = 0; trial < 250; trial++)
      if (verdict({ ...input(100, [0, 0, 0], [0, 0, 0], 700 + trial), resamples: 200, seed: trial }).value === "better")
        better++;
    expect(better / 250).toBeLessThanOrEqual(0.06);
  });

  it("says in one sentence what was compared, on what, and every caveat", () => {
    const out = verdict({
      ...input(500, [-8], [0], 1, 2, { unit: "bps of notional", caveats: ["Fees from another period are spliced."] }),
      blocks: Int32Array.from({ length: 500 }, (_, i) => Math.floor(i / 10)),
    });
    expect(out.sentence).toMatchInlineSnapshot(
      `"ppo is better than the best rule, band-0: difference in mean + 1 sd -7.67 bps of notional (95% -8 to -7.37, over all rules at once). 500 episodes (50 independent), 1 training seed, so this says nothing of how often training succeeds. A true difference of 0.453 bps of notional would be found four times in five. Fees from another period are spliced."`,
    );
  });

  it("labels a gain that is mostly carry or direction", () => {
    const base = input(500, [-8], [0]);
    const judge = (learned: Partial<Attribution>) =>
      verdict({
        ...base,
        learned: { ...base.learned, attribution: attribution(learned) },
        baselines: [{ ...base.baselines[0]!, attribution: attribution({}) }],
      });
    const skill = judge({ gas: 5, fee: 2, funding: 1 });
    expect(skill.notHedgingSkill).toBeUndefined();
    expect(skill.gain!.costSaved).toBe(7);
    const carry = judge({ funding: 5, delta: 2, gas: 1 });
    expect(carry.notHedgingSkill).toBe(true);
    expect(carry.sentence).toContain("Not hedging skill");
  });

  it("says where a better verdict is mostly timing, and not where the drift of the price is unknown", () => {
    const base = input(500, [-8], [0]);
    const judge = (driftProfit?: number) =>
      verdict({
        ...base,
        learned: {
          ...base.learned,
          attribution: attribution({ delta: 8 }),
          ...(driftProfit === undefined ? {} : { driftProfit }),
        },
        baselines: [{ ...base.baselines[0]!, attribution: attribution({}), driftProfit: 0 }],
      });
    const timed = judge(1);
    expect(timed.gain).toMatchObject({ direction: 1, timing: 7 });
    expect([timed.mostlyTiming, timed.notHedgingSkill]).toEqual([true, undefined]);
    expect(timed.sentence).toMatch(
      / Most of the gain is timing: exposure held while the price was displaced and came back\.$/,
    );
    const untold = judge();
    expect(untold.gain).toMatchObject({ direction: 8, timing: 0 });
    expect([untold.mostlyTiming, untold.notHedgingSkill]).toEqual([undefined, true]);
    expect(untold.sentence).not.toContain("timing");
  });

  it("decides nothing on fewer than six independent windows, however large the difference", () => {
    const judge = (windows: number) =>
      verdict(input(windows, [60], [0], 1, 0.5, { blocks: Int32Array.from({ length: windows }, (_, i) => i) }));
    const few = judge(5);
    expect(few.interval[0]).toBeGreaterThan(0);
    expect(few.value).toBe("inconclusive");
    expect(few.sentence).toContain("5 independent windows are fewer than the 6 that can decide anything");
    expect(judge(6).value).toBe("worse");
  });

  it("refuses a δ that is not a fraction", () => {
    expect(() => verdict(input(50, [0], [0], 1, 2, { delta: 2 }))).toThrow("half-width of equivalence");
  });
});
