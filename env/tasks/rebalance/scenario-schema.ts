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

const tick = nonnegative.default(0).describe("Published prices are rounded to this, USD; 0 = not rounded.");
const drift = z.number().default(0).describe("Drift a year (of log price plus half the variance).");
const initial = positive.describe("Price at the start, USD.");
const correlation = z.number().min(-1).max(1);

const heston = {
  initial,
  drift,
  initialVolatility: positive.max(10).describe("Volatility a year at the start: the root of the variance."),
  longRunVolatility: positive.max(10).describe("Root of the variance's long-run mean."),
  reversionPerYear: positive.default(4).describe("Speed at which the variance returns to its mean, a year."),
  volOfVol: nonnegative.default(1).describe("xi of dv = k (theta - v) dt + xi sqrt(v) dW."),
  correlation: correlation.default(-0.4).describe("Of returns and variance."),
  tick,
};

const price = z.discriminatedUnion("model", [
  z.strictObject({
    model: z.literal("gbm"),
    initial,
    drift,
    volatility: nonnegative.max(10).describe("Volatility a year, as a fraction: 0.6 is 60%."),
    tick,
  }),
  z.strictObject({ model: z.literal("heston"), ...heston }),
  z.strictObject({
    model: z.literal("bates"),
    ...heston,
    jumpsPerYear: nonnegative.default(10).describe("Mean number of jumps a year."),
    jumpMean: z.number().default(-0.03).describe("Mean of a log jump."),
    jumpSd: nonnegative.default(0.08).describe("Standard deviation of a log jump."),
  }),
  z.strictObject({
    model: z.literal("regime-switching"),
    initial,
    drift,
    regimes: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("Name in reports."),
          volatility: positive.max(10).describe("Volatility a year while it lasts."),
          meanHours: positive.describe("How long it lasts on average."),
          next: z
            .array(nonnegative)
            .optional()
            .describe("Probability of each regime after this one, 0 for itself; default: all others alike."),
        }),
      )
      .min(2)
      .max(8)
      .describe("Calm, normal, stress, …"),
    tick,
  }),
  z.strictObject({
    model: z.literal("file"),
    series: z.string().describe("Name of a recorded price series under the data folder."),
    volatility: positive.max(10).describe("Volatility a year used for impact sizes, as a fraction."),
    tick,
  }),
  z.strictObject({
    model: z.literal("listed"),
    series: z.string().describe("Name of a recorded option chain under the data folder."),
    volatility: positive.max(10).describe("Volatility a year used for impact sizes, as a fraction."),
    maxGapHours: positive.default(14).describe("A window with a longer gap between two snapshots is left out."),
  }),
]);

const toxicity = z.strictObject({
  bucketsPerDay: positive.default(100).describe("VPIN buckets of a mean day's volume."),
  buckets: z.number().int().min(2).max(1000).default(25).describe("Buckets in VPIN's window."),
  fastHalfLifeMinutes: positive.default(20).describe("Half-life of imbalance_fast."),
  slowHalfLifeMinutes: positive
    .default(180)
    .describe("Half-life of imbalance_slow, kyle_lambda and the returns behind vpin_bulk."),
});

const flow = z.strictObject({
  tradesPerHour: positive.default(60).describe("Mean rate of uninformed trades, self-excitation included."),
  branching: nonnegative.max(0.95).default(0.6).describe("Mean number of trades that a trade sets off."),
  crossShare: z.number().min(0).max(1).default(0.2).describe("Share of them on the other side."),
  decayMinutes: positive.default(5).describe("Time constant of the excitation."),
  sizeTail: z.number().gt(1).default(2.5).describe("Pareto tail index of volumes."),
  meanSize: positive.default(1).describe("Mean volume of an uninformed trade, units of the underlying."),
  informationEventsPerDay: nonnegative.default(4).describe("Hidden events after which some know the price to come."),
  informationMinutes: positive.default(60).describe("Mean length of such an event."),
  informedTradesPerHour: nonnegative.default(60).describe("Informed trades while it lasts."),
  informedSize: positive.default(0.7).describe("Their mean volume, as a multiple of meanSize."),
  burstsPerDay: nonnegative
    .default(4)
    .describe("One-sided uninformed bursts: forced liquidations, rebalancing crowds."),
  burstMinutes: positive.default(15).describe("Mean length of a burst."),
  burstTradesPerHour: nonnegative.default(240).describe("Trades while it lasts."),
  burstSize: positive.default(1.5).describe("Their mean volume, as a multiple of meanSize."),
  permanentBps: nonnegative
    .default(3)
    .describe("Log move of the efficient price by an informed trade of mean size, bps."),
  transientBps: nonnegative
    .default(3)
    .describe("Log move of the mid by an uninformed trade of mean size, bps; it decays."),
  transientHalfLifeMinutes: positive.default(30).describe("Half-life of that move."),
  toxicity: toxicity.prefault({}).describe("Estimators over the public tape."),
});

const liquidity = z.strictObject({
  toxicitySpread: nonnegative
    .default(2)
    .describe("Half-spread added, in multiples, for each unit of VPIN above neutral."),
  neutralVpin: z.number().min(0).max(1).default(0.3).describe("VPIN that widens nothing."),
  volatilitySpread: nonnegative
    .default(0.5)
    .describe(
      "Half-spread added, in multiples, for each unit by which 1-hour realised over usual volatility passes 1.",
    ),
  consumption: nonnegative.default(0.05).describe("Share of depth that an hour's usual volume, all one way, takes."),
  refillMinutes: positive.default(20).describe("Half-life at which depth comes back."),
});

const impliedVolatility = z.discriminatedUnion("model", [
  z.strictObject({
    model: z.literal("constant"),
    volatility: nonnegative.max(10).describe("Mark volatility a year, as a fraction."),
  }),
  z.strictObject({
    model: z.literal("expected"),
    premium: positive.default(1).describe("Multiple of the volatility that the price model expects to expiry."),
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
    flowCoupling: nonnegative
      .optional()
      .describe("Log demand added where an hour's volume is twice its mean (needs market.flow); default: 0."),
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

const execution = z.discriminatedUnion("generation", [
  z
    .strictObject({
      generation: z.literal("autonomous").describe("The policy's own transactions, whenever it decides."),
    })
    .describe("The policy sends its own transactions."),
  z
    .strictObject({
      generation: z.literal("keeper").describe("Only when a keeper network's trigger fires, at the network's price."),
      deltaThreshold: nonnegative.optional().describe("Fires where |delta| for one unit of book passes this."),
      interval: duration.optional().describe("Fires this long after the last execution."),
      onOracleUpdate: z.boolean().default(false).describe("Fires when the oracle has updated."),
      maxGwei: positive.optional().describe("Gas-price cap of the upkeep: above it nothing is executed."),
      overheadGas: nonnegative.default(80_000).describe("Gas of the network's own check."),
      premium: nonnegative.default(0.2).describe("The network's fee on top of the gas, as a fraction."),
    })
    .describe("A keeper network executes the policy's intents, when its trigger fires."),
  z
    .strictObject({
      generation: z.literal("script").describe("By a centralised interface, which is down at times."),
      meanUpHours: positive.default(48).describe("Mean time between two outages of the interface."),
      meanDownMinutes: positive.default(30).describe("Mean length of an outage."),
    })
    .describe("A script on a centralised interface: intents are lost while it is down."),
]);

/** The fields of a scenario; scenario.ts adds the rules between them. */
export const scenarioShape = z.strictObject({
  name: z.string().min(1).describe("Name in reports and run ids; part of the random streams' names."),
  version: z.number().int().positive().default(1).describe("Raise it when anything below `scenario` changes."),
  market: z.strictObject({
    price,
    impliedVolatility: impliedVolatility
      .optional()
      .describe("Mark volatility of the options; default: the price's own."),
    flow: flow.optional().describe("Order flow of others, informed and not; default: none, every move persists."),
    liquidity: liquidity
      .optional()
      .describe("Spread and depth that answer to toxicity and volatility; default: constant."),
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
      inclusion: z
        .strictObject({
          medianTipGwei: positive.default(1).describe("Median of the tips that fill a block at twice its target."),
          tipLogSd: nonnegative.default(0.8).describe("Sd of the log of those tips."),
          congestionPower: nonnegative.default(1).describe("Power of demand over capacity in that median."),
        })
        .optional()
        .describe("Auction for block space: full blocks take the highest tips first; default: inclusionBlocks always."),
      oracle: z
        .strictObject({
          deviationBps: positive.default(50).describe("Update once the price is this far from the last one."),
          heartbeat: duration.default(3600).describe("Update at least this often; default 3600 s."),
          latency: z
            .union([z.literal(0), duration])
            .default(30)
            .describe("From the trigger to the update on chain; default 30 s."),
        })
        .optional()
        .describe("On-chain price oracle; default: none."),
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
  execution: execution.optional().describe("Who carries out what the policy decides; default: autonomous."),
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
