import { describe, expect, it } from "vitest";
import { checkLeakage } from "../../../env/core/check-leakage.ts";
import type { Env, ResetOptions } from "../../../env/core/env.ts";
import { box, discrete } from "../../../env/core/spaces.ts";
import { vectorise } from "../../../env/core/vectorise.ts";
import { deriveSeed, IndexedRandom } from "../../../src/core/random.ts";

interface Peek {
  /** The observation of step t shows the price of step t + obsAhead. */
  obsAhead?: number;
  rewardAhead?: number;
  endAhead?: number;
  ignoresSalt?: boolean;
  declares?: boolean;
}

/** Prices of indexed shocks: the future is another one for another salt. Peeks ahead only where a test asks for it. */
function market({ obsAhead = 0, rewardAhead = 0, endAhead, ignoresSalt = false, declares = true }: Peek = {}): Env {
  let seed = 0;
  let t = 0;
  let perturb = { afterStep: Number.POSITIVE_INFINITY, salt: 0 };
  const shock = (step: number) => {
    const salt = step > perturb.afterStep && !ignoresSalt ? perturb.salt : 0;
    return IndexedRandom.uniform(deriveSeed(seed, "price", salt), step) - 0.5;
  };
  const price = (step: number) => Array.from({ length: step + 1 }, (_, k) => shock(k)).reduce((a, b) => a + b, 0);
  return {
    metadata: { id: "Market-v1", canPerturbFuture: declares },
    observationSpace: box(-100, 100, [2]),
    actionSpace: discrete(3),
    reset(options: ResetOptions = {}) {
      seed = options.seed ?? seed + 1;
      t = 0;
      perturb = (options.options?.perturbFuture as typeof perturb) ?? { afterStep: Number.POSITIVE_INFINITY, salt: 0 };
      return { obs: Float32Array.of(t, price(t + obsAhead)), info: {} };
    },
    step(action) {
      t++;
      const reward = ((action as number) - 1) * shock(t + rewardAhead);
      const terminated = endAhead !== undefined && shock(t + endAhead) > 0.2;
      return { obs: Float32Array.of(t, price(t + obsAhead)), reward, terminated, truncated: false, info: {} };
    },
    saveState: () => ({ seed, t }),
    loadState(state) {
      seed = state.seed as number;
      t = state.t as number;
    },
  };
}

describe("checkLeakage", () => {
  it("finds nothing where observations and rewards know only the past", () => {
    expect(checkLeakage(() => market())).toEqual([]);
    expect(checkLeakage(() => vectorise(() => market(), 2))).toEqual([]);
  });

  it("finds an observation that shows the next price, a look-ahead of one bar", () => {
    const finding = {
      rule: "leakage-observation",
      severity: "error",
      message: "Element 1 of the observation at reset knows the future after step 0.",
    };
    expect(checkLeakage(() => market({ obsAhead: 1 }))).toEqual([finding]);
    expect(checkLeakage(() => vectorise(() => market({ obsAhead: 1 }), 2))).toEqual([finding]);
  });

  it("finds a reward that is paid on the next move", () => {
    expect(checkLeakage(() => market({ rewardAhead: 1 }), { afterSteps: [3] })).toEqual([
      { rule: "leakage-reward", severity: "error", message: "The reward at step 3 knows the future after step 3." },
    ]);
  });

  it("finds an episode that ends because of the future", () => {
    expect(
      checkLeakage(() => market({ endAhead: 1 }), { afterSteps: [1], seeds: [1, 2, 3, 4, 5, 6, 7, 8] }),
    ).toContainEqual({
      rule: "leakage-end",
      severity: "error",
      message: "The episode's end at step 1 knows the future after step 1.",
    });
  });

  it("finds a perturbation that changes nothing", () => {
    expect(checkLeakage(() => market({ ignoresSalt: true }))).toEqual([
      {
        rule: "leakage-perturbs",
        severity: "error",
        message: "perturbFuture changed nothing after the step: it tests nothing.",
      },
    ]);
  });

  it("says so where an environment cannot be checked", () => {
    expect(checkLeakage(() => market({ declares: false }))).toEqual([
      {
        rule: "leakage-checkable",
        severity: "error",
        message: "Market-v1 does not declare metadata.canPerturbFuture, so leakage cannot be checked.",
      },
    ]);
  });

  it("refuses a perturbation outside the run", () => {
    expect(() => checkLeakage(() => market(), { steps: 5, afterSteps: [5] })).toThrow(
      "A perturbed step lies outside the run.",
    );
  });
});
