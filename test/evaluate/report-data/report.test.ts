import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { comparePlayed } from "../../../src/evaluate/compare.ts";
import { bandCurve } from "../../../src/evaluate/report-data/band-curve.ts";
import { baseFeeLevels } from "../../../src/evaluate/report-data/base-fee-levels.ts";
import { costSamples } from "../../../src/evaluate/report-data/cost-samples.ts";
import { frontier, sweepWidth } from "../../../src/evaluate/report-data/frontier.ts";
import { learningCurve } from "../../../src/evaluate/report-data/learning-curve.ts";
import { pickEpisode, traceEpisode } from "../../../src/evaluate/report-data/trace-episode.ts";
import { Arena } from "../../../src/evaluate/rollout.ts";
import { renderHtml } from "../../../src/report/html.ts";
import type { ReportInput } from "../../../src/report/input.ts";
import { renderMarkdown } from "../../../src/report/markdown.ts";
import { sample } from "../../report/sample.ts";
import { NO_DATA, playRules, smallExperiment } from "./small.ts";

describe("a report of computed data", () => {
  it("is rendered with every figure, from an experiment alone", async () => {
    const experiment = smallExperiment();
    const split = "test";
    const seed = 1;
    const episodes = 64;
    const arena = new Arena(experiment, split, seed, NO_DATA, 64);
    const params = { halfWidth: 0.1 };
    // A rule stands in for the learned contender: this is about figures, not learning.
    const learned = { halfWidth: 0.11, costExponent: 0.4 };
    const played = playRules(
      arena,
      [
        ["never", {}],
        ["delta-band", params],
        ["gas-aware", learned, "learned"],
      ],
      episodes,
    );
    const { context } = arena.env;
    const policy = { ...createBaseline("gas-aware", learned, context), id: "learned-gas-aware" };
    const baseline = createBaseline("delta-band", params, context);
    const usual = played[2]!.tables[0]!;
    const episode = traceEpisode({
      experiment,
      data: NO_DATA,
      split,
      seed,
      episode: pickEpisode(usual.costs),
      policy,
      baseline,
    });
    const curve = bandCurve({
      experiment,
      data: NO_DATA,
      split,
      seed,
      learned: policy,
      baseline,
      whalleyWilmott: createBaseline("whalley-wilmott", { riskAversion: 0.01 }, context),
      levels: baseFeeLevels({ experiment, data: NO_DATA, split: "select", seed, episodes: 8 }),
      usual,
      points: 11,
    })!;
    const input: ReportInput = {
      title: "small",
      evaluation: comparePlayed({ experiment, series: {}, split, seed, played, testTouches: 0 }),
      provenance: sample().provenance,
      costSamples: costSamples(played),
      frontier: frontier(experiment, played, [sweepWidth({ experiment, arena, params, widths: 5, episodes })]),
      learningCurve: learningCurve(
        [{ seed: 1, curve: [0, 1, 2].map((i) => ({ step: 1000 * i, objective: 60 - i, meanReturn: i - 60 })) }],
        [{ id: "delta-band", objective: 59 }],
      ),
      episode,
      bandCurve: curve,
    };
    const html = await renderHtml(input);
    const headings = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map((m) => m[1]!);
    for (const heading of ["Learning curve", "One hedged episode", "No-trade band", "Mean against risk"])
      expect(headings).toContain(heading);
    expect(html).not.toMatch(/\bNaN\b|Infinity|undefined/);
    expect(renderMarkdown(input)).toContain("learned-gas-aware");
  });
});
