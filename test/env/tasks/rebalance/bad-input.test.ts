import { describe, expect, it } from "vitest";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { ConfigError } from "../../../../src/core/errors.ts";
import { straddle } from "./scenarios.ts";

type Loose = Record<string, unknown>;

/** The refusal of a good scenario with one field set to a wrong value (undefined removes it). */
function refusal(path: string, value: unknown): ConfigError {
  const input = structuredClone(straddle()) as unknown as Loose;
  const keys = path.split(".");
  let here = input;
  for (const key of keys.slice(0, -1)) here = (here[key] ??= {}) as Loose;
  if (value === undefined) delete here[keys.at(-1)!];
  else here[keys.at(-1)!] = value;
  try {
    parseScenario(input as unknown as ScenarioInput);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return expect.unreachable(`${path} was accepted`);
}

describe("A wrong scenario is refused with field, value and fix", () => {
  it.each([
    ["markt", 1, 'unknown key "markt"', 'Did you mean "market"?'],
    ["market.price.volatilty", 0.5, 'unknown key "volatilty"', 'Did you mean "volatility"?'],
    ["market.price.volatility", -0.1, "not allowed", "Give a number at least 0 and at most 10."],
    ["market.price.volatility", "60%", "not allowed", "Give a number at least 0 and at most 10."],
    ["market.price.initial", Number.NaN, "not allowed", "Give a number above 0."],
    ["market.price.initial", 0, "not allowed", "Give a number above 0."],
    ["market.price.model", "gbn", "not allowed", 'Did you mean "gbm"?'],
    ["account.deltaConvention", "nettransaction", "not allowed", 'Did you mean "netTransaction"?'],
    ["account.collateralCoin", 3, "not consistent", "Expected 0 for an account with USD collateral."],
    ["decisionInterval", 5400, "not consistent", "Expected a whole multiple of stepSeconds (3600), got 5400 s."],
    ["decisionInterval", 60, "not consistent", "Expected a whole multiple of stepSeconds (3600), got 60 s."],
    ["decisionInterval", "5 minutes", "not allowed", "Expected seconds above 0, or a text such as 30s, 5m, 12h, 2d."],
    ["rebalanceDays", 0.01, "not consistent", "Expected a whole multiple of stepSeconds (3600)"],
    ["maturityDays", 0.99, "not consistent", "Expected a whole number of steps of 3600 s"],
    ["maturityDays", undefined, "not allowed", "Give a number above 0 and at most 730."],
    ["slots.0.specification", "dex-spot-5bp", "not consistent", 'Did you mean "dex-spot-5bps"?'],
    ["slots.0", { name: "o", kind: "option" }, "not consistent", "Expected an option (type, moneyness, maturityDays)"],
    ["slots.0.halfSpreadBps", -1, "not allowed", "Give a number at least 0."],
    ["chain.inclusionBlocks", 300, "not consistent", "Use fewer than 300 blocks of 12 s, or a longer stepSeconds."],
    ["chain.revertProbability", 1.5, "not allowed", "Give a number at least 0 and at most 1."],
    [
      "chain.fee",
      { model: "eip1559", gasTarget: 1e9 },
      "not allowed",
      "Give a whole number above 0 and at most 67108863.",
    ],
    ["book.legs", [], "not allowed", "Give a list of 1 to 16 values"],
    ["book.legs.0.quantity", 0, "not consistent", "Expected a quantity that is not 0."],
    ["reward.name", "wealt", "not allowed", 'Did you mean "wealth"?'],
    ["terminal", "liquidate", "not allowed", 'Give one of "unwind", "mark", "settle".'],
  ])("%s = %s", (path, value, what, fix) => {
    const error = refusal(path, value);
    expect(error.short).toContain(what);
    // An object's own wrong field is named below it.
    expect(error.which).toMatch(`scenario.${path}`);
    if (typeof value !== "object") expect(error.value).toEqual(value);
    expect(error.message).toContain(fix);
    expect(error.exitCode).toBe(2);
  });

  it("names the first field and tells of the others, too", () => {
    const input = { ...straddle(), stepSeconds: -1, terminal: "never" } as unknown as ScenarioInput;
    expect(() => parseScenario(input)).toThrow("Also scenario.terminal");
  });

  it("a slot name used twice, an option in a slot that is none", () => {
    const spot = { name: "a", kind: "spot" } as const;
    expect(() => parseScenario(straddle({ slots: [spot, spot] }))).toThrow("A name used twice.");
    const odd = { ...spot, option: { type: "call", maturityDays: 1 } } as const;
    expect(() => parseScenario(straddle({ slots: [odd] }))).toThrow("Only slots of kind option name an option.");
  });

  it("options without any volatility to value them", () => {
    const market = { price: { model: "gbm", initial: 1, volatility: 0 } } as const;
    expect(() => parseScenario(straddle({ market }))).toThrow("scenario.market.impliedVolatility");
  });
});
