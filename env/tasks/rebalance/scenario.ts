import { z } from "zod";
import { ConfigError } from "../../../src/core/errors.ts";
import { CHAIN_PRESETS, type ChainParameters, checkChainParameters } from "../../chain/base-fee.ts";
import { type VenueSpecification, venueSpecification } from "../../market/venue-specification.ts";

const DURATION = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** Seconds, or a text such as `5m`, `12h`, `2d`. */
const duration = z
  .union([z.number().positive(), z.string().regex(DURATION, "expected seconds or a text such as 30s, 5m, 12h, 2d")])
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
    tick: nonnegative.default(0),
  }),
]);

const impliedVolatility = z.discriminatedUnion("model", [
  z.strictObject({ model: z.literal("constant"), volatility: nonnegative.max(10) }),
  z.strictObject({
    model: z.literal("mean-reverting"),
    volatility: positive.max(10).describe("Long-run mark volatility."),
    reversionPerYear: nonnegative.default(12),
    volOfVol: nonnegative.default(1).describe("Standard deviation of log volatility a square-root year."),
    correlation: z.number().min(-1).max(1).default(0).describe("With returns."),
  }),
]);

const chainOverrides = {
  blockSeconds: positive.optional(),
  gasTarget: positive.optional(),
  denominator: positive.optional(),
  minimumBaseFeeWei: nonnegative.optional(),
};

const fee = z.discriminatedUnion("model", [
  z.strictObject({ model: z.literal("none") }),
  z.strictObject({ model: z.literal("constant"), gwei: nonnegative }),
  z.strictObject({
    model: z.literal("eip1559"),
    preset: z.enum(["l1", "l2"]).default("l1"),
    medianGwei: positive.default(20),
    logSd: nonnegative.default(0.6).describe("Stationary sd of the log of the market-clearing fee."),
    halfLifeHours: positive.default(12),
    volatilityCoupling: nonnegative
      .default(0.05)
      .describe("Log demand added for each sd of an unusually large return."),
    blockNoise: nonnegative.default(0.4),
    ...chainOverrides,
  }),
  z.strictObject({ model: z.literal("file"), series: z.string(), blockSeconds: positive.default(12) }),
]);

const leg = z.strictObject({
  type: z.enum(["call", "put"]),
  quantity: z
    .number()
    .refine((q) => q !== 0, "expected a quantity that is not 0")
    .describe("Contracts on one coin, signed: negative = short."),
  moneyness: positive.default(1).describe("Strike as a multiple of the price at the start."),
  maturityDays: positive.optional().describe("Default: the scenario's maturityDays."),
});

const slot = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(["spot", "perpetual", "inverse-perpetual", "option"]),
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
  transientHalfLife: duration.default(600),
  fundingRate8h: z.number().default(0).describe("Perpetuals: mean funding, fraction of notional an 8 hours."),
  basisBps: z.number().default(0).describe("Perpetuals: mark above index, basis points."),
  option: z
    .strictObject({ type: z.enum(["call", "put"]), moneyness: positive.default(1), maturityDays: positive })
    .optional()
    .describe("Option slots: the listed instrument, resolved at the start of the episode."),
});

/** The schema of `scenario:` in an experiment file. */
export const scenarioSchema = z
  .strictObject({
    name: z.string().min(1),
    version: z.number().int().positive().default(1),
    market: z.strictObject({
      price,
      impliedVolatility: impliedVolatility
        .optional()
        .describe("Mark volatility of the options; default: the price's own."),
      rate: z.number().default(0).describe("Risk-free rate a year, continuously compounded."),
      dividendYield: z.number().default(0),
    }),
    chain: z
      .strictObject({
        fee: fee.default({ model: "none" }),
        gasUnits: nonnegative.default(180_000).describe("Gas of one on-chain rebalance."),
        priorityFeeGwei: nonnegative.default(0),
        nativePriceUsd: z.union([positive, z.literal("underlying")]).default("underlying"),
        inclusionBlocks: nonnegative.default(0).describe("Blocks between decision and inclusion."),
        maxSlippageBps: positive
          .optional()
          .describe("A trade whose price moved further against it reverts; gas is paid."),
        revertProbability: z.number().min(0).max(1).default(0),
      })
      .prefault({}),
    book: z.strictObject({ legs: z.array(leg).min(1).max(16) }),
    account: z.strictObject({
      numeraire: z.enum(["usd", "coin"]),
      collateral: z.enum(["usd", "coin"]),
      deltaConvention: z.enum(["bs", "netTransaction", "usdEquity"]),
      collateralCoin: nonnegative.default(0).describe("Coins posted at the start (collateral: coin)."),
    }),
    slots: z.array(slot).min(1).max(4),
    bounds: z
      .strictObject({
        delta: positive.default(0.1).describe("Bound on |delta| for one unit of book."),
        gammaPercent: positive.optional().describe("Bound on |delta change for a 1% move|, for one unit of book."),
        vegaPercent: positive
          .optional()
          .describe("Bound on |vega|, fraction of spot a vol point, for one unit of book."),
      })
      .prefault({}),
    reward: z
      .discriminatedUnion("name", [
        z.strictObject({
          name: z.literal("wealth"),
          riskPenalty: nonnegative.optional().describe("Default: k / (2 sd of the best tuned baseline)."),
        }),
        z.strictObject({ name: z.literal("terminal") }),
        z.strictObject({ name: z.literal("bounds"), weight: nonnegative.default(1) }),
      ])
      .default({ name: "wealth" }),
    daysPerYear: positive.default(365),
    maturityDays: positive
      .max(730)
      .describe("Length of the episode, and the legs' maturity unless they say otherwise."),
    rebalanceDays: positive.optional().describe("Days between decisions; overrides decisionInterval."),
    stepSeconds: positive.default(60),
    decisionInterval: duration.default(300),
    terminal: z.enum(["unwind", "mark", "settle"]).default("unwind"),
  })
  .superRefine((s, ctx) => {
    const interval = s.rebalanceDays === undefined ? s.decisionInterval : s.rebalanceDays * 86400;
    const wrong = (path: (string | number)[], message: string) => ctx.addIssue({ code: "custom", path, message });
    if (Math.abs(interval / s.stepSeconds - Math.round(interval / s.stepSeconds)) > 1e-9 || interval < s.stepSeconds)
      wrong(["decisionInterval"], `expected a whole multiple of stepSeconds (${s.stepSeconds}), got ${interval}`);
    const horizon = (s.maturityDays * 86400) / s.stepSeconds;
    if (Math.abs(horizon - Math.round(horizon)) > 1e-6)
      wrong(["maturityDays"], `expected a whole number of steps of ${s.stepSeconds} s, got ${horizon}`);
    if (s.account.collateral === "usd" && s.account.collateralCoin > 0)
      wrong(["account", "collateralCoin"], "expected 0 for an account with USD collateral");
    s.slots.forEach((slot, i) => {
      if (slot.kind === "option" && slot.option === undefined)
        wrong(["slots", i, "option"], "expected an option (type, moneyness, maturityDays) for a slot of kind option");
      if (slot.kind !== "option" && slot.option !== undefined)
        wrong(["slots", i, "option"], "only slots of kind option name an option");
    });
    if (s.slots[0]!.kind === "option") wrong(["slots", 0, "kind"], "the first slot hedges delta: spot or a perpetual");
    s.slots.forEach((slot, i) => {
      if (s.slots.findIndex((o) => o.name === slot.name) !== i) wrong(["slots", i, "name"], "a name used twice");
    });
    if (s.market.price.model === "gbm" && s.market.price.volatility === 0 && s.market.impliedVolatility === undefined)
      wrong(["market", "impliedVolatility"], "expected an implied volatility where the price has none");
  });

export type ScenarioInput = z.input<typeof scenarioSchema>;
export type Scenario = z.output<typeof scenarioSchema>;
export type SlotConfig = Scenario["slots"][number];

/** The numbers that the environment and the policies derive from a scenario, computed once. */
export interface ScenarioTiming {
  readonly stepSeconds: number;
  /** Simulation steps of an episode. */
  readonly steps: number;
  readonly stepsPerDecision: number;
  /** Decisions of an episode; where the interval does not divide the horizon the last one is shorter. */
  readonly decisions: number;
  readonly decisionSeconds: number;
  readonly secondsPerYear: number;
  readonly dtYears: number;
}

export function timing(s: Scenario): ScenarioTiming {
  const decisionSeconds = s.rebalanceDays === undefined ? s.decisionInterval : s.rebalanceDays * 86400;
  const steps = Math.round((s.maturityDays * 86400) / s.stepSeconds);
  const stepsPerDecision = Math.round(decisionSeconds / s.stepSeconds);
  const secondsPerYear = s.daysPerYear * 86400;
  return {
    stepSeconds: s.stepSeconds,
    steps,
    stepsPerDecision,
    decisions: Math.ceil(steps / stepsPerDecision),
    decisionSeconds,
    secondsPerYear,
    dtYears: s.stepSeconds / secondsPerYear,
  };
}

/** The venue specification of a slot, with the scenario's overrides. */
export function slotSpecification(slot: SlotConfig, index: number): VenueSpecification {
  const base = venueSpecification(slot.specification, `scenario.slots[${index}].specification`);
  return slot.takerFeeBps === undefined ? base : { ...base, takerFeeBps: slot.takerFeeBps };
}

/** Proportional one-way cost of the first slot, as a fraction of notional: fee and half-spread. */
export function costRate(s: Scenario): number {
  return (slotSpecification(s.slots[0]!, 0).takerFeeBps + s.slots[0]!.halfSpreadBps) * 1e-4;
}

/** Sum of absolute leg quantities: the book's size in units of the underlying. */
export function bookSize(s: Scenario): number {
  return s.book.legs.reduce((sum, l) => sum + Math.abs(l.quantity), 0);
}

/** The mark volatility at which options are quoted at the start. */
export function initialVolatility(s: Scenario): number {
  return s.market.impliedVolatility?.volatility ?? s.market.price.volatility;
}

/** The parameters of a simulated chain; undefined where fees are not simulated block by block. */
export function chainParameters(s: Scenario): ChainParameters | undefined {
  const f = s.chain.fee;
  if (f.model !== "eip1559") return undefined;
  const preset = CHAIN_PRESETS[f.preset];
  const parameters = {
    blockSeconds: f.blockSeconds ?? preset.blockSeconds,
    gasTarget: f.gasTarget ?? preset.gasTarget,
    denominator: f.denominator ?? preset.denominator,
    minimumBaseFeeWei: f.minimumBaseFeeWei ?? preset.minimumBaseFeeWei,
  };
  checkChainParameters(parameters);
  return parameters;
}

/** Seconds between decision and inclusion. */
export function inclusionSeconds(s: Scenario): number {
  const f = s.chain.fee;
  const blockSeconds =
    f.model === "eip1559" ? chainParameters(s)!.blockSeconds : f.model === "file" ? f.blockSeconds : 12;
  const seconds = s.chain.inclusionBlocks * blockSeconds;
  if (seconds >= s.stepSeconds)
    throw new ConfigError("Inclusion takes longer than one simulation step.", {
      which: "scenario.chain.inclusionBlocks",
      value: s.chain.inclusionBlocks,
      fix: `Use fewer than ${Math.ceil(s.stepSeconds / blockSeconds)} blocks of ${blockSeconds} s, or a longer stepSeconds.`,
    });
  return seconds;
}

/** Parses and checks a scenario given as data (not YAML: files go through src/core/yaml-config.ts). */
export function parseScenario(input: ScenarioInput): Scenario {
  const result = scenarioSchema.safeParse(input);
  if (!result.success) {
    const first = result.error.issues[0]!;
    throw new ConfigError("The scenario is not valid.", {
      which: `scenario.${first.path.join(".")}`,
      value: first.message,
      fix: "Mend the field named above.",
      hints: result.error.issues.slice(1).map((i) => `also scenario.${i.path.join(".")}: ${i.message}`),
    });
  }
  return result.data;
}
