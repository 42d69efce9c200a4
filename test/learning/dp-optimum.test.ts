import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { whalleyWilmottHalfWidth } from "../../env/options/bands.ts";
import { GREEK, GREEK_COUNT, greeksInto } from "../../env/options/black-scholes.ts";
import { loadExperiment } from "../../src/cli/experiment-file.ts";
import type { EvaluationResult } from "../../src/core/contracts/evaluation.ts";
import { objectiveOf } from "../../src/evaluate/objectives.ts";
import { policyOf } from "../../src/evaluate/optimum/oracle.ts";
import { scenarioProblem } from "../../src/evaluate/optimum/scenario-problem.ts";
import { solveOptimum } from "../../src/evaluate/optimum/solve.ts";
import { TRADE, TRADE_WIDTH } from "../../src/evaluate/optimum/trades.ts";
import { Arena } from "../../src/evaluate/rollout.ts";
import { oneOption } from "../evaluate/optimum/problems.ts";

const EXPERIMENT = "experiments/validation/cao-2021.yaml";
const ENTROPIC = "objective.name=entropic";

function compare(...args: string[]): EvaluationResult {
  const main = resolve("dist/src/cli/main.js");
  const text = execFileSync(process.execPath, [main, "compare", EXPERIMENT, "--json", ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(text) as EvaluationResult;
}

describe("dp-optimum on cao-2021", () => {
  const { experiment } = loadExperiment(EXPERIMENT, [ENTROPIC]);
  const problem = scenarioProblem(experiment.scenario, experiment.unit);

  it("changes by less than 0.2%, in its value and in simulation, where the grid is halved", () => {
    const arena = new Arena(experiment, "test", 1, { series: {} });
    const [coarse, fine] = [1, 2].map((resolution) => {
      const optimum = solveOptimum(problem, 0.03, { resolution });
      const table = arena.play(policyOf(optimum, experiment.scenario, arena.env.context), 0, 20_000);
      return { value: optimum.value, simulated: objectiveOf(experiment.objective, table.costs) };
    });
    process.stderr.write(
      `value ${coarse!.value.toFixed(3)} and ${fine!.value.toFixed(3)}, simulated ${coarse!.simulated.toFixed(3)} and ${fine!.simulated.toFixed(3)}\n`,
    );
    expect(Math.abs(coarse!.value / fine!.value - 1)).toBeLessThan(0.002);
    expect(Math.abs(coarse!.simulated / fine!.simulated - 1)).toBeLessThan(0.002);
    expect(Math.abs(coarse!.simulated / coarse!.value - 1)).toBeLessThan(0.01);
  });

  it("is beaten by no rule, and every tuned rule's gap to it is told", () => {
    const result = compare("--set", ENTROPIC, "--set", "tune.episodes=4000", "--episodes", "50000");
    const rules = result.contenders.filter((c) => c.kind === "baseline");
    const gaps = result.gaps!.filter((g) => g.oracle === "dp-optimum");
    for (const gap of gaps)
      process.stderr.write(`${gap.contender}: ${gap.difference.toFixed(2)} [${gap.ci95.map((x) => x.toFixed(2))}]\n`);
    expect(gaps.map((g) => g.contender)).toEqual(expect.arrayContaining(rules.filter((c) => c.tuned).map((c) => c.id)));
    for (const gap of gaps) expect(gap.ci95[1]).toBeGreaterThan(0);
    const optimum = result.contenders.find((c) => c.id === "dp-optimum")!;
    expect(optimum.kind).toBe("oracle");
    for (const rule of rules) expect(rule.objective).toBeGreaterThan(optimum.objective);
    expect(result.best.baseline).not.toBe("dp-optimum");
    expect(result.best.overall).not.toBe("dp-optimum");
    expect(result.paired.some((p) => p.b === "dp-optimum" || p.a === "dp-optimum")).toBe(false);
  });
});

describe("the band of dp-optimum for small costs", () => {
  it("approaches Whalley and Wilmott's half-width, less 0.58 of what delta moves between decisions", () => {
    const decisions = 400;
    const years = 15 / 365;
    const greeks = new Float64Array(GREEK_COUNT);
    const ratios = [0.002, 0.0005, 0.0001].map((rate) => {
      const o = solveOptimum(oneOption({ decisions, rate }), 0.003);
      const t = decisions / 2;
      const i = (o.nodes - 1) / 2;
      const at = (t * o.nodes + i) * TRADE_WIDTH;
      const spot = Math.exp(o.first[t]! + i * o.step);
      greeksInto(greeks, 0, 1, spot, 100, 0, 0, 0.6, years);
      const gamma = greeks[GREEK.gamma]!;
      const move = gamma * spot * 0.6 * Math.sqrt(30 / 365 / decisions);
      // A barrier watched at intervals acts as one 0.5826 standard deviations further out (Broadie, Glasserman and Kou, 1997).
      const expected = whalleyWilmottHalfWidth(spot, gamma, rate, 0.003 / 0.01, 0, years) - 0.5826 * move;
      return (0.5 * (o.trades[at + TRADE.sellTo]! - o.trades[at + TRADE.buyTo]!)) / expected;
    });
    process.stderr.write(`half-width over expected: ${ratios.map((r) => r.toFixed(3)).join(", ")}\n`);
    const errors = ratios.map((ratio) => Math.abs(ratio - 1));
    expect(errors[0]).toBeLessThan(0.1);
    expect(errors[1]).toBeLessThan(0.05);
    expect(errors[2]).toBeLessThan(0.02);
  });
});
