import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { BAND_ACTION } from "../../../models/heads/band-head.ts";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import type { Policy } from "../../../src/core/contracts/policy.ts";
import { makeLearnedPolicy } from "../../../src/evaluate/learned-policy.ts";
import { bandCurve } from "../../../src/evaluate/report-data/band-curve.ts";
import { traceEpisode } from "../../../src/evaluate/report-data/trace-episode.ts";
import { Arena } from "../../../src/evaluate/rollout.ts";
import { NO_DATA, smallExperiment } from "./small.ts";

const experiment = smallExperiment();
const { context } = new Arena(experiment, "select", 1, NO_DATA, 4).env;
const from = { experiment, data: NO_DATA, split: "select", seed: 1 } as const;
const params = { halfWidth: 0.1 };
const baseline = createBaseline("delta-band", params, context);

/** A network that sees its own exposure; parameters as `fill` says, the biases of the last layer as `bias` says. */
function learned(fill: (i: number) => number, bias: Partial<Record<keyof typeof BAND_ACTION, number>>): Policy {
  const features = ["delta", "gas_cost_bps", "time_left"];
  const sizes = [features.length, 16, Object.keys(BAND_ACTION).length];
  const engine = kernelEngine();
  const { parameters } = engine.mlp(sizes, "tanh");
  const values = Float32Array.from(parameters.values, (_, i) => fill(i));
  const last = parameters.slices.at(-1)!;
  for (const [name, value] of Object.entries(bias))
    values[last.offset + BAND_ACTION[name as keyof typeof BAND_ACTION]] = value;
  return makeLearnedPolicy({
    id: "ppo",
    engine,
    context,
    snapshot: { sizes, activation: "tanh", values, distribution: "gaussian" },
    encoder: { features, clip: 10, mean: [0, 5, 0.5], variance: [0.01, 4, 0.1], epsilon: 1e-8 },
    head: { head: "band", scale: 1, reference: { baseline: "delta-band", params } },
  });
}

describe("the band of a learned policy", () => {
  const curveOf = (policy: Policy) =>
    bandCurve({ ...from, learned: policy, baseline, whalleyWilmott: baseline, levels: [20], points: 5 })!.levels[0]!;

  it("is its reference's before training", () => {
    const { learned: own, baseline: reference } = curveOf(learned(() => 0, {}));
    expect(own).toEqual(reference);
    expect(own.upper[2]).toBeCloseTo(0.1, 4);
  });

  it("has the edges that the network's outputs stand for", () => {
    const { learned: own } = curveOf(learned(() => 0, { upper: 0.5, lower: -0.25 }));
    expect(own.upper[2]).toBeCloseTo(0.1 * Math.exp(0.5), 4);
    expect(own.lower[2]).toBeCloseTo(-0.1 * Math.exp(-0.25), 4);
  });

  it("tells exactly when it trades in an episode, though it moves with the exposure", () => {
    const policy = learned((i) => 0.4 * Math.sin(12.9898 * i), {});
    const { times, exposure, band, trades } = traceEpisode({ ...from, episode: 2, policy, baseline });
    const outside = times
      .slice(0, -1)
      .filter((_, i) => exposure.policy.values[i]! > band.upper[i]! || exposure.policy.values[i]! < band.lower[i]!);
    expect(new Set(band.upper.map((u) => u.toFixed(2))).size).toBeGreaterThan(3);
    expect(trades.length).toBeGreaterThan(2);
    expect(trades.map((t) => t.time)).toEqual(outside);
  });
});
