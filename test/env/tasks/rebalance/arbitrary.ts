import fc from "fast-check";
import type { ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Off as often as on: interactions show best when not everything is always there. */
const sometimes = (max: number) => fc.oneof(fc.constant(0), between(0, max));

const linear = fc.record({
  halfSpreadBps: sometimes(20),
  impactCoefficient: sometimes(2),
  dailyVolume: fc.constantFrom(1e3, 1e6),
  transientFraction: sometimes(1),
  transientHalfLife: fc.constantFrom(60, 3600),
});
const perpetual = fc.record({ fundingRate8h: between(-1e-3, 1e-3), basisBps: between(-50, 50) });

const spot = linear.chain((l) =>
  fc
    .constantFrom("ideal", "dex-spot-5bps")
    .map((specification) => ({ name: "spot", kind: "spot" as const, specification, ...l })),
);
const linearPerpetual = fc
  .tuple(linear, perpetual, fc.constantFrom("ideal", "btc-perpetual", "btc-inverse-perpetual"))
  .map(([l, p, specification]) => ({ name: "perpetual", kind: "perpetual" as const, specification, ...l, ...p }));
const inverse = fc
  .tuple(linear, perpetual, fc.constantFrom("ideal", "btc-inverse-perpetual"))
  .map(([l, p, specification]) => ({ name: "inverse", kind: "inverse-perpetual" as const, specification, ...l, ...p }));
const option = fc
  .record({
    type: fc.constantFrom("call" as const, "put" as const),
    moneyness: between(0.8, 1.2),
    maturityDays: fc.constantFrom(0.25, 1, 30),
    halfSpreadVolPoints: sometimes(3),
    specification: fc.constantFrom("ideal", "listed-option"),
  })
  .map(({ type, moneyness, maturityDays, ...rest }) => ({
    name: "option",
    kind: "option" as const,
    option: { type, moneyness, maturityDays },
    ...rest,
  }));

const leg = fc.record({
  type: fc.constantFrom("call" as const, "put" as const),
  quantity: between(-8, 8).filter((q) => Math.abs(q) > 0.01),
  moneyness: between(0.8, 1.25),
  maturityDays: fc.constantFrom(0.25, 0.5, 1, 7),
});

const price = fc.record({
  model: fc.constant("gbm" as const),
  initial: fc.constantFrom(1.7, 100, 2000, 60_000),
  drift: between(-1, 1),
  volatility: between(0.05, 2),
});

const impliedVolatility = fc.oneof(
  fc.record({ model: fc.constant("constant" as const), volatility: between(0.1, 1.5) }),
  fc.record({
    model: fc.constant("mean-reverting" as const),
    volatility: between(0.2, 1.2),
    volOfVol: between(0, 3),
    correlation: between(-1, 1),
  }),
);

const chain = fc.record({
  fee: fc.oneof(
    fc.constant({ model: "none" as const }),
    fc.record({ model: fc.constant("constant" as const), gwei: between(0, 200) }),
    fc.record({
      model: fc.constant("eip1559" as const),
      preset: fc.constantFrom("l1" as const, "l2" as const),
      volatilityCoupling: between(0, 0.3),
    }),
  ),
  priorityFeeGwei: sometimes(5),
  nativePriceUsd: fc.constantFrom("underlying" as const, 1800),
  inclusionBlocks: fc.constantFrom(0, 1, 10),
  maxSlippageBps: fc.constantFrom(5, 50, 1000),
  revertProbability: sometimes(0.5),
});

const account = fc.constantFrom<ScenarioInput["account"]>(
  { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
  { numeraire: "usd", collateral: "coin", deltaConvention: "netTransaction", collateralCoin: 12 },
  { numeraire: "coin", collateral: "coin", deltaConvention: "usdEquity", collateralCoin: 0 },
  { numeraire: "coin", collateral: "usd", deltaConvention: "bs" },
);

/** Small scenarios of every shape that the schema allows with simulated prices: 24 half-hour steps, hourly decisions. */
export const scenarios: fc.Arbitrary<ScenarioInput> = fc
  .record({
    price,
    impliedVolatility,
    chain,
    account,
    rate: sometimes(0.2),
    dividendYield: sometimes(0.1),
    legs: fc.array(leg, { minLength: 1, maxLength: 3 }),
    first: fc.oneof(spot, linearPerpetual, inverse),
    option,
    withOption: fc.boolean(),
    terminal: fc.constantFrom("unwind" as const, "mark" as const, "settle" as const),
  })
  .map(
    ({ price, impliedVolatility, chain, account, rate, dividendYield, legs, first, option, withOption, terminal }) => ({
      name: "random",
      market: { price, impliedVolatility, rate, dividendYield },
      chain,
      book: { legs },
      account,
      slots: withOption ? [first, option] : [first],
      maturityDays: 0.5,
      stepSeconds: 1800,
      decisionInterval: "1h",
      terminal,
    }),
  );
