import { describe, expect, it } from "vitest";
import {
  ConfigError,
  ContractError,
  CorruptFileError,
  DataError,
  didYouMean,
  EXIT,
  expectLength,
  GreekgymError,
  InterruptedError,
  nearest,
} from "../../src/core/errors.ts";

describe("an error", () => {
  it("says what happened, where, the value and the fix, in that order", () => {
    const error = new ConfigError("A value is not allowed.", {
      which: "a.yaml:3:5 (train.steps)",
      value: -1,
      fix: "Use 1 or more.",
      hints: ['Did you mean "1"?'],
    });
    expect(error.message).toMatchInlineSnapshot(`
      "A value is not allowed.
        where: a.yaml:3:5 (train.steps)
        value: -1
        fix:   Use 1 or more.
        Did you mean "1"?"
    `);
    expect(error.short).toBe("A value is not allowed.");
  });

  it("is only its first line where nothing more is known", () => {
    const error = new GreekgymError("x", "It broke.");
    expect(error.message).toBe("It broke.");
    expect(error).toMatchObject({ which: undefined, fix: undefined, hints: [], code: "x", exitCode: EXIT.failed });
    expect("cause" in error).toBe(false);
  });

  it("keeps its cause", () => {
    const cause = new RangeError("inner");
    expect(new DataError("x", { cause }).cause).toBe(cause);
  });

  it.each([
    ['"text"', "text"],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["undefined", undefined],
    ["null", null],
    ["[1,2]", [1, 2]],
    ['{"a":"b"}', { a: "b" }],
    ["12", 12n],
  ])("shows a value as %s", (shown, value) => {
    expect(new ContractError("x", { value }).message).toBe(`x\n  value: ${shown}`);
  });

  it("shows functions and circular objects without failing, and long values cut", () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(new ContractError("x", { value: circular }).message).toContain("[object Object]");
    expect(new ContractError("x", { value: () => 1 }).message).toContain("() => 1");
    expect(new ContractError("x", { value: "y".repeat(5000) }).message.length).toBeLessThan(250);
    expect(new ContractError("x", { value: new Array(5000).fill(1) }).message.length).toBeLessThan(250);
  });
});

describe("the kinds of errors", () => {
  it.each([
    [ConfigError, "config", 2],
    [DataError, "data", 1],
    [CorruptFileError, "corrupt", 1],
    [ContractError, "contract", 1],
  ] as const)("%o has its code and exit code", (Kind, code, exitCode) => {
    const error = new Kind("x");
    expect(error).toBeInstanceOf(GreekgymError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code, exitCode, name: Kind.name });
    expect(new Kind("x", {}, "finer").code).toBe("finer");
  });

  it("an interruption ends with 130", () => {
    expect(new InterruptedError("x")).toMatchObject({ code: "interrupted", exitCode: 130, name: "InterruptedError" });
  });
});

describe("nearest", () => {
  const known = ["delta", "delta-band", "whalley-wilmott", "zakamouline", "never"];

  it.each([
    ["detla", "delta"],
    ["DELTA", "delta"],
    ["whaley-wilmot", "whalley-wilmott"],
    ["nevr", "never"],
    ["delta_band", "delta-band"],
  ])("of %s is %s", (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it("is nothing where no name is near, or none is known", () => {
    expect(nearest("quadratic", known)).toBeUndefined();
    expect(nearest("delta", [])).toBeUndefined();
  });

  it("counts a swap of neighbours as one slip", () => {
    // Four swaps in eight letters: by plain edit distance 8 away, with transpositions 4, still too far; one swap is near.
    expect(nearest("badcfehg", ["abcdefgh"])).toBeUndefined();
    expect(nearest("ba", ["ab", "xyz"])).toBe("ab");
  });

  it("prefers the nearer of two", () => {
    expect(nearest("gamma", ["gamma-band", "gama"])).toBe("gama");
  });
});

describe("didYouMean", () => {
  it("gives the nearest name and the list", () => {
    expect(didYouMean("detla", ["delta", "gamma"])).toEqual(['Did you mean "delta"?', "Known: delta, gamma."]);
    expect(didYouMean("xxxxxxxx", ["delta"])).toEqual(["Known: delta."]);
  });

  it("leaves out a list that nobody would read", () => {
    const many = Array.from({ length: 41 }, (_, i) => `name-${i}`);
    expect(didYouMean("xxxxxxxxxxx", many)).toEqual([]);
    expect(didYouMean("x", [])).toEqual([]);
  });
});

describe("expectLength", () => {
  it("passes the right length and names the array otherwise", () => {
    expectLength(new Float32Array(3), 3, "adv");
    expect(() => expectLength([1], 3, "adv")).toThrow(
      '"adv" has the wrong length.\n  where: adv\n  value: 1\n  fix:   Pass an array of length 3.',
    );
  });
});
