import { expect, it, describe as suite } from "vitest";
import { allocate, contains, describe, sample, whyOutside } from "../../../env/core/space-values.ts";
import { box, discrete, type Space } from "../../../env/core/spaces.ts";
import { Random } from "../../../src/core/random.ts";

const INF = Number.POSITIVE_INFINITY;
const SPACES: readonly (readonly [string, Space])[] = [
  ["Discrete(3)", discrete(3)],
  ["Discrete(3, start 5)", discrete(3, 5)],
  ["MultiDiscrete([2, 4])", { kind: "multi-discrete", nvec: [2, 4] }],
  ["MultiBinary(4)", { kind: "multi-binary", n: 4 }],
  ["Box([2], float32, low -1, high 0.1 … 2)", box([-1, -1], [0.1, 2])],
  ["Box([2, 2], float64, low 0, high Infinity)", box(0, INF, [2, 2], "float64")],
  ["Box([1], float32, low -Infinity, high 3)", box(-INF, 3, [1])],
  ["Box([1], float64, low -Infinity, high Infinity)", box(-INF, INF, [1], "float64")],
];

suite.each(SPACES)("%s", (text, space) => {
  it("says what it is", () => {
    expect(describe(space)).toBe(text);
  });

  it("contains what it samples, of the type that it allocates", () => {
    const random = new Random(1, "spaces");
    for (let k = 0; k < 200; k++) {
      const x = sample(space, random);
      expect(whyOutside(space, x)).toBeUndefined();
      if (typeof x !== "number") expect(x.constructor).toBe(allocate(space).constructor);
    }
  });
});

suite("sample", () => {
  it("reaches every value of a Discrete space equally often", () => {
    const counts = [0, 0, 0, 0];
    const random = new Random(2, "spaces");
    for (let k = 0; k < 4000; k++) counts[sample(discrete(4), random) as number]! += 1;
    // Binomial sd 27.4; 5 sd: false alarm about 2e-6.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(137);
  });

  it("draws only what a mask allows, and refuses a mask that allows nothing", () => {
    const random = new Random(3, "spaces");
    const drawn = new Set(Array.from({ length: 100 }, () => sample(discrete(4, 10), random, [0, 1, 0, 1])));
    expect(drawn).toEqual(new Set([11, 13]));
    expect(() => sample(discrete(2), random, [0, 0])).toThrow("No action is allowed by the mask.");
  });
});

suite("contains", () => {
  it.each<[Space, number | number[], string | undefined]>([
    [discrete(3), 3, "element 0 is 3, outside [0, 2]"],
    [discrete(3), 0.5, "element 0 is 0.5, not an integer"],
    [discrete(3, 5), 4, "element 0 is 4, outside [5, 7]"],
    [box(-1, 1, [2]), [0], "it has 1 elements instead of 2"],
    [box(-1, 1, [2]), [0, Number.NaN], "element 1 is NaN, outside [-1, 1]"],
    [{ kind: "multi-discrete", nvec: [2, 4] }, [1, 4], "element 1 is 4, outside [0, 3]"],
    [{ kind: "multi-binary", n: 2 }, [0, 2], "element 1 is 2, outside [0, 1]"],
    // In float32, 0.1 is 0.100000001490116: a float32 box holds it, a float64 box does not.
    [box(0, 0.1, [1]), [Math.fround(0.1)], undefined],
    [box(0, 0.1, [1], "float64"), [Math.fround(0.1)], `element 0 is ${Math.fround(0.1)}, outside [0, 0.1]`],
  ])("%o with %o", (space, x, why) => {
    expect(whyOutside(space, x)).toBe(why);
    expect(contains(space, x)).toBe(why === undefined);
  });
});
