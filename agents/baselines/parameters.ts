import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError, didYouMean } from "../../src/core/errors.ts";
import type { ParameterSpec, Params } from "./baseline.ts";

/** Half-width of a band, the parameter that most rules share. */
export const HALF_WIDTH: ParameterSpec = {
  name: "halfWidth",
  unit: "delta per unit of book",
  description: "Half the width of the no-trade band.",
  low: 1e-3,
  high: 2,
  scale: "log",
  start: 0.1,
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
};

export const INITIAL_HEDGE: ParameterSpec = {
  name: "initialHedge",
  unit: "fraction",
  description: "At the first decision: how far from the crossed edge to the centre (0 = to the edge, 1 = full).",
  low: 0,
  high: 1,
  scale: "linear",
  start: 1,
  minimum: 0,
  maximum: 1,
};

export const REBALANCE_TO: ParameterSpec = {
  ...INITIAL_HEDGE,
  name: "rebalanceTo",
  description: "After the first decision: how far from the crossed edge to the centre.",
  start: 0,
};

export const INTERVAL: ParameterSpec = {
  name: "interval",
  unit: "hours",
  description: "Time between full rehedges.",
  low: 0.05,
  high: 720,
  scale: "log",
  start: 24,
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
};

/** Absolute risk aversion; its box spans coins of any price, because the analytic bands take spot as it is. */
export const RISK_AVERSION: ParameterSpec = {
  name: "riskAversion",
  unit: "1/USD, for one unit of book",
  description: "Absolute risk aversion.",
  low: 1e-8,
  high: 1e5,
  scale: "log",
  start: 1,
  minimum: Number.MIN_VALUE,
  maximum: Number.MAX_VALUE,
};

/** The centre's parameters that do not change the volatility: see centre.ts. */
export const CENTRE_LEANS: readonly ParameterSpec[] = [
  {
    name: "centreVega",
    unit: "volatility per unit of log return",
    description:
      "Expected change of mark volatility with the log price, which the hedge takes against the book's vega.",
    low: -1.5,
    high: 1.5,
    scale: "linear",
    start: 0,
    minimum: -100,
    maximum: 100,
    silent: 0,
    appliesTo: (context) => context.stochasticVolatility,
  },
  {
    name: "centrePremium",
    unit: "fraction",
    description: "Share of the options' coin value that a full rehedge leaves unhedged.",
    low: -1,
    high: 1,
    scale: "linear",
    start: 0,
    minimum: -10,
    maximum: 10,
    silent: 0,
    appliesTo: (context) => context.coinSettled,
  },
];

/** All of the centre's parameters. */
export const CENTRE: readonly ParameterSpec[] = [
  {
    name: "centreVolatility",
    unit: "multiple",
    description: "Multiplier of the legs' volatility at which the hedge's delta is taken; 1 = Black-Scholes.",
    low: 0.3,
    high: 3,
    scale: "log",
    start: 1,
    minimum: 0,
    maximum: 100,
    silent: 1,
  },
  ...CENTRE_LEANS,
];

/** The parameters that exist in this market. */
export function applicable(parameters: readonly ParameterSpec[], context: PolicyContext): ParameterSpec[] {
  return parameters.filter((p) => p.appliesTo?.(context) ?? true);
}

/** Completes `given` with defaults. Throws a ConfigError for a name or a value that the rule does not take. */
export function completeParams(
  id: string,
  parameters: readonly ParameterSpec[],
  given: Params,
  context: PolicyContext,
): Params {
  const own = applicable(parameters, context);
  for (const [name, value] of Object.entries(given)) {
    const spec = own.find((p) => p.name === name);
    const which = `${id}.${name}`;
    if (spec === undefined) {
      const elsewhere = parameters.some((p) => p.name === name);
      throw new ConfigError(
        elsewhere
          ? `"${id}" takes "${name}" only in other markets.`
          : `The baseline "${id}" has no parameter "${name}".`,
        {
          which,
          value,
          fix: own.length === 0 ? `Leave it out: "${id}" has no parameters here.` : "Use one of the known parameters.",
          hints: didYouMean(
            name,
            own.map((p) => p.name),
          ),
        },
      );
    }
    if (!(value >= spec.minimum && value <= spec.maximum))
      throw new ConfigError(`The parameter "${name}" of "${id}" is out of range.`, {
        which,
        value,
        fix: `Give a number from ${spec.minimum} to ${spec.maximum} (${spec.unit}).`,
      });
  }
  return Object.fromEntries(own.map((p) => [p.name, given[p.name] ?? p.start]));
}
