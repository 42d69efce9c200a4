import { describe, expect, it } from "vitest";
import { generationOf } from "../../bench/machine.ts";

describe("the processor in a record", () => {
  it("is told apart from others of its name by family and vectors", () => {
    const info = (family: number, flags: string) =>
      `processor\t: 0\ncpu family\t: ${family}\nmodel name\t: AMD EPYC\nflags\t\t: fpu ${flags} sse4_2\n\nprocessor\t: 1\n`;
    expect(generationOf(info(25, "avx avx2"))).toEqual({ generation: "family 25, AVX2" });
    expect(generationOf(info(26, "avx2 avx512f avx512bw"))).toEqual({ generation: "family 26, AVX-512" });
  });

  it("is left out where the system does not tell", () => {
    expect(generationOf("")).toEqual({});
    expect(generationOf("Hardware\t: some board\n")).toEqual({});
  });
});
