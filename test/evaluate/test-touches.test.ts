import { describe, expect, it } from "vitest";
import {
  appendTestTouch,
  countTestTouches,
  FIRST_HASH,
  type NewTestTouch,
  parseTestTouches,
} from "../../src/evaluate/test-touches.ts";

const touch = (scenario: string, seed: number): NewTestTouch => ({
  scenario,
  scenarioHash: `hash of ${scenario}`,
  episodes: 2000,
  seed,
  contenders: ["delta-band", "ppo"],
  at: "2025-01-02T03:04:05Z",
});
const log = [touch("quickstart", 1), touch("btc-2022", 2), touch("quickstart", 3)].reduce(
  (text, next) => appendTestTouch(text, next),
  "",
);

describe("the log of test touches", () => {
  it("chains every line to the one before it", () => {
    const touches = parseTestTouches(log);
    expect(touches.map((t) => t.seed)).toEqual([1, 2, 3]);
    expect(touches[0]!.previousHash).toBe(FIRST_HASH);
    expect(touches[2]!.previousHash).toBe(touches[1]!.hash);
    expect(countTestTouches(touches, "hash of quickstart")).toBe(2);
    expect(parseTestTouches("")).toEqual([]);
  });

  it("names the line that was changed, removed, half-written or is no JSON", () => {
    const lines = log.split("\n");
    expect(() => parseTestTouches(log.replace('"seed":2', '"seed":9'))).toThrowErrorMatchingInlineSnapshot(`
      [CorruptFileError: A line of the log of test touches was changed after it was written.
        where: experiments/test-touches.jsonl, line 2
        value: "f751ad437d22dc099a202428e18a8e33410cb601b169fee7874fe5f891dad18d"
        fix:   Restore the file from version control; lines are only ever added, by compare --final.]
    `);
    expect(() => parseTestTouches([lines[0], lines[2], ""].join("\n"))).toThrow(
      /removed, inserted or moved[\s\S]*line 2/,
    );
    expect(() => parseTestTouches(lines.slice(1).join("\n"))).toThrow(/removed, inserted or moved[\s\S]*line 1/);
    expect(() => parseTestTouches(log.slice(0, -20), "x.jsonl")).toThrow(/half-written[\s\S]*x.jsonl, line 3/);
    expect(() => parseTestTouches(`${log}nonsense\n`)).toThrow(/not JSON[\s\S]*line 4/);
    expect(() => parseTestTouches(`${log}{"seed":1}\n`)).toThrow(/malformed[\s\S]*line 4/);
  });

  it("refuses to add to a broken log, or a line that is malformed", () => {
    expect(() => appendTestTouch(log.replace("2000", "2001"), touch("x", 1))).toThrow("changed after it was written");
    expect(() => appendTestTouch(log, { ...touch("x", 1), episodes: 0 })).toThrow("to be written is malformed");
  });
});
