import { describe, expect, it } from "vitest";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { ConfigError } from "../../../../src/core/errors.ts";
import { allOn, PRICES } from "./flow-scenarios.ts";
import { straddle } from "./scenarios.ts";

type Loose = Record<string, unknown>;

const FILE = { model: "file", series: "s", volatility: 0.6 };
const LISTED = { model: "listed", series: "s", volatility: 0.6 };
const GBM = { model: "gbm", initial: 2000, volatility: 0.6 };
const EIP1559 = { model: "eip1559" };
const legs = (...days: number[]) => days.map((maturityDays) => ({ type: "call", quantity: -1, maturityDays }));
const listed = straddle({
  market: { price: LISTED as never },
  slots: [{ name: "forward", kind: "perpetual" }],
  terminal: "mark",
});
const regimes = (...next: (number[] | undefined)[]) => ({
  model: "regime-switching",
  initial: 1,
  regimes: next.map((n, i) => ({ name: `${i}`, volatility: 0.5, meanHours: 5, ...(n && { next: n }) })),
});

/** A good scenario with fields set to other values by their paths. */
function changed(base: ScenarioInput, changes: Readonly<Record<string, unknown>>): ScenarioInput {
  const input = structuredClone(base) as unknown as Loose;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    let here = input;
    for (const key of keys.slice(0, -1)) here = (here[key] ??= {}) as Loose;
    here[keys.at(-1)!] = value;
  }
  return input as unknown as ScenarioInput;
}

function refusal(input: ScenarioInput): ConfigError {
  try {
    parseScenario(input);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return expect.unreachable("the scenario was accepted");
}

describe("What does not go together is refused with field and fix", () => {
  it.each<[string, ScenarioInput, Record<string, unknown>, string, string]>([
    [
      "recorded prices with simulated flow",
      straddle(),
      { "market.price": FILE, "market.flow": {} },
      "market.flow",
      "Recorded prices come without simulated order flow.",
    ],
    [
      "recorded prices with an expected volatility",
      straddle(),
      { "market.price": FILE, "market.impliedVolatility": { model: "expected" } },
      "market.impliedVolatility.model",
      "Recorded prices expect nothing: use constant or mean-reverting.",
    ],
    [
      "a price without volatility, whose options expect its own",
      straddle(),
      { "market.price.volatility": 0, "market.impliedVolatility": { model: "expected" } },
      "market.impliedVolatility",
      "Expected an implied volatility where the price has none.",
    ],
    [
      "liquidity without flow",
      straddle(),
      { "market.liquidity": {} },
      "market.liquidity",
      "Expected market.flow: spread and depth answer to it.",
    ],
    [
      "fees that follow a flow that is not there",
      straddle(),
      { "chain.fee": { ...EIP1559, flowCoupling: 0.1 } },
      "chain.fee.flowCoupling",
      "Expected market.flow, or a coupling of 0.",
    ],
    [
      "an auction without simulated blocks",
      straddle(),
      { "chain.inclusion": {} },
      "chain.inclusion",
      "An auction for block space needs chain.fee.model eip1559.",
    ],
    [
      "a keeper without a trigger",
      straddle(),
      { execution: { generation: "keeper" } },
      "execution",
      "Expected a trigger: deltaThreshold, interval or onOracleUpdate.",
    ],
    [
      "a keeper that waits for an oracle that is not there",
      straddle(),
      { execution: { generation: "keeper", onOracleUpdate: true } },
      "execution.onOracleUpdate",
      "Expected chain.oracle, whose updates trigger.",
    ],
    [
      "as many probabilities as regimes",
      straddle(),
      { "market.price": regimes([0, 1, 0], undefined) },
      "market.price.regimes.0.next",
      "Expected 2 probabilities.",
    ],
    [
      "probabilities that do not sum to 1",
      straddle(),
      { "market.price": regimes(undefined, [0.5, 0, 0.4], undefined) },
      "market.price.regimes.1.next",
      "Expected probabilities that sum to 1, 0 for the regime itself.",
    ],
    [
      "a regime that goes to itself",
      straddle(),
      { "market.price": regimes([0.5, 0.5], undefined) },
      "market.price.regimes.0.next",
      "Expected probabilities that sum to 1, 0 for the regime itself.",
    ],
    [
      "more trades than a step can hold",
      straddle(),
      { "market.flow": { tradesPerHour: 20_000 } },
      "market.flow.tradesPerHour",
      "Shorten stepSeconds or lower the rates: about",
    ],
    [
      "a chain with volatilities of its own and others",
      listed,
      { "market.impliedVolatility": { model: "constant", volatility: 0.5 } },
      "market.impliedVolatility",
      "A recorded chain brings its own mark volatilities: leave it out.",
    ],
    ["a chain with flow", listed, { "market.flow": {} }, "market.flow", "Recorded prices come without simulated"],
    [
      "a chain with gas",
      listed,
      { "chain.fee": { model: "constant", gwei: 1 } },
      "chain.fee.model",
      "Expected none: the chain is recorded without gas.",
    ],
    [
      "a chain with a rate",
      listed,
      { "market.rate": 0.03 },
      "market.rate",
      "Expected 0: listed options are valued on their forward.",
    ],
    [
      "a chain's legs on two expiries",
      listed,
      { "book.legs": legs(7, 8) },
      "book.legs",
      "Expected one maturity: the forward of one expiry is the hedge.",
    ],
    [
      "a chain hedged on a spot venue",
      listed,
      { "slots.0.kind": "spot" },
      "slots",
      "Expected perpetual or inverse-perpetual slots: the hedge is the chain's own forward.",
    ],
    [
      "a chain that is settled",
      listed,
      { terminal: "settle" },
      "terminal",
      "Expected unwind or mark: windows end before expiry.",
    ],
  ])("%s", (_name, base, changes, path, fix) => {
    const error = refusal(changed(base, changes));
    expect(error.which).toBe(`scenario.${path}`);
    expect(error.message).toContain(fix);
    expect(error.exitCode).toBe(2);
  });

  it("what goes together is taken", () => {
    for (const price of Object.values(PRICES)) expect(parseScenario(allOn({ price })).name).toBe("all-on");
    expect(parseScenario(listed).market.price.model).toBe("listed");
    const chain = changed(straddle(), { "chain.fee": { ...EIP1559, flowCoupling: 0 } });
    expect(parseScenario(chain).chain.fee).toMatchObject({ flowCoupling: 0 });
  });
});

describe("A number of the market that makes no sense is refused by its field", () => {
  const NUMBERS: [string, unknown][] = [
    ["market.flow.tradesPerHour", 0],
    ["market.flow.branching", 0.96],
    ["market.flow.branching", -0.1],
    ["market.flow.crossShare", 1.1],
    ["market.flow.decayMinutes", 0],
    ["market.flow.sizeTail", 1],
    ["market.flow.meanSize", -1],
    ["market.flow.informationEventsPerDay", -1],
    ["market.flow.informationMinutes", 0],
    ["market.flow.informedTradesPerHour", Number.NaN],
    ["market.flow.informedSize", 0],
    ["market.flow.burstsPerDay", Number.POSITIVE_INFINITY],
    ["market.flow.burstMinutes", 0],
    ["market.flow.burstTradesPerHour", -1],
    ["market.flow.burstSize", 0],
    ["market.flow.permanentBps", -1],
    ["market.flow.transientBps", -1],
    ["market.flow.transientHalfLifeMinutes", 0],
    ["market.flow.toxicity.buckets", 1],
    ["market.flow.toxicity.bucketsPerDay", 0],
    ["market.flow.toxicity.fastHalfLifeMinutes", 0],
    ["market.liquidity.neutralVpin", 1.5],
    ["market.liquidity.refillMinutes", 0],
    ["market.liquidity.consumption", -1],
    ["chain.oracle.deviationBps", 0],
    ["chain.oracle.heartbeat", "soon"],
    ["chain.oracle.latency", -1],
    ["chain.inclusion.medianTipGwei", 0],
    ["chain.inclusion.tipLogSd", -1],
    ["execution.generation", "robot"],
    ["execution.meanUpHours", 0],
    ["execution.meanDownMinutes", -1],
  ];
  it.each(NUMBERS)("%s = %s", (path, value) => {
    const error = refusal(changed(allOn(), { [path]: value }));
    expect(error.which).toBe(`scenario.${path}`);
    expect(error.value).toEqual(value);
    expect(error.message).toContain("fix:");
  });

  it.each([
    ["market.price.initialVolatility", PRICES.heston!, 11],
    ["market.price.correlation", PRICES.heston!, 1.1],
    ["market.price.volOfVol", PRICES.bates!, -1],
    ["market.price.jumpsPerYear", PRICES.bates!, -1],
    ["market.price.regimes.0.meanHours", PRICES["regime-switching"]!, 0],
    ["market.price.regimes.2.volatility", PRICES["regime-switching"]!, 0],
  ])("%s", (path, price, value) => {
    expect(refusal(changed(allOn({ price }), { [path]: value })).which).toBe(`scenario.${path}`);
  });

  it("one regime is no switching", () => {
    expect(refusal(changed(straddle(), { "market.price": regimes(undefined) })).which).toBe(
      "scenario.market.price.regimes",
    );
    expect(parseScenario(changed(straddle(), { "market.price": GBM })).market.price.model).toBe("gbm");
  });
});
