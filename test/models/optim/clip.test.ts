import { describe, expect, it } from "vitest";
import { vectorParameters } from "../../../models/distributions/distribution.ts";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { referenceEngine } from "../../../models/kernel/reference.ts";
import { clipGlobalNorm } from "../../../models/optim/clip.ts";
import { scheduledValue } from "../../../models/optim/schedule.ts";

describe.each([referenceEngine, kernelEngine()].map((e) => [e.name, e] as const))(
  "clipGlobalNorm with the %s engine",
  (_name, engine) => {
    const sets = () => {
      const network = engine.mlp([1, 3], "tanh").parameters;
      const own = vectorParameters("log_std", new Float32Array(1));
      network.gradients.set([0, 3, 0, 0, 0, 0]);
      own.gradients.set([4]);
      return [network, own] as const;
    };

    it("takes one norm over all sets and scales them together", () => {
      const [network, own] = sets();
      expect(clipGlobalNorm([network, own], 0.5)).toBe(5);
      expect(network.gradients[1]).toBeCloseTo(0.3, 6);
      expect(own.gradients[0]).toBeCloseTo(0.4, 6);
    });

    it("leaves gradients inside the bound alone", () => {
      const [network, own] = sets();
      expect(clipGlobalNorm([network, own], 5.1)).toBe(5);
      expect([...network.gradients, ...own.gradients]).toEqual([0, 3, 0, 0, 0, 0, 4]);
    });

    it("returns a norm that is not finite and changes nothing", () => {
      const [network, own] = sets();
      network.gradients[5] = Number.NaN;
      expect(clipGlobalNorm([network, own], 0.5)).toBeNaN();
      expect(own.gradients[0]).toBe(4);
    });
  },
);

describe("scheduledValue", () => {
  it("is constant, or linear and held at its ends", () => {
    expect(scheduledValue({ kind: "constant", value: 3 }, 0.7)).toBe(3);
    const linear = { kind: "linear", from: 2, to: 0 } as const;
    expect([-1, 0, 0.25, 1, 2].map((p) => scheduledValue(linear, p))).toEqual([2, 2, 1.5, 0, 0]);
  });
});
