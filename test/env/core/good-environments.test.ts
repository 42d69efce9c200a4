import { describe, expect, it } from "vitest";
import { checkEnv } from "../../../env/core/check-env.ts";
import { checkParallelEnv } from "../../../env/core/check-parallel-env.ts";
import { checkVectorEnv } from "../../../env/core/check-vector-env.ts";
import { vectorise } from "../../../env/core/vectorise.ts";
import { classicFactories } from "../../../env/tasks/classic/factories.ts";
import { PassingPair } from "../../../env/tasks/classic/passing-pair.ts";

describe.each(Object.entries(classicFactories))("%s", (_id, factory) => {
  it("keeps the contract of a single environment", () => {
    expect(checkEnv(() => factory.make({}))).toEqual([]);
  });

  it("keeps the contract of a vector environment in its native form", () => {
    expect(checkVectorEnv((n, mode) => factory.makeVector!(n, mode, {}))).toEqual([]);
  });

  it("keeps the contract of a vector environment when single copies are vectorised", () => {
    expect(checkVectorEnv((n, mode) => vectorise(() => factory.make({}), n, mode))).toEqual([]);
  });
});

describe("FrozenLake-v1 and IdentityDiscrete-v1 with one-hot observations", () => {
  it.each(["FrozenLake-v1", "IdentityDiscrete-v1"])("%s keeps the contracts", (id) => {
    const factory = classicFactories[id]!;
    expect(checkEnv(() => factory.make({ oneHot: true }))).toEqual([]);
    expect(checkVectorEnv((n, mode) => factory.makeVector!(n, mode, { oneHot: true }))).toEqual([]);
  });
});

describe("PassingPair-v1", () => {
  it("keeps the contract of a parallel environment", () => {
    expect(checkParallelEnv(() => new PassingPair())).toEqual([]);
  });
});
