import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { referenceEngine } from "../../models/kernel/reference.ts";
import type { EvaluationResult } from "../../src/core/contracts/evaluation.ts";
import type { Engine } from "../../src/core/contracts/network.ts";
import { hedging } from "../agents/hedging-market.ts";
import { straddle } from "../env/tasks/rebalance/scenarios.ts";

const main = resolve("dist/src/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "greekgym-hedging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the gradient where trades begin at once and pay gas", () => {
  // Half of the way to the centre, and gas: moving an edge changes who trades. Differences of the true objective see it, paths do not.
  const scenario = straddle({
    chain: { fee: { model: "constant", gwei: 40 } },
    slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps" }],
    stepSeconds: 3600,
  });

  function slopes(edgeWidth: number) {
    let captured = new Float32Array(0);
    const engine: Engine = {
      ...referenceEngine,
      adam: (options) => ({
        ...options,
        update: (parameters) => {
          captured = parameters.gradients.slice();
        },
        saveState: () => ({}),
        loadState: () => {},
      }),
    };
    const paths = 20_000;
    const { learner } = hedging({
      scenario,
      reference: { baseline: "delta-band", params: { halfWidth: 0.12, rebalanceTo: 0.5 } },
      config: { paths, minibatches: 1, hiddenSizes: [2], edgeWidth, maxGradientNorm: 1e9 },
      engine,
      totalSteps: 1e9,
    });
    const start = learner.saveState();
    const values = start.actor as Float32Array;
    /** Biases of the outputs that scale the lower and the upper edge: the last four parameters are the last layer's biases. */
    const lossAt = (by: number) => {
      const actor = values.slice();
      for (const output of [0, 1]) actor[values.length - 4 + output]! += by;
      learner.loadState({ ...start, actor });
      return learner.update()["train/loss"]!;
    };
    lossAt(0);
    const gradient = (captured[values.length - 4]! + captured[values.length - 3]!) * (start.unit as number);
    const h = 0.15;
    const difference = (lossAt(h) - lossAt(-h)) / (2 * h);
    return { gradient, difference };
  }

  it("is that of the true objective to a quarter with the rows at the edges, and has the wrong sign without them", () => {
    const edges = slopes(0.5);
    process.stderr.write(
      `at the edges: gradient ${edges.gradient.toFixed(2)}, difference ${edges.difference.toFixed(2)}\n`,
    );
    expect(Math.abs(edges.gradient - edges.difference)).toBeLessThan(0.25 * Math.abs(edges.difference));
    const blind = slopes(0);
    process.stderr.write(`blind: gradient ${blind.gradient.toFixed(2)}\n`);
    expect(blind.gradient * blind.difference).toBeLessThan(0);
  });
});

describe("deep hedging on the quickstart, on training seeds 1 to 3", () => {
  function train(seed: number) {
    const settings = [
      ...["agent.algorithm=deep-hedging", "train.steps=2600000", "train.evaluateEvery=10"],
      "compare.contenders=[delta-band,gas-aware,composite]",
    ];
    const args = [main, "train", "experiments/quickstart.yaml", "--seed", String(seed), "--out", folder, "--json"];
    const text = execFileSync(process.execPath, [...args, ...settings.flatMap((s) => ["--set", s])], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { evaluation } = JSON.parse(text) as { evaluation: EvaluationResult };
    const pair = evaluation.paired.find((p) => p.a === "deep-hedging" && p.b === "composite")!;
    const { objective } = evaluation.contenders.find((c) => c.id === "composite")!;
    process.stderr.write(
      `seed ${seed}: minus composite (${objective.toFixed(1)}) ${pair.difference.toFixed(2)} [${pair.ci95.map((x) => x.toFixed(2))}]\n`,
    );
    return pair;
  }

  it("beats the tuned composite band by its paired interval on at least two", () => {
    const runs = [1, 2, 3].map(train);
    expect(runs.filter((p) => p.ci95[1] < 0).length).toBeGreaterThanOrEqual(2);
  });
});
