import { describe, expect, it } from "vitest";
import { vectorsOf } from "../../bench/machine.ts";

describe("the processor in a record", () => {
  it("is told apart from others of its name by family and vectors", () => {
    const info = (family: number, flags: string) =>
      `processor\t: 0\ncpu family\t: ${family}\nmodel name\t: AMD EPYC\nflags\t\t: fpu ${flags} sse4_2\n\nprocessor\t: 1\n`;
    expect(vectorsOf(info(25, "avx avx2"))).toEqual({ vectors: "family 25, AVX2" });
    expect(vectorsOf(info(26, "avx2 avx512f avx512bw"))).toEqual({ vectors: "family 26, AVX-512" });
  });

  it("is left out where the system does not tell", () => {
    expect(vectorsOf("")).toEqual({});
    expect(vectorsOf("Hardware\t: some board\n")).toEqual({});
  });
});
