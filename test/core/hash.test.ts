import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ContractError } from "../../src/core/errors.ts";
import { canonicalHash, canonicalJson, sha256Hex } from "../../src/core/hash.ts";

describe("sha256Hex", () => {
  it.each([
    // FIPS 180-4 examples (NIST): the empty message, "abc", and the two-block message.
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
  ])("of %j is the published one", (text, hash) => {
    expect(sha256Hex(text)).toBe(hash);
    expect(sha256Hex(new TextEncoder().encode(text))).toBe(hash);
  });

  it("agrees with the system's own for bytes of many lengths, also of a view", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) & 255);
    for (const n of [1, 55, 56, 63, 64, 65, 127, 128, 300]) {
      const view = bytes.subarray(300 - n);
      expect(sha256Hex(view)).toBe(createHash("sha256").update(view).digest("hex"));
    }
  });
});

describe("canonicalJson", () => {
  it("writes numbers and strings as RFC 8785 section 3.2.2 shows", () => {
    const example = {
      // biome-ignore format: the digits are the example's own
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonicalJson(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("sorts keys by UTF-16 code units at every depth, as RFC 8785 section 3.2.3 shows", () => {
    const keys = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
    expect(Object.keys(JSON.parse(canonicalJson([{ keys }]))[0].keys as object)).toEqual([
      // JSON.parse puts integer keys first by itself; the others keep the text's order.
      "1",
      "\r",
      "\u0080",
      "\u00f6",
      "\u20ac",
      "\u{1f600}",
      "\ufb33",
    ]);
    expect(canonicalJson({ b: { d: 1, c: 2 }, a: 3 })).toBe('{"a":3,"b":{"c":2,"d":1}}');
  });

  it("refuses what JSON cannot say", () => {
    expect(() => canonicalJson(undefined)).toThrow(ContractError);
    expect(() => canonicalJson(() => 1)).toThrow(ContractError);
    for (const value of [Number.NaN, { a: Number.POSITIVE_INFINITY }, 1n]) expect(() => canonicalJson(value)).toThrow();
  });
});

describe("canonicalHash", () => {
  it("depends on the value, not on the order of its keys", () => {
    expect(canonicalHash({ a: 1, b: [1, 2] })).toBe(canonicalHash({ b: [1, 2], a: 1 }));
    expect(canonicalHash({ a: 1, b: [1, 2] })).not.toBe(canonicalHash({ a: 1, b: [2, 1] }));
    expect(canonicalHash("abc")).toBe(sha256Hex('"abc"'));
  });
});
