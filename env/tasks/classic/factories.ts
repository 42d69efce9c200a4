import { ConfigError } from "../../../src/core/errors.ts";
import { envFromDynamics, type MakeDynamics, vectorFromDynamics } from "../../core/dynamics.ts";
import { type EnvFactory, type EnvOptions, simpleFactory } from "../../core/registry.ts";
import { cartPole, cartPoleVector } from "./cartpole.ts";
import { type FrozenLakeOptions, frozenLakeDynamics } from "./frozenlake.ts";
import { identityBox, identityDiscrete } from "./identity.ts";
import { pendulum, pendulumVector } from "./pendulum.ts";
import {
  actionProbe,
  constantRewardProbe,
  discountProbe,
  observationActionProbe,
  observationRewardProbe,
  truncationProbe,
} from "./probes.ts";

function flag(options: EnvOptions, key: string): boolean | undefined {
  const value = options[key];
  if (value !== undefined && typeof value !== "boolean")
    throw new ConfigError("An option has the wrong type.", {
      which: `options.${key}`,
      value,
      fix: "Pass true or false.",
    });
  return value;
}

function number(options: EnvOptions, key: string, low: number, integer: boolean): number | undefined {
  const value = options[key];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(value >= low) || !Number.isFinite(value) || (integer && !Number.isInteger(value)))
    throw new ConfigError("An option has a wrong value.", {
      which: `options.${key}`,
      value,
      fix: `Pass ${integer ? "an integer" : "a number"} of at least ${low}.`,
    });
  return value;
}

function frozenLakeOptions(options: EnvOptions): FrozenLakeOptions {
  return { slippery: flag(options, "slippery") ?? true, oneHot: flag(options, "oneHot") ?? false };
}

function fromDynamics(
  description: string,
  dynamics: (options: EnvOptions) => MakeDynamics,
  options: readonly string[] = [],
): EnvFactory {
  return {
    description,
    options,
    make: (o) => envFromDynamics(dynamics(o)),
    makeVector: (numEnvs, mode, o) => vectorFromDynamics(dynamics(o), numEnvs, mode),
  };
}

/** The classic and proving environments by id, for the built-in registry. */
export const classicFactories: Readonly<Record<string, EnvFactory>> = {
  "CartPole-v1": simpleFactory("balance a pole on a cart, 500 steps", cartPole, cartPoleVector),
  "Pendulum-v1": simpleFactory("swing a pendulum up with bounded torque, 200 steps", pendulum, pendulumVector),
  "FrozenLake-v1": fromDynamics(
    "cross a slippery 4x4 lake, 100 steps",
    (o) => frozenLakeDynamics(frozenLakeOptions(o)),
    ["slippery", "oneHot"],
  ),
  "IdentityDiscrete-v1": fromDynamics(
    "repeat the observed value, n actions",
    (o) => identityDiscrete(number(o, "n", 2, true) ?? 4, flag(o, "oneHot") ?? false),
    ["n", "oneHot"],
  ),
  "IdentityBox-v1": fromDynamics(
    "repeat the observed number within a tolerance",
    (o) => identityBox(number(o, "tolerance", 0, false) ?? 0.5),
    ["tolerance"],
  ),
  "ProbeConstantReward-v1": fromDynamics("one step, reward 1: V = 1", () => constantRewardProbe),
  "ProbeObservationReward-v1": fromDynamics("one step, the observation is the reward", () => observationRewardProbe),
  "ProbeDiscount-v1": fromDynamics("two steps, reward at the end: V = gamma, 1", () => discountProbe),
  "ProbeAction-v1": fromDynamics("one step, action 1 is right", () => actionProbe),
  "ProbeObservationAction-v1": fromDynamics("one step, the observation names the action", () => observationActionProbe),
  "ProbeTruncation-v1": fromDynamics(
    "reward 1 for ever, truncated: V = 1 / (1 - gamma)",
    (o) => truncationProbe(number(o, "limit", 2, true) ?? 5),
    ["limit"],
  ),
};
