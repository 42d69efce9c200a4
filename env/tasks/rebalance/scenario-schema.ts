import { z } from "zod";

const DURATION = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/;
const DURATION_HELP = "expected seconds above 0, or a text such as 30s, 5m, 12h, 2d";
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** Seconds, or a text such as `5m`, `12h`, `2d`. */
const duration = z
  .union([z.number().positive(), z.string().regex(DURATION, DURATION_HELP)], { error: DURATION_HELP })
  .transform((v) => {
    if (typeof v === "number") return v;
    const [, amount, unit] = DURATION.exec(v)!;
    return Number(amount) * UNIT_SECONDS[unit!]!;
  });

const positive = z.number().positive();
const nonnegative = z.number().nonnegative();

const price = z.discriminatedUnion("model", [
  z.strictObject({
    model: z.literal("gbm"),
    initial: positive.describe("Price at the start, USD."),
    drift: z.number().default(0).describe("Drift a year (of log price plus half the variance)."),
    volatility: nonnegative.max(10).describe("Volatility a year, as a fraction: 0.6 is 60%."),
    tick: nonnegative.default(0).describe("Published prices are rounded to this, USD; 0 = not rounded."),
  }),
  z.strictObject({
    model: z.literal("file"),
    series: z.string().describe("Name of a recorded price series under the data folder."),
    volatility: positive.max(10).describe("Volatility a year used for impact sizes, as a fraction."),
    tick: nonnegative.default(0).describe("Published prices are rounded to this, USD; 0 = not rounded."),
  }),
]);

const impliedVolatility = z.discriminatedUnion("model", [
  z.strictObject({
    model: z.literal("constant"),
    volatility: nonnegative.max(10).describe("Mark volatility a year, as a fraction."),
  }),
  z.strictObject({
    model: z.literal("mean-reverting"),
    volatility: positive.max(10).describe("Long-run mark volatility."),
    reversionPerYear: nonnegative.default(12).describe("Speed at which log volatility returns to its mean, a year."),
    volOfVol: nonnegative.default(1).describe("Standard deviation of log volatility a square-root year."),
    correlation: z.number().min(-1).max(1).default(0).describe("With returns."),
  }),
]);

const chainOverrides = {
  blockSeconds: positive.optional().describe("Seconds a block; default: the preset's."),
  gasTarget: z
    .number()
    .int()
    .positive()
    .max(2 ** 26 - 1)
    .optional()
    .describe("Gas target of a block; default: the preset's."),
  denominator: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("The base fee changes by at most 1/this a block; default: the preset's."),
  minimumBaseFeeWei: z.number().int().positive().optional().describe("Floor of the base fee; default: the preset's."),
};

const fee = z.discriminatedUnion("model", [
  z.strictObject({ model: z.literal("none") }),
  z.strictObject({ model: z.literal("constant"), gwei: nonnegative.describe("Base fee, gwei.") }),
  z.strictObject({
    model: z.literal("eip1559"),
    preset: z
      .enum(["l1", "l2"])
      .default("l1")
      .describe("Block time, gas target, denominator and floor of such a chain."),
    medianGwei: positive.default(20).describe("Median of the market-clearing fee, gwei."),
    logSd: nonnegative.default(0.6).describe("Stationary sd of the log of the market-clearing fee."),
    halfLifeHours: positive.default(12).describe("Hours after which half of a deviation of log demand is gone."),
    volatilityCoupling: nonnegative
      .default(0.05)
      .describe("Log demand added for each sd by which an hour's absolute return exceeds its mean."),
    blockNoise: nonnegative.default(0.4).describe("Sd of log demand from block to block, on top."),
    ...chainOverrides,
  }),
  z.strictObject({
    model: z.literal("file"),
    series: z.string().describe("Name of a recorded fee series under the data folder."),
    blockSeconds: positive.default(12).describe("Seconds a block."),
  }),
]);

const leg = z.strictObject({
  type: z.enum(["call", "put"]).describe("European."),
  quantity: z
    .number()
    .refine((q) => q !== 0, "expected a quantity that is not 0")
    .describe("Contracts on one coin, signed: negative = short."),
  moneyness: positive.default(1).describe("Strike as a multiple of the price at the start."),
  maturityDays: positive.optional().describe("Default: the scenario's maturityDays."),
});

const slot = z.strictObject({
  name: z.string().min(1).describe("Name in reports; each once."),
  kind: z
    .enum(["spot", "perpetual", "inverse-perpetual", "option"])
    .describe("What is traded; the first slot hedges delta."),
  specification: z.string().default("ideal").describe("A versioned venue specification: lots, ticks, fees."),
  takerFeeBps: nonnegative.max(10_000).optional().describe("Overrides the specification's fee."),
  halfSpreadBps: nonnegative.default(0).describe("Half the quoted spread, basis points of the mid."),
  halfSpreadVolPoints: nonnegative.default(0).describe("Options: half the spread in vol points (1 = 0.01)."),
  impactCoefficient: nonnegative.default(0).describe("Y of the square-root law; 0 = none."),
  dailyVolume: positive.default(1e6).describe("Units of the underlying traded at this venue a day."),
  transientFraction: nonnegative
    .max(1)
    .default(0)
    .describe("Share of a trade's square-root impact that stays in the mid and decays."),
  transientHalfLife: duration.default(600).describe("Half-life of that share; default 600 s."),
  fundingRate8h: z.number().default(0).describe("Perpetuals: mean funding, fraction of notional an 8 hours."),
  basisBps: z.number().default(0).describe("Perpetuals: mark above index, basis points."),
  option: z
    .strictObject({
      type: z.enum(["call", "put"]).describe("European."),
      moneyness: positive.default(1).describe("Strike as a multiple of the price at the start."),
      maturityDays: positive.describe("Days to expiry at the start."),
    })
    .optional()
    .describe("Option slots: the listed instrument, resolved at the start of the episode."),
});

/** The fields of a scenario; scenario.ts adds the rules between them. */
export const scenarioShape = z.strictObject({
  name: z.string().min(1).describe("Name in reports and run ids; part of the random streams' names."),
  version: z.number().int().positive().default(1).describe("Raise it when anything below `scenario` changes."),
  market: z.strictObject({
    price,
    impliedVolatility: impliedVolatility
      .optional()
      .describe("Mark volatility of the options; default: the price's own."),
    rate: z.number().default(0).describe("Risk-free rate a year, continuously compounded."),
    dividendYield: z.number().default(0).describe("Continuous yield of the underlying a year."),
  }),
  chain: z
    .strictObject({
      fee: fee.default({ model: "none" }).describe("Where the base fee comes from; none: trading pays no gas."),
      gasUnits: nonnegative.default(180_000).describe("Gas of one on-chain rebalance."),
      priorityFeeGwei: nonnegative.default(0).describe("Tip on top of the base fee, gwei."),
      nativePriceUsd: z
        .union([positive, z.literal("underlying")])
        .default("underlying")
        .describe("Price of the coin that pays gas; underlying: the hedged coin itself."),
      inclusionBlocks: nonnegative.default(0).describe("Blocks between decision and inclusion."),
      maxSlippageBps: positive
        .optional()
        .describe("A trade whose price moved further against it reverts; gas is paid."),
      revertProbability: z.number().min(0).max(1).default(0).describe("Chance that a trade reverts; gas is paid."),
    })
    .prefault({}),
  book: z
    .strictObject({ legs: z.array(leg).min(1).max(16).describe("The options held.") })
    .describe("What is to be hedged."),
  account: z.strictObject({
    numeraire: z.enum(["usd", "coin"]).describe("What profit is counted in."),
    collateral: z.enum(["usd", "coin"]).describe("What the account holds, and options settle in."),
    deltaConvention: z
      .enum(["bs", "netTransaction", "usdEquity"])
      .describe("Which delta is hedged: Black-Scholes, less the premium held in coin, or of the whole equity in USD."),
    collateralCoin: nonnegative.default(0).describe("Coins posted at the start (collateral: coin)."),
  }),
  slots: z.array(slot).min(1).max(4).describe("Where the policy may trade."),
  bounds: z
    .strictObject({
      delta: positive.default(0.1).describe("Bound on |delta| for one unit of book."),
      gammaPercent: positive.optional().describe("Bound on |delta change for a 1% move|, for one unit of book."),
      vegaPercent: positive.optional().describe("Bound on |vega|, fraction of spot a vol point, for one unit of book."),
    })
    .prefault({}),
  reward: z
    .discriminatedUnion("name", [
      z.strictObject({
        name: z.literal("wealth"),
        riskPenalty: nonnegative.optional().describe("Default: k / (2 sd of the best tuned baseline)."),
      }),
      z
        .strictObject({
          name: z.literal("expected-risk"),
          riskPenalty: nonnegative.optional().describe("Default: k / (2 sd of the best tuned baseline)."),
        })
        .describe("Costs paid and the variance of the delta held, at mark volatility: as `wealth`, without its noise."),
      z.strictObject({ name: z.literal("terminal") }),
      z.strictObject({
        name: z.literal("bounds"),
        weight: nonnegative.default(1).describe("Penalty a unit outside the bounds."),
      }),
    ])
    .default({ name: "wealth" })
    .describe("What the learner is paid; the objective does not change with it."),
  daysPerYear: positive.default(365).describe("Day count of volatilities and maturities."),
  maturityDays: positive.max(730).describe("Length of the episode, and the legs' maturity unless they say otherwise."),
  rebalanceDays: positive.optional().describe("Days between decisions; overrides decisionInterval."),
  stepSeconds: positive.default(60).describe("Step of the simulation, seconds."),
  decisionInterval: duration
    .default(300)
    .describe("Time between decisions, a whole multiple of stepSeconds; default 300 s."),
  terminal: z
    .enum(["unwind", "mark", "settle"])
    .default("unwind")
    .describe("How the hedge ends: sold at a cost, valued at mid, or delivered against the options."),
});
