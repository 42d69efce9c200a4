import { makeObservation, type Observation } from "../../../src/core/contracts/observation.ts";
import type { MarketFrame } from "../../market/source.ts";
import type { Ledger } from "./ledger.ts";
import type { Scenario, ScenarioTiming } from "./scenario.ts";

const QUOTE = new Float64Array(3);

/**
 * An observation of what `ledger` holds. The book's legs are the ledger's own arrays: they change when the market is marked and when a book is
 * opened, and an observation follows both.
 */
export function observationOf(ledger: Ledger): Observation {
  const { batch, slots, legs, legQuantity, legStrike, legSecondsLeft, legSign } = ledger;
  return { ...makeObservation(batch, slots, legs), legQuantity, legStrike, legSecondsLeft, legSign };
}

/**
 * Fills row b of an {@link observationOf} the ledger: the newest published frame and the own account, as the live feeds would. What came between two observations
 * (volumes, an oracle's update) is not in the newest frame alone: see {@link noteInterval}.
 */
export function observe(
  o: Observation,
  b: number,
  scenario: Scenario,
  t: ScenarioTiming,
  ledger: Ledger,
  frame: MarketFrame,
  step: number,
  decision: number,
): void {
  const { slots: S, legs: L } = ledger;
  o.timeSeconds[b] = frame.seconds[b]!;
  o.decision[b] = decision;
  o.secondsLeft[b] = (t.steps - step) * t.stepSeconds;
  o.indexPrice[b] = frame.price[b]!;
  o.baseFeeGwei[b] = frame.baseFeeGwei[b]!;
  const native = scenario.chain.nativePriceUsd;
  o.nativePrice[b] = native === "underlying" ? frame.price[b]! : native;
  o.spreadState[b] = frame.spread[b]!;
  o.depth[b] = frame.depth[b]!;
  o.vpin[b] = frame.vpin[b]!;
  o.vpinBulk[b] = frame.vpinBulk[b]!;
  o.imbalanceFast[b] = frame.imbalanceFast[b]!;
  o.imbalanceSlow[b] = frame.imbalanceSlow[b]!;
  o.kyleLambda[b] = frame.kyleLambda[b]!;
  o.oraclePrice[b] = frame.oraclePrice[b]!;
  o.oracleAgeSeconds[b] = frame.oracleAgeSeconds[b]!;
  o.apiUp[b] = frame.apiUp[b]!;
  const each = frame.contractVolatility;
  const usual = frame.volatility[b]!;
  for (let l = 0, i = b * L; l < L; l++, i++)
    o.legVolatility[i] = each === undefined ? usual : ledger.contractVolatility(frame, b, l);
  for (let s = 0; s < S; s++) {
    const i = b * S + s;
    const slot = scenario.slots[s]!;
    ledger.quote(b, s, QUOTE);
    o.slotBid[i] = QUOTE[0]!;
    o.slotAsk[i] = QUOTE[1]!;
    o.slotMark[i] = QUOTE[2]!;
    o.slotFunding[i] = slot.fundingRate8h;
    o.slotVolatility[i] = slot.kind === "option" ? ledger.contractVolatility(frame, b, ledger.slotContract[s]!) : 0;
    o.slotStrike[i] = ledger.slotStrike[i]!;
    o.slotSecondsLeft[i] = Math.max(0, ledger.slotSecondsLeft[i]!);
    o.slotSign[i] = ledger.slotSign[i]!;
    o.slotPosition[i] = ledger.position[i]!;
    o.slotPending[i] = 0;
  }
  o.cashUsd[b] = ledger.cashUsd[b]!;
  o.cashCoin[b] = ledger.cashCoin[b]!;
  o.collateralCoin[b] = ledger.collateralCoin[b]!;
  o.secondsSinceTrade[b] = ledger.seconds[b]! - ledger.lastTradeSeconds[b]!;
  o.costsPaid[b] = ledger.totals.fees[b]! + ledger.totals.gas[b]! + ledger.totals.slippage[b]!;
  o.profit[b] = ledger.profit[b]!;
}

/** Adds what the newest step's tape brought to the interval since the last observation. `first`: the interval starts with this step. */
export function noteInterval(o: Observation, b: number, frame: MarketFrame, first: boolean): void {
  o.buyVolume[b] = (first ? 0 : o.buyVolume[b]!) + frame.buyVolume[b]!;
  o.sellVolume[b] = (first ? 0 : o.sellVolume[b]!) + frame.sellVolume[b]!;
  o.oracleUpdated[b] = Math.max(first ? 0 : o.oracleUpdated[b]!, frame.oracleUpdated[b]!);
}
