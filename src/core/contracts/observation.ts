/**
 * What published messages carry, plus the own account: the only input of features. Struct of arrays over a batch of B environments
 * (B = 1 live). The simulator and the live feeds fill the same fields; prices are already rounded to the venue's ticks.
 * S = hedge slots, L = option legs of the book.
 */
export interface Observation {
  readonly batch: number;
  readonly slots: number;
  readonly legs: number;
  /** Event time, seconds since the start of the session. [B] */
  readonly timeSeconds: Float64Array;
  /** Decisions taken so far in this session. [B] */
  readonly decision: Float64Array;
  /** Seconds left until the session's horizon. [B] */
  readonly secondsLeft: Float64Array;
  /** Index price of the underlying, USD. [B] */
  readonly indexPrice: Float64Array;
  /** Best bid, ask and mark of each slot's instrument, USD a unit. [B*S], row b*S+s */
  readonly slotBid: Float64Array;
  readonly slotAsk: Float64Array;
  readonly slotMark: Float64Array;
  /** Funding rate of a perpetual, fraction an 8-hour period; 0 for other instruments. [B*S] */
  readonly slotFunding: Float64Array;
  /** Published mark volatility of an option slot (fraction a year; 0 for other instruments). [B*S] */
  readonly slotVolatility: Float64Array;
  /** Base fee of the newest block, gwei. [B] */
  readonly baseFeeGwei: Float64Array;
  /** Price of the chain's native coin, USD. [B] */
  readonly nativePrice: Float64Array;
  /** Units of the underlying that others bought and sold, as takers, since the last observation. [B] */
  readonly buyVolume: Float64Array;
  readonly sellVolume: Float64Array;
  /** Multipliers of the first slot's usual half-spread and depth; 1 = normal. [B] */
  readonly spreadState: Float64Array;
  readonly depth: Float64Array;
  /** Toxicity estimates over the public tape (env/market/toxicity.ts). [B] */
  readonly vpin: Float64Array;
  readonly vpinBulk: Float64Array;
  readonly imbalanceFast: Float64Array;
  readonly imbalanceSlow: Float64Array;
  readonly kyleLambda: Float64Array;
  /** Newest price of the on-chain oracle, USD; its age; 1 where an update came since the last observation. [B] */
  readonly oraclePrice: Float64Array;
  readonly oracleAgeSeconds: Float64Array;
  readonly oracleUpdated: Float64Array;
  /** 1 = the centralised interface answers. [B] */
  readonly apiUp: Float64Array;
  /** Published mark volatility of each leg (fraction a year). [B*L], row b*L+l */
  readonly legVolatility: Float64Array;
  /** Own account: signed quantity of each leg (contracts, negative = short). [B*L] */
  readonly legQuantity: Float64Array;
  /** Strike of each leg, USD. [B*L] */
  readonly legStrike: Float64Array;
  /** Seconds until each leg expires; 0 once expired. [B*L] */
  readonly legSecondsLeft: Float64Array;
  /** 1 for a call, -1 for a put. [B*L] */
  readonly legSign: Float64Array;
  /** Strike, seconds left and sign of an option slot's instrument (0 elsewhere). [B*S] */
  readonly slotStrike: Float64Array;
  readonly slotSecondsLeft: Float64Array;
  readonly slotSign: Float64Array;
  /** Own account: units held of each slot's instrument, signed. [B*S] */
  readonly slotPosition: Float64Array;
  /** Units sent but not yet included in a block. [B*S] */
  readonly slotPending: Float64Array;
  /** Own account: cash in USD and in coin; collateral posted at the start in coin. [B] */
  readonly cashUsd: Float64Array;
  readonly cashCoin: Float64Array;
  readonly collateralCoin: Float64Array;
  /** Seconds since the last own trade was filled (since the start, where there was none). [B] */
  readonly secondsSinceTrade: Float64Array;
  /** Own costs paid so far (fees, gas, spread, impact), USD. [B] */
  readonly costsPaid: Float64Array;
  /** Own wealth change since the start of the session, USD. [B] */
  readonly profit: Float64Array;
}

/** Allocates an observation of zeros. */
export function makeObservation(batch: number, slots: number, legs: number): Observation {
  const b = () => new Float64Array(batch);
  const s = () => new Float64Array(batch * slots);
  const l = () => new Float64Array(batch * legs);
  return {
    batch,
    slots,
    legs,
    timeSeconds: b(),
    decision: b(),
    secondsLeft: b(),
    indexPrice: b(),
    slotBid: s(),
    slotAsk: s(),
    slotMark: s(),
    slotFunding: s(),
    slotVolatility: s(),
    baseFeeGwei: b(),
    nativePrice: b(),
    buyVolume: b(),
    sellVolume: b(),
    spreadState: b().fill(1),
    depth: b().fill(1),
    vpin: b(),
    vpinBulk: b(),
    imbalanceFast: b(),
    imbalanceSlow: b(),
    kyleLambda: b(),
    oraclePrice: b(),
    oracleAgeSeconds: b(),
    oracleUpdated: b(),
    apiUp: b().fill(1),
    legVolatility: l(),
    legQuantity: l(),
    legStrike: l(),
    legSecondsLeft: l(),
    legSign: l(),
    slotStrike: s(),
    slotSecondsLeft: s(),
    slotSign: s(),
    slotPosition: s(),
    slotPending: s(),
    cashUsd: b(),
    cashCoin: b(),
    collateralCoin: b(),
    secondsSinceTrade: b(),
    costsPaid: b(),
    profit: b(),
  };
}
