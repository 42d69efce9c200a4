import type { EvaluationResult } from "../core/contracts/evaluation.ts";
import { percent, significant } from "./format.ts";

/** What is left to win against each oracle, one line an oracle, and one for each learned contender whose share of it can be told. */
export function gapLines(evaluation: EvaluationResult): string[] {
  const gaps = evaluation.gaps ?? [];
  const oracles = [...new Set(gaps.map((g) => g.oracle))];
  return oracles.flatMap((oracle) => {
    const own = gaps.filter((g) => g.oracle === oracle);
    const floor = evaluation.contenders.find((c) => c.id === oracle)?.objective ?? Number.NaN;
    const number = (x: number) => significant(x, 3);
    const parts = own.map((g) => {
      const share = floor > 0 ? `, ${percent(g.difference / floor, 1)}` : "";
      return `${g.contender} ${number(g.difference)} (${g.ci95.map(number).join(" to ")})${share}`;
    });
    const closes = own.flatMap((g) => {
      if (g.closes === undefined) return [];
      const gap = `the gap between ${evaluation.best.baseline} and ${oracle}`;
      return [
        g.closes >= 0
          ? `${g.contender} closes ${percent(g.closes, 0)} of ${gap}.`
          : `${g.contender} closes nothing of ${gap}: it costs more than ${evaluation.best.baseline}.`,
      ];
    });
    return [
      `Left to win against ${oracle}, which nobody can trade (${evaluation.objective.unit}, 95% interval): ${parts.join("; ")}.`,
      ...closes,
    ];
  });
}
