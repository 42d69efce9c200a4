import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import type { TunedBaseline } from "../../src/evaluate/tune-baseline.ts";
import { readTuning, writeTuning } from "../../src/train/tuning-file.ts";

const dir = mkdtempSync(join(tmpdir(), "greekgym-tuning-"));
const path = join(dir, "tuning.json");
beforeEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const BAND: TunedBaseline = {
  id: "delta-band",
  params: { halfWidth: 0.1 + 0.2 },
  objective: -0.07,
  budget: { steps: 1200, trials: 9, coreSeconds: 0.25 },
  atEdge: ["halfWidth"],
};
const NEVER: TunedBaseline = { ...BAND, id: "never", params: {}, atEdge: [] };

/** The file with one thing changed. */
function broken(change: (rule: Record<string, unknown>) => void): string {
  const rule = structuredClone(BAND) as unknown as Record<string, unknown>;
  change(rule);
  return JSON.stringify({ tuned: [NEVER, rule] });
}

describe("tuning.json", () => {
  it("gives back what was written, bit for bit and in order; no file is no rule", () => {
    expect(readTuning(dir)).toEqual([]);
    const ruined = { ...BAND, id: "ruined", params: { halfWidth: Infinity }, objective: Infinity };
    writeTuning(dir, [BAND, NEVER, ruined]);
    expect(readTuning(dir)).toEqual([BAND, NEVER, ruined]);
  });

  it.each<[string, string, string]>([
    ["half a file", '{"tuned": [', "are not JSON"],
    ["another file", "[]", "tuning.json: the whole"],
    ["no rules", "{}", "tuning.json: tuned"],
    ["a parameter that was NaN", broken((r) => (r.params = { halfWidth: null })), "tuned.1.params.halfWidth"],
    ["no budget", broken((r) => delete r.budget), "tuned.1.budget"],
    ["a negative count", broken((r) => (r.budget = { steps: -1, trials: 1, coreSeconds: 1 })), "tuned.1.budget.steps"],
    ["an unknown field", broken((r) => (r.extra = 1)), "tuned.1"],
    ["a rule twice", broken((r) => (r.id = "never")), "a rule stands twice"],
  ])("refuses %s, naming the file, the field and the fix", (_, text, named) => {
    writeFileSync(path, text);
    let error: unknown;
    try {
      readTuning(dir);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(CorruptFileError);
    const { message } = error as CorruptFileError;
    expect(message).toContain("tuning.json");
    expect(message).toContain(named);
    expect(message).toContain("Delete this file and resume");
  });

  it("is not written with what could not be read back", () => {
    writeTuning(dir, [BAND]);
    const before = readFileSync(path);
    expect(() => writeTuning(dir, [{ ...BAND, objective: Number.NaN }])).toThrow(ContractError);
    expect(() => writeTuning(dir, [BAND, BAND])).toThrow("a rule stands twice");
    expect(readFileSync(path)).toEqual(before);
  });
});
