import { ContractError } from "../errors.ts";

/**
 * An intent says what a policy wants done: fixed width. A policy writes `slots` intents a decision, one a hedge slot.
 * Layout of one intent (float64 each): [kind, slot, change, venue, urgency, slices].
 */
export const INTENT_WIDTH = 6;
export const INTENT_FIELDS = ["kind", "slot", "change", "venue", "urgency", "slices"] as const;

/** Offsets of the fields inside one intent. */
export const INTENT = { kind: 0, slot: 1, change: 2, venue: 3, urgency: 4, slices: 5 } as const;

export const INTENT_KIND = {
  /** Do nothing with this slot. */
  none: 0,
  /** Change the slot's position by `change` instrument units (signed), before rounding to the venue's lots. */
  trade: 1,
  cancel: 2,
  moveCollateral: 3,
  moveLiquidity: 4,
} as const;

/** Writes one trade intent at `offset` of `out`; a change of 0 writes `none`. */
export function writeTrade(out: Float64Array, offset: number, slot: number, change: number): void {
  out[offset] = change === 0 ? INTENT_KIND.none : INTENT_KIND.trade;
  out[offset + 1] = slot;
  out[offset + 2] = change;
  out[offset + 3] = 0;
  out[offset + 4] = 0;
  out[offset + 5] = 1;
}

/** Throws on an intent that this version does not know or that carries a number that is not finite. */
export function checkIntent(intents: Float64Array, offset: number, slots: number): void {
  const kind = intents[offset]!;
  if (kind !== INTENT_KIND.none && kind !== INTENT_KIND.trade)
    throw new ContractError("An intent is of an unknown kind.", {
      which: "intent.kind",
      value: kind,
      fix: `Use a kind that this environment executes: ${INTENT_KIND.none} (none) or ${INTENT_KIND.trade} (trade).`,
    });
  if (kind === INTENT_KIND.none) return;
  const slot = intents[offset + 1]!;
  if (!(Number.isInteger(slot) && slot >= 0 && slot < slots))
    throw new ContractError("An intent names a slot that does not exist.", {
      which: "intent.slot",
      value: slot,
      fix: `Use a slot from 0 to ${slots - 1}.`,
    });
  if (!Number.isFinite(intents[offset + 2]!))
    throw new ContractError("An intent's change is not a finite number.", {
      which: "intent.change",
      value: intents[offset + 2],
      fix: "Check the policy's output for NaN.",
    });
}
