import { describe, expect, it } from "vitest";
import { createRegistry } from "../../../env/core/registry.ts";
import { wrappersOf } from "../../../env/core/wrappers.ts";
import { listEnvs, make, makeVector, register } from "../../../env/registry.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { Walk } from "./walk.ts";

describe("the built-in registry", () => {
  it("makes classic environments, single and vector, from ids", () => {
    expect(make("CartPole-v1").metadata).toEqual({ id: "CartPole-v1", maxSteps: 500 });
    const vector = makeVector("FrozenLake-v1", 3, "next-step", { oneHot: true });
    expect([vector.numEnvs, vector.metadata.autoresetMode]).toEqual([3, "next-step"]);
    expect(vector.reset({ seed: 1 }).obs).toHaveLength(48);
    expect(listEnvs().map((e) => e.id)).toContain("Pendulum-v1");
  });

  it("puts wrappers around, also in vector form", () => {
    const specs = [{ use: "time-limit", maxSteps: 5 }] as const;
    expect(wrappersOf(make("CartPole-v1", {}, specs))).toEqual(specs);
    expect(makeVector("CartPole-v1", 2, "same-step", {}, specs).metadata.maxSteps).toBe(5);
  });

  it("suggests the nearest id and option, and refuses wrong option values", () => {
    expect(() => make("CartPole-v2")).toThrow('Did you mean "CartPole-v1"?');
    expect(() => make("FrozenLake-v1", { slipery: true })).toThrow('Did you mean "slippery"?');
    expect(() => make("FrozenLake-v1", { slippery: "yes" })).toThrow("An option has the wrong type.");
    expect(() => makeVector("IdentityDiscrete-v1", 1, "same-step", { n: 1 })).toThrow("An option has a wrong value.");
  });

  it("takes a user's environment, whose vector form is made of copies", () => {
    register("Walk-v1", { description: "a walk", make: () => new Walk() });
    expect(makeVector("Walk-v1", 2).reset({ seed: 1 }).obs).toHaveLength(2);
    expect(listEnvs()).toContainEqual({ id: "Walk-v1", description: "a walk", nativeVector: false });
  });
});

describe("register", () => {
  it("refuses ids without a version and ids that are taken", () => {
    const registry = createRegistry();
    const factory = { description: "a walk", make: () => new Walk() };
    expect(() => registry.register("Walk", factory)).toThrow(ConfigError);
    registry.register("Walk-v1", factory);
    expect(() => registry.register("Walk-v1", factory)).toThrow("The environment id is taken.");
  });
});
