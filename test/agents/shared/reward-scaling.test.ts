import { describe, expect, it } from "vitest";
import { RewardScaling } from "../../../agents/shared/reward-scaling.ts";

describe("reward scaling", () => {
  it("passes rewards unchanged when it is off", () => {
    const scaling = new RewardScaling(1, { normaliseRewards: false, gamma: 0.9, rewardClip: 1 });
    expect(scaling.scale(0, 250, false)).toBe(250);
    expect(scaling.unit()).toBe(1);
  });

  it("divides by the deviation of the discounted return, which starts anew after an episode", () => {
    const scaling = new RewardScaling(2, { normaliseRewards: true, gamma: 0.5, rewardClip: 10 });
    const scaled = [
      scaling.scale(0, 2, false),
      scaling.scale(1, 4, true),
      scaling.scale(0, 6, false),
      scaling.scale(1, 1, false),
    ];
    // Discounted returns seen: 2, then 4, then 6 + 0.5 * 2 = 7, then 1 of a new episode.
    const deviation = (xs: number[]) => {
      const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
      return Math.sqrt(xs.reduce((a, b) => a + (b - mean) ** 2, 0) / xs.length + 1e-8);
    };
    expect(scaled[0]).toBe(2);
    expect(scaled[1]).toBeCloseTo(4 / deviation([2, 4]), 10);
    expect(scaled[2]).toBeCloseTo(6 / deviation([2, 4, 7]), 10);
    expect(scaled[3]).toBeCloseTo(1 / deviation([2, 4, 7, 1]), 10);
    expect(scaling.unit()).toBeCloseTo(deviation([2, 4, 7, 1]), 10);
  });

  it("clips what it has scaled, on both sides", () => {
    const scaling = new RewardScaling(1, { normaliseRewards: true, gamma: 0, rewardClip: 3 });
    for (let i = 0; i < 100; i++) scaling.scale(0, i % 2, false);
    expect(scaling.scale(0, 1000, false)).toBe(3);
    expect(scaling.scale(0, -1000, false)).toBe(-3);
  });

  it("gives the same scaled reward in any unit of account", () => {
    const usd = new RewardScaling(1, { normaliseRewards: true, gamma: 0.9, rewardClip: 10 });
    const cents = new RewardScaling(1, { normaliseRewards: true, gamma: 0.9, rewardClip: 10 });
    let last = [0, 0];
    for (const r of [3, -1, 4, 1, -5, 9]) last = [usd.scale(0, r, false), cents.scale(0, 100 * r, false)];
    expect(last[1]).toBeCloseTo(last[0]!, 6);
  });
});
