import type { EvaluationResult } from "../core/contracts/evaluation.ts";
import { gapLines } from "../report/gaps.ts";

/** The one JSON document that `--json` promises on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Columns aligned for a terminal; numbers to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((h, c) => Math.max(h.length, ...rows.map((r) => (r[c] ?? "").length)));
  const format = (cells: readonly string[]) =>
    cells.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  ");
  return [format(header), widths.map((w) => "-".repeat(w)).join("  "), ...rows.map(format)].join("\n");
}

const short = (x: number, digits = 1) => (Number.isFinite(x) ? x.toFixed(Math.abs(x) < 10 ? digits + 1 : digits) : "–");

/** The contender table and verdict, as the terminal shows them. */
export function evaluationText(e: EvaluationResult): string {
  const judged = e.verdict.contender || e.best.baseline;
  const against = new Map(e.paired.filter((p) => p.a === judged).map((p) => [p.b, p]));
  const rows = e.contenders.map((c) => {
    const p = against.get(c.id);
    return [
      c.id === judged ? `${c.id} *` : c.id,
      short(c.objective),
      short(c.mean),
      short(c.sd),
      short(c.cvar95),
      short(c.fees + c.slippage),
      short(c.gas),
      short(c.rebalances),
      p === undefined ? "" : `${short(p.difference, 2)} [${p.simultaneousCi95.map((x) => short(x, 2)).join(", ")}]`,
    ];
  });
  const k = e.objective.k === undefined ? "" : ` (k = ${e.objective.k})`;
  return [
    `${e.scenario.name} v${e.scenario.version} · objective ${e.objective.name}${k}, ${e.objective.unit}, lower is better · ${e.episodes} ${e.split} episodes`,
    "",
    textTable(
      [
        "contender",
        "objective",
        "mean",
        "sd",
        "cvar95",
        "fee+spread",
        "gas",
        "trades",
        `${judged} minus it [simultaneous 95%]`,
      ],
      rows,
    ),
    "",
    ...gapLines(e).flatMap((line) => [line, ""]),
    `verdict: ${e.verdict.value.toUpperCase()}. ${e.verdict.sentence}`,
  ].join("\n");
}
