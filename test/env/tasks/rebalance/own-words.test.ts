import { describe, expect, it } from "vitest";
import { ownWords } from "../../../../env/tasks/rebalance/own-words.ts";

describe("a configuration of the engine's own words", () => {
  it("says the same, in the same order, and shares nothing that can change", () => {
    const given = { kind: "spot", "": "", list: ["a b", { 7: "__proto__" }, null, 1.5, true], none: undefined };
    const copy = ownWords(given);
    expect(copy).toStrictEqual(given);
    expect(Object.keys(copy)).toEqual(Object.keys(given));
    expect(copy.list).not.toBe(given.list);
  });
});
