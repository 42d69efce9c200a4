import { describe, expect, it } from "vitest";
import { makeActionHead, meanStd } from "../../../agents/shared/action-head.ts";
import { box, discrete } from "../../../env/core/spaces.ts";

function sent(head: ReturnType<typeof makeActionHead>, actions: number[], batch: number): number[] {
  const out = head.makeActions(batch);
  head.toEnvironment(Float64Array.from(actions), batch, out);
  return [...out];
}

describe("an action head", () => {
  it("clips a Gaussian's actions to the bounds of each component", () => {
    const head = makeActionHead(box([-1, 0], [1, 5]), "auto", -1);
    expect(head.name).toBe("gaussian");
    expect(sent(head, [-3, -3, 0.5, 9], 2)).toEqual([-1, 0, 0.5, 5]);
    expect(meanStd(head)).toBeCloseTo(Math.exp(-1), 6);
  });

  it("scales squashed actions from (-1, 1) to the box, 0 to its centre", () => {
    const head = makeActionHead(box([-2, 10], [2, 20], [2], "float64"), "squashed", 0);
    expect(sent(head, [0, 0], 1)).toEqual([0, 15]);
    const [a, b] = sent(head, [0.5, -40], 1);
    expect(a).toBeCloseTo(2 * Math.tanh(0.5), 12);
    expect(b).toBe(10);
  });

  it("moves indices to the start of a discrete space", () => {
    const head = makeActionHead(discrete(3, -1), "auto", 0);
    expect(head.name).toBe("categorical");
    expect(head.distribution.outputs).toBe(3);
    expect(sent(head, [0, 2], 2)).toEqual([-1, 1]);
    expect(meanStd(head)).toBeUndefined();
  });

  it("gives several discrete or binary actions one categorical each", () => {
    const several = makeActionHead({ kind: "multi-discrete", nvec: [2, 5] }, "auto", 0);
    expect([several.distribution.outputs, several.distribution.actions]).toEqual([7, 2]);
    const binary = makeActionHead({ kind: "multi-binary", n: 3 }, "auto", 0);
    expect([binary.distribution.outputs, binary.distribution.actions]).toEqual([6, 3]);
  });
});
