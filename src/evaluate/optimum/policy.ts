import { FeatureReader } from "../../../agents/baselines/feature-reader.ts";
import { INTENT_WIDTH, writeTrade } from "../../core/contracts/intent.ts";
import type { Policy, PolicyContext } from "../../core/contracts/policy.ts";
import type { Optimum } from "./solve.ts";
import { TRADE, TRADE_WIDTH } from "./trades.ts";

/** What the look-up must know beside the optimum. */
export interface OptimumAccount {
  readonly context: PolicyContext;
  /** Seconds of the episode, and from one decision to the next. */
  readonly horizonSeconds: number;
  readonly decisionSeconds: number;
  /** Units of the underlying in one unit of the first slot. */
  readonly contractSize: number;
}

/**
 * Plays an optimum: looks the decision up by the time left, the no-trade region by the log price (linear between nodes), and trades to its inner
 * edge where the position lies outside. Reads `spot`, `time_left` and the first slot's position; remembers nothing.
 */
export function optimumPolicy(optimum: Optimum, account: OptimumAccount): Policy {
  const { context, horizonSeconds, decisionSeconds, contractSize } = account;
  const { bookSize } = context;
  const read = new FeatureReader(context.schema);
  const spot = read.need("spot");
  const timeLeft = read.need("time_left");
  const position = read.need("slot0_position");
  const unitDelta = read.need("slot0_unit_delta");
  const width = context.schema.features.length;
  const slots = context.slots.length;
  const { trades, first, step, nodes } = optimum;
  const decisions = first.length;
  return {
    id: "dp-optimum",
    memoryWidth: 0,
    maskWidth: 0,
    requires: read.required,
    decide(batch, features, _available, _memory, _mask, out) {
      for (let b = 0; b < batch; b++) {
        const row = b * width;
        const elapsed = (1 - features[row + timeLeft]!) * horizonSeconds;
        const t = Math.min(decisions - 1, Math.max(0, Math.round(elapsed / decisionSeconds)));
        const x = (Math.log(features[row + spot]!) - first[t]!) / step;
        const i = Math.min(nodes - 2, Math.max(0, Math.floor(x)));
        const share = Math.min(1, Math.max(0, x - i));
        const at = (t * nodes + i) * TRADE_WIDTH;
        const edge = (field: number) =>
          trades[at + field]! + share * (trades[at + TRADE_WIDTH + field]! - trades[at + field]!);
        const units = ((features[row + position]! * bookSize) / features[row + unitDelta]!) * contractSize;
        const target =
          units < edge(TRADE.stayLow) ? edge(TRADE.buyTo) : units > edge(TRADE.stayHigh) ? edge(TRADE.sellTo) : units;
        writeTrade(out, b * slots * INTENT_WIDTH, 0, (target - units) / contractSize);
      }
    },
  };
}
