import { describe, expect, it } from "vitest";
import { ATTRIBUTION_PARTS } from "../../src/core/contracts/evaluation.ts";
import { ATTRIBUTION_GROUPS, splitDifference } from "../../src/report/attribution.ts";
import { contender, pairedWith } from "../../src/report/contenders.ts";
import { gapLines } from "../../src/report/gaps.ts";
import { attributionTable, behaviourTable, contenderTable, differenceTable } from "../../src/report/tables.ts";
import { sample } from "./sample.ts";

const { evaluation } = sample();

describe("contenderTable", () => {
  it("sorts by objective, lowest first", () => {
    const values = contenderTable(evaluation).rows.map((r) => r.cells[1]!.value!);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values).toHaveLength(12);
  });

  it("sets the judged policy and the row to beat apart", () => {
    const tones = contenderTable(evaluation).rows.map((r) => r.tone);
    expect(tones.filter((t) => t === "judged")).toHaveLength(1);
    expect(tones.filter((t) => t === "against")).toHaveLength(1);
  });

  it("has as many cells in each row as columns", () => {
    for (const table of [contenderTable(evaluation), behaviourTable(evaluation), attributionTable(evaluation)])
      for (const row of table.rows) expect(row.cells).toHaveLength(table.columns.length);
  });
});

describe("pairedWith", () => {
  it("turns a pair that was stored the other way round", () => {
    const turned = {
      ...evaluation,
      paired: [
        {
          a: "composite",
          b: "ppo-band",
          difference: 4,
          ci95: [3, 5] as const,
          simultaneousCi95: [2, 6] as const,
          probabilityOfImprovement: 0.3,
        },
      ],
    };
    expect(pairedWith(turned, "composite")).toEqual({
      a: "ppo-band",
      b: "composite",
      difference: -4,
      ci95: [-5, -3],
      simultaneousCi95: [-6, -2],
      probabilityOfImprovement: 0.7,
    });
  });
});

describe("gapLines", () => {
  it("says what each contender leaves to an oracle, and which share of the best rule's gap the learned one closes", () => {
    const [left, share, ...more] = gapLines(evaluation);
    expect(left).toContain("Left to win against hindsight");
    expect(left).toContain("ppo-band 7.65 (6.40 to 8.90), 10.3%");
    expect(left).toContain("composite 11.9 (10.6 to 13.2), 16.0%");
    expect(share).toBe("ppo-band closes 36% of the gap between composite and hindsight.");
    expect(more).toEqual([]);
  });

  it("says nothing of shares that cannot be told, and nothing at all without an oracle", () => {
    const gaps = evaluation.gaps!.map(({ closes, ...gap }) => gap);
    expect(gapLines({ ...evaluation, gaps })).toHaveLength(1);
    expect(gapLines({ ...evaluation, gaps: [] })).toEqual([]);
  });
});

describe("attributionTable", () => {
  it("has rows that sum to the mean cost to 1e-9", () => {
    for (const row of attributionTable(evaluation).rows) {
      const values = row.cells.slice(1).map((c) => c.value!);
      const parts = values.slice(0, ATTRIBUTION_PARTS.length);
      expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(values.at(-1)!, 9);
      expect(values.at(-2)!).toBeCloseTo(values.at(-1)!, 9);
    }
  });

  it("shows profits of the evaluation as costs: gas paid is positive", () => {
    const row = attributionTable(evaluation).rows.find((r) => r.cells[0]!.text.endsWith("composite"))!;
    const gas = row.cells[1 + ATTRIBUTION_PARTS.indexOf("gas")]!.value!;
    expect(gas).toBeGreaterThan(0);
    expect(gas).toBe(-contender(evaluation, "composite")!.attribution.gas);
  });

  it("marks a row that does not sum", () => {
    const contenders = evaluation.contenders.map((c) => (c.id === "never" ? { ...c, mean: c.mean + 0.5 } : c));
    const notes = attributionTable({ ...evaluation, contenders }).rows.flatMap((r) => r.cells.map((c) => c.note));
    expect(notes.filter((n) => n === "does not sum")).toHaveLength(1);
  });

  it("draws each part in exactly one group", () => {
    const grouped = ATTRIBUTION_GROUPS.flatMap((g) => [...g.parts]);
    expect([...grouped].sort()).toEqual([...ATTRIBUTION_PARTS].sort());
  });
});

describe("differenceTable", () => {
  it("splits the difference in objective into parts that sum to it", () => {
    const split = splitDifference(contender(evaluation, "ppo-band")!, contender(evaluation, "composite")!);
    const { costs, carry, direction, timing, options, risk, total } = split;
    expect(costs + carry + direction + timing! + options + risk).toBeCloseTo(total, 9);
    expect(differenceTable(evaluation)!.rows.at(-1)!.cells[1]!.value).toBe(split.total);
  });

  it("sets timing apart from direction where rows tell their drift profit, and only there", () => {
    const rows = (e: typeof evaluation) => differenceTable(e)!.rows.map((r) => [r.cells[0]!.text, r.cells[1]!.value!]);
    const told = Object.fromEntries(rows(evaluation));
    const contenders = evaluation.contenders.map(({ driftProfit, ...c }) => c);
    const untold = Object.fromEntries(rows({ ...evaluation, contenders }));
    expect(untold).not.toHaveProperty("Timing");
    expect(told.Direction).toBeCloseTo(0.6 * (untold.Direction as number), 12);
    expect(told.Direction + told.Timing).toBeCloseTo(untold.Direction as number, 12);
  });

  it("is absent where there is one row to speak of", () => {
    const verdict = { ...evaluation.verdict, contender: "composite", against: "composite" };
    expect(differenceTable({ ...evaluation, verdict })).toBeUndefined();
  });
});
