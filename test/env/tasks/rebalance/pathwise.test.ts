import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../../agents/baselines/registry.ts";
import { RebalancePaths } from "../../../../env/tasks/rebalance/pathwise.ts";
import { pathwiseRefusal } from "../../../../env/tasks/rebalance/pathwise-refusal.ts";
import { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { writeExposureTrade } from "../../../../models/heads/band-clamp.ts";
import { INTENT, INTENT_WIDTH } from "../../../../src/core/contracts/intent.ts";
import { ConfigError } from "../../../../src/core/errors.ts";
import { Random } from "../../../../src/core/random.ts";
import { EVERYTHING, straddle } from "./scenarios.ts";

const chain: ScenarioInput["chain"] = {
  fee: { model: "eip1559" },
  inclusionBlocks: 2,
  priorityFeeGwei: 1,
  maxSlippageBps: 25,
  revertProbability: 0.1,
};
const impact = { impactCoefficient: 1, dailyVolume: 1e3, transientFraction: 0.6, transientHalfLife: "90m" } as const;

/** Between them they use every line of the path form. */
const SCENARIOS: Readonly<Record<string, ScenarioInput>> = {
  "spot on a chain: gas, reverts, interest, yield, steps within decisions": straddle({
    market: {
      price: { model: "gbm", initial: 2000, drift: 0.2, volatility: 0.7 },
      impliedVolatility: { model: "mean-reverting", volatility: 0.65, correlation: -0.5 },
      rate: 0.05,
      dividendYield: 0.02,
    },
    chain,
    slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps", halfSpreadBps: 3, ...impact }],
    stepSeconds: 900,
    decisionInterval: "45m",
  }),
  "a perpetual in coin: funding, basis, ticks, lots, impact that decays": straddle({
    market: EVERYTHING.market,
    chain,
    account: { numeraire: "coin", collateral: "coin", deltaConvention: "netTransaction", collateralCoin: 10 },
    slots: [
      {
        name: "perpetual",
        kind: "perpetual",
        specification: "btc-perpetual",
        halfSpreadBps: 2,
        fundingRate8h: 3e-4,
        basisBps: 5,
        ...impact,
      },
    ],
    stepSeconds: 1800,
  }),
  "a perpetual in dollars on a chain, not unwound": straddle({
    chain,
    slots: [{ name: "p", kind: "perpetual", specification: "dex-spot-5bps", fundingRate8h: -3e-4, ...impact }],
    terminal: "mark",
  }),
  "a thin market with order flow, behind an interface that goes down": straddle({
    market: {
      price: { model: "gbm", initial: 2000, volatility: 0.6 },
      flow: { tradesPerHour: 30, transientBps: 6 },
      liquidity: { consumption: 0.3 },
    },
    execution: { generation: "script", meanUpHours: 4, meanDownMinutes: 60 },
    slots: [{ name: "p", kind: "perpetual", specification: "btc-perpetual", halfSpreadBps: 3, ...impact }],
    stepSeconds: 1800,
  }),
  "spot, delivered against the options": straddle({
    slots: [{ name: "spot", kind: "spot", takerFeeBps: 10, ...impact }],
    terminal: "settle",
  }),
};

const PATHS = 24;
const FIRST = 40;

const make = (input: ScenarioInput, paths = PATHS) =>
  new RebalancePaths({ scenario: parseScenario(input), paths, split: "train", seed: 11 });

/** Plays one action a path and decision; `decide` writes them from the features. */
function playPaths(paths: RebalancePaths, decide: (t: number, features: Float64Array, out: Float64Array) => void) {
  const actions = new Float64Array(paths.paths);
  const seen: Float64Array[] = [];
  paths.begin();
  for (let t = 0; t < paths.decisions; t++) {
    const features = paths.observe(t);
    seen.push(features.slice());
    decide(t, features, actions);
    paths.act(t, actions);
  }
  return { costs: paths.finish().slice(), seen };
}

function playEnv(input: ScenarioInput, decide: (t: number, features: Float64Array, intents: Float64Array) => void) {
  const env = new RebalanceEnv({
    scenario: parseScenario(input),
    numEnvs: PATHS,
    split: "train",
    seed: 11,
    autoresetMode: "disabled",
  });
  env.reset({ seed: 11, options: { firstEpisode: FIRST } });
  const intents = new Float64Array(PATHS * INTENT_WIDTH);
  const seen: Float64Array[] = [];
  for (let t = 0; env.finished[0] === 0; t++) {
    seen.push(env.features.slice());
    decide(t, env.features, intents);
    env.step(intents);
  }
  return { costs: env.outcome.cost.slice(), seen, env };
}

function expectClose(actual: Float64Array, expected: Float64Array, what: string) {
  expect(actual.length).toBe(expected.length);
  const wrong = actual.findIndex((a, i) => !(Math.abs(a - expected[i]!) <= 1e-9 * Math.max(1, Math.abs(expected[i]!))));
  expect(wrong, `${what}[${wrong}]: ${actual[wrong]} for ${expected[wrong]}`).toBe(-1);
}

/** Random changes of exposure, none at about every third decision. */
function randomActions(decisions: number, seed: number): Float64Array {
  const random = new Random(seed, "test/actions");
  return Float64Array.from({ length: decisions * PATHS }, () =>
    random.uniform() < 0.35 ? 0 : 0.4 * (random.uniform() - 0.5),
  );
}

describe.each(Object.entries(SCENARIOS))("the path form of %s", (_, input) => {
  const paths = make(input);
  paths.load(FIRST);
  const width = paths.features;
  const { bookSize } = paths.exogenous.env.context;
  const size = paths.exogenous.env.ledger.specifications[0]!.contractSize;

  it("costs what the environment costs, and shows the same features, under random actions", () => {
    const actions = randomActions(paths.decisions, 3);
    const own = playPaths(paths, (t, _features, out) => out.set(actions.subarray(t * PATHS, (t + 1) * PATHS)));
    const env = playEnv(input, (t, _features, intents) => {
      for (let b = 0; b < PATHS; b++)
        writeExposureTrade(intents, b * INTENT_WIDTH, 0, actions[t * PATHS + b]!, bookSize, size);
    });
    expectClose(own.costs, env.costs, "cost");
    for (const [t, row] of env.seen.entries()) expectClose(own.seen[t]!, row, `features at ${t}`);
    expect(env.env.outcome.rebalances.reduce((a, b) => a + b)).toBeGreaterThan(PATHS * 6);
  });

  it("costs what the environment costs under a tuned composite band, which reads its own exposure", () => {
    const context = paths.exogenous.env.context;
    const params = { halfWidth: 0.05, costExponent: 0.4, gammaExponent: 0.5, rebalanceTo: 0.4 };
    const rule = createBaseline("composite", params, context);
    const available = new Uint8Array(width).fill(1);
    const none = new Float64Array(0);
    const intents = new Float64Array(PATHS * INTENT_WIDTH);
    const decide = (features: Float64Array, out: Float64Array) =>
      rule.decide(PATHS, features, available, none, new Uint8Array(0), out);
    const own = playPaths(paths, (_t, features, out) => {
      decide(features, intents);
      for (let b = 0; b < PATHS; b++) out[b] = (intents[b * INTENT_WIDTH + INTENT.change]! * size) / bookSize;
    });
    const env = playEnv(input, (_t, features, out) => decide(features, out));
    expectClose(own.costs, env.costs, "cost");
    for (const [t, row] of env.seen.entries()) expectClose(own.seen[t]!, row, `features at ${t}`);
  });

  it("has adjoints that agree with central differences, through a policy that reads the differentiated features", () => {
    // Lots and ticks are steps that differences would see: without them. Trades of size, away from kinks.
    const smooth = make({ ...input, slots: [{ ...input.slots[0]!, specification: "ideal", takerFeeBps: 6 }] });
    smooth.load(FIRST);
    const T = smooth.decisions;
    const actions = randomActions(T, 9).map((a) => (Math.abs(a) < 0.02 ? 0 : a));
    const [onDelta, onPosition] = [-0.07, 0.03];
    const trades = (i: number) => actions[i] !== 0;
    const cost = (change?: { i: number; by: number }) =>
      playPaths(smooth, (t, features, out) => {
        for (let p = 0; p < PATHS; p++) {
          const i = t * PATHS + p;
          const [delta, position] = smooth.differentiable.map((f) => features[p * width + f]!);
          const policy = actions[i]! + onDelta * delta! + onPosition * position!;
          out[p] = trades(i) ? policy + (change?.i === i ? change.by : 0) : 0;
        }
      }).costs;
    const costs = cost();
    const weights = Float64Array.from(costs, (_c, p) => 0.5 + p / PATHS);
    smooth.beginBackward(weights);
    const gradient = new Float64Array(T * PATHS);
    const dFeatures = new Float64Array(2 * PATHS);
    for (let t = T - 1; t >= 0; t--) {
      const { action } = smooth.backward(t);
      for (let p = 0; p < PATHS; p++) {
        const g = trades(t * PATHS + p) ? action[p]! : 0;
        gradient[t * PATHS + p] = g;
        dFeatures[2 * p] = onDelta * g;
        dFeatures[2 * p + 1] = onPosition * g;
      }
      smooth.carry(t, dFeatures);
    }
    const random = new Random(4, "test/entries");
    let largest = 0;
    for (let k = 0; k < 60; k++) {
      const i = random.integer(T * PATHS);
      if (!trades(i)) continue;
      const h = 1e-6;
      const p = i % PATHS;
      const difference = ((cost({ i, by: h })[p]! - cost({ i, by: -h })[p]!) / (2 * h)) * weights[p]!;
      largest = Math.max(largest, Math.abs(difference));
      expect(Math.abs(gradient[i]! - difference), `entry ${i}: ${gradient[i]} for ${difference}`).toBeLessThan(
        1e-5 * Math.max(10, Math.abs(difference)),
      );
    }
    expect(largest).toBeGreaterThan(1);
  });
});

describe("the path form", () => {
  it("plays a part of its paths as it plays them all", () => {
    const paths = make(SCENARIOS["spot, delivered against the options"]!);
    paths.load(0);
    const actions = randomActions(paths.decisions, 5);
    const whole = playPaths(paths, (t, _f, out) => out.set(actions.subarray(t * PATHS, (t + 1) * PATHS))).costs;
    paths.begin(8, 10);
    for (let t = 0; t < paths.decisions; t++) {
      expect(paths.observe(t)).toHaveLength(10 * paths.features);
      paths.act(t, actions.slice(t * PATHS + 8, t * PATHS + 18));
    }
    expect(paths.finish()).toEqual(whole.slice(8, 18));
    expect(() => paths.begin(20, 10)).toThrow("out of range");
  });

  it("takes the derivative of an action of 0 on the side that it is told, and gas through its surrogate", () => {
    const input = straddle({
      chain: { fee: { model: "constant", gwei: 20 } },
      slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps" }],
    });
    const scenario = parseScenario(input);
    const paths = new RebalancePaths({ scenario, paths: 3, split: "train", seed: 2 }, { gasWidth: 0.01 });
    const plain = new RebalancePaths({ scenario, paths: 3, split: "train", seed: 2 });
    const [sided, without] = [paths, plain].map((of) => {
      of.load(0);
      of.begin();
      for (let t = 0; t < of.decisions; t++) {
        of.observe(t);
        of.act(t, new Float64Array(3), Float64Array.of(1, 0, -1));
      }
      of.finish();
      of.beginBackward(new Float64Array(3).fill(1));
      const { action, fixed } = of.backward(of.decisions - 1);
      return { action: action.slice(), fixed: fixed.slice() };
    });
    expect(without!.fixed[0]).toBeGreaterThan(0);
    for (const [p, side] of [1, 0, -1].entries())
      expect(sided!.action[p]! - without!.action[p]!).toBeCloseTo((side * without!.fixed[p]!) / 0.01, 9);
  });

  it("refuses what it cannot follow, in one sentence", () => {
    const refusal = (changes: Partial<ScenarioInput>) => pathwiseRefusal(parseScenario(straddle(changes)));
    expect(refusal({})).toBeUndefined();
    expect(pathwiseRefusal(parseScenario(EVERYTHING))).toBe("The path form trades one slot, and the scenario has 4.");
    expect(refusal({ slots: [{ name: "i", kind: "inverse-perpetual" }] })).toContain("inverse perpetual");
    expect(refusal({ account: { numeraire: "usd", collateral: "coin", deltaConvention: "usdEquity" } })).toContain(
      "usdEquity",
    );
    expect(() => make(EVERYTHING)).toThrow(ConfigError);
  });
});
