import type { FeatureSchema, FeatureSpec, LiveSource } from "../../src/core/contracts/features.ts";
import type { SlotInfo } from "../../src/core/contracts/policy.ts";

/** What the feature module must know of an account and its venues; all of it is in the bundle. */
export interface FeatureConfig {
  readonly slots: readonly SlotInfo[];
  /** Units of the underlying (linear) or USD (inverse) in one instrument unit, one a slot. */
  readonly contractSizes: readonly number[];
  /** Taker fee of each slot, fraction of notional. */
  readonly takerFees: readonly number[];
  /** True where a trade in the slot pays gas. */
  readonly onChain: readonly boolean[];
  readonly legs: number;
  /** Sum of absolute leg quantities: exposures are stated for one unit of book. */
  readonly bookSize: number;
  readonly deltaConvention: "bs" | "netTransaction" | "usdEquity";
  readonly numeraire: "usd" | "coin";
  readonly collateral: "usd" | "coin";
  readonly rate: number;
  readonly dividendYield: number;
  readonly secondsPerYear: number;
  readonly gasUnits: number;
  readonly priorityFeeGwei: number;
  /** Groups of features that exist in this market beyond those of every account. */
  readonly groups: readonly FeatureGroup[];
}

/** Optional groups, in the order in which they follow the legs. */
export const FEATURE_GROUPS = ["flow", "oracle", "api"] as const;
export type FeatureGroup = (typeof FEATURE_GROUPS)[number];

const spec = (
  name: string,
  unit: string,
  description: string,
  sources: readonly LiveSource[],
  low: number,
  high: number,
): FeatureSpec => ({ name, unit, description, sources, low, high });

/** Half-lives of the moving averages behind returns, realised volatility and fee trends, seconds. */
export const HALF_LIVES = { fast: 3600, slow: 86_400 } as const;

/** Positions of the features that every account has; slots and legs follow. Checked against the schema by a test. */
export const AT = {
  spot: 0,
  delta: 1,
  book_delta: 2,
  gamma_percent: 3,
  vega_percent: 4,
  theta_day: 5,
  implied_volatility: 6,
  realised_volatility_fast: 7,
  realised_volatility_slow: 8,
  return_fast: 9,
  return_slow: 10,
  years_left: 11,
  time_left: 12,
  base_fee_gwei: 13,
  gas_cost_bps: 14,
  base_fee_fast: 15,
  base_fee_slow: 16,
  cost_rate_bps: 17,
  hours_since_trade: 18,
  is_first: 19,
  profit_bps: 20,
  costs_bps: 21,
} as const;
export const ACCOUNT_FEATURES = 22;
export const SLOT_FEATURES = 7;
/** Position of a slot's delta of one unit among its features. */
export const UNIT_DELTA = 2;
export const LEG_FEATURES = 5;

/** Positions inside the optional groups. */
export const FLOW_AT = {
  vpin: 0,
  vpin_bulk: 1,
  imbalance_fast: 2,
  imbalance_slow: 3,
  kyle_lambda: 4,
  trade_rate: 5,
  depth: 6,
  spread_state: 7,
} as const;
export const ORACLE_AT = { oracle_deviation_bps: 0, oracle_age_hours: 1, oracle_updated: 2 } as const;

const tape: LiveSource[] = ["deribit-public"];
const GROUP_FEATURES: Readonly<Record<FeatureGroup, readonly FeatureSpec[]>> = {
  flow: [
    spec("vpin", "fraction", "Volume-synchronised probability of informed trading, true signs.", tape, 0, 1),
    spec("vpin_bulk", "fraction", "The same by bulk classification: 0.5 where flow says nothing.", tape, 0, 1),
    spec("imbalance_fast", "fraction", "Signed over total volume, short moving average.", tape, -1, 1),
    spec("imbalance_slow", "fraction", "Signed over total volume, long moving average.", tape, -1, 1),
    spec("kyle_lambda", "bps/sd", "Return for one standard deviation of signed volume.", tape, -100, 100),
    spec("trade_rate", "log", "Log volume rate since the last observation over its 1-day average.", tape, -6, 6),
    spec("depth", "log", "Log depth of the first slot's venue over its usual.", tape, -3, 1),
    spec("spread_state", "log", "Log half-spread of the first slot over its usual.", tape, -1, 3),
  ],
  oracle: [
    spec("oracle_deviation_bps", "bps", "Index price over the oracle's.", ["oracle", "deribit-public"], -500, 500),
    spec("oracle_age_hours", "hours", "Since the oracle's newest update.", ["oracle"], 0, 48),
    spec("oracle_updated", "0 or 1", "1 where an update came since the last decision.", ["oracle"], 0, 1),
  ],
  api: [spec("api_up", "0 or 1", "1 while the centralised interface answers.", ["account"], 0, 1)],
};

/** Features of a group. */
export function groupWidth(group: FeatureGroup): number {
  return GROUP_FEATURES[group].length;
}

/**
 * The schema of the raw features for an account with these slots, legs and groups: names, units, order.
 * @param paysGas whether a trade in the first slot does; where none does, what gas costs it is known without asking a chain
 */
export function featureSchema(
  slots: readonly SlotInfo[],
  legs: number,
  groups: readonly FeatureGroup[] = [],
  paysGas = true,
): FeatureSchema {
  const market: LiveSource[] = ["deribit-public"];
  const book: LiveSource[] = ["book", "deribit-public"];
  const chain: LiveSource[] = ["ethereum-rpc"];
  const account: LiveSource[] = ["account", "deribit-public"];
  const features = [
    spec("spot", "USD", "Index price of the underlying.", market, 0, 1e6),
    spec("delta", "1/unit of book", "Total delta of book and hedges in the account's convention.", account, -2, 2),
    spec("book_delta", "1/unit of book", "Delta of the options alone, same convention.", book, -2, 2),
    spec(
      "gamma_percent",
      "1/unit of book",
      "Change of total delta for a 1% move of the underlying.",
      account,
      -0.5,
      0.5,
    ),
    spec("vega_percent", "fraction of spot", "Value change for one vol point, per unit of book.", account, -0.02, 0.02),
    spec("theta_day", "fraction of spot", "Value change for one day, per unit of book.", book, -0.1, 0.1),
    spec("implied_volatility", "1/sqrt(year)", "Mean mark volatility of the legs.", book, 0, 3),
    spec("realised_volatility_fast", "1/sqrt(year)", "Moving-average volatility, half-life 1 hour.", market, 0, 5),
    spec("realised_volatility_slow", "1/sqrt(year)", "Moving-average volatility, half-life 1 day.", market, 0, 5),
    spec("return_fast", "sd", "Log price less its 1-hour moving average, in sds.", market, -6, 6),
    spec("return_slow", "sd", "Log price less its 1-day moving average, in sds.", market, -6, 6),
    spec("years_left", "years", "Time to the nearest expiry of the book.", book, 0, 2),
    spec("time_left", "fraction", "Share of the session still to come.", ["clock"], 0, 1),
    spec("base_fee_gwei", "gwei", "Base fee of the newest block.", chain, 0, 1000),
    spec("gas_cost_bps", "bps of notional", "Gas of one rebalance of the first slot.", paysGas ? chain : [], 0, 200),
    spec("base_fee_fast", "log", "Log base fee less its 1-hour moving average.", chain, -3, 3),
    spec("base_fee_slow", "log", "Log base fee less its 1-day moving average.", chain, -3, 3),
    spec("cost_rate_bps", "bps", "Half the quoted spread and the taker fee of the first slot.", market, 0, 500),
    spec("hours_since_trade", "hours", "Since the last own fill.", ["account", "clock"], 0, 720),
    spec("is_first", "0 or 1", "1 at the first decision of the session.", ["clock"], 0, 1),
    spec("profit_bps", "bps of notional", "Own wealth change since the start of the session.", account, -5000, 5000),
    spec("costs_bps", "bps of notional", "Own costs paid since the start of the session.", ["account"], 0, 5000),
  ];
  slots.forEach((slot, s) => {
    const p = `slot${s}`;
    features.push(
      spec(`${p}_position`, "delta/unit of book", `Position in ${slot.name}, as delta.`, account, -2, 2),
      spec(`${p}_pending`, "delta/unit of book", `Sent to ${slot.name}, not yet included.`, ["account"], -2, 2),
      spec(`${p}_unit_delta`, "delta", `Delta of one unit of ${slot.name}.`, market, -2, 2),
      spec(`${p}_unit_gamma_percent`, "delta", `Delta change of one unit for a 1% move.`, market, 0, 1),
      spec(`${p}_unit_vega_percent`, "fraction of spot", `Value change of one unit for one vol point.`, market, 0, 0.1),
      spec(`${p}_spread_bps`, "bps", `Quoted half-spread of ${slot.name}.`, market, 0, 500),
      spec(`${p}_funding_8h`, "fraction", `Funding of ${slot.name} for 8 hours.`, market, -0.01, 0.01),
    );
  });
  for (let l = 0; l < legs; l++) {
    const p = `leg${l}`;
    features.push(
      spec(`${p}_quantity`, "1/unit of book", "Signed share of this leg in the book.", ["book"], -1, 1),
      spec(`${p}_log_moneyness`, "log", "Log of spot over strike.", book, -2, 2),
      spec(`${p}_years`, "years", "Time to expiry.", ["book", "clock"], 0, 2),
      spec(`${p}_sign`, "±1", "1 for a call, -1 for a put.", ["book"], -1, 1),
      spec(`${p}_volatility`, "1/sqrt(year)", "Mark volatility.", book, 0, 3),
    );
  }
  for (const group of FEATURE_GROUPS) if (groups.includes(group)) features.push(...GROUP_FEATURES[group]);
  return { version: 1, features };
}

/** The schema of an account's raw features. */
export function schemaOf(config: Pick<FeatureConfig, "slots" | "legs" | "groups" | "onChain">): FeatureSchema {
  return featureSchema(config.slots, config.legs, config.groups, config.onChain[0] ?? false);
}
