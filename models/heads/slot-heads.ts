import type { HeadSpec } from "../../src/core/contracts/heads.ts";
import { INTENT_WIDTH, writeTrade } from "../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { BoxHead } from "./action-head.ts";
import { DUST, writeExposureTrade } from "./band-clamp.ts";
import { bounds, columnOf, expectPositive, unitAction } from "./head-features.ts";

/**
 * Two outputs a slot, [gate, size]: where gate > 0 the slot is traded by size * maxChange. Of slots that hedge delta that is delta for one
 * unit of book; of options, whose delta may vanish, it is instrument units for one unit of book. The network's very first outputs, near 0, sit
 * at the gate's edge.
 */
export function gateSizeHead(spec: HeadSpec & { head: "gate+size" }, context: PolicyContext): BoxHead {
  expectPositive(spec.maxChange, "maxChange");
  const { maxChange } = spec;
  const { bookSize, slots } = context;
  const S = slots.length;
  const unitDelta = slots.map((_, s) => columnOf(context, `slot${s}_unit_delta`));
  const width = context.schema.features.length;
  return {
    kind: "box",
    size: 2 * S,
    ...bounds(2 * S),
    toIntents(batch, actions, features, out) {
      for (let b = 0; b < batch; b++)
        for (let s = 0; s < S; s++) {
          const a = (b * S + s) * 2;
          const gate = unitAction(actions[a]!, a);
          const size = unitAction(actions[a + 1]!, a + 1);
          const change = gate > 0 ? size * maxChange : 0;
          const intent = (b * S + s) * INTENT_WIDTH;
          if (slots[s]!.kind === "option") writeTrade(out, intent, s, change * bookSize);
          else writeExposureTrade(out, intent, s, change, bookSize, features[b * width + unitDelta[s]!]!);
        }
    },
  };
}

/**
 * One output a slot: the position to hold, output * maxPosition, as delta for one unit of book (options: instrument units for one unit of
 * book). What is sent but not yet included counts as held.
 */
export function targetHead(spec: HeadSpec & { head: "target" }, context: PolicyContext): BoxHead {
  expectPositive(spec.maxPosition, "maxPosition");
  const { maxPosition } = spec;
  const { bookSize, slots } = context;
  const S = slots.length;
  const unitDelta = slots.map((_, s) => columnOf(context, `slot${s}_unit_delta`));
  const position = slots.map((_, s) => columnOf(context, `slot${s}_position`));
  const pending = slots.map((_, s) => columnOf(context, `slot${s}_pending`));
  const width = context.schema.features.length;
  return {
    kind: "box",
    size: S,
    ...bounds(S),
    toIntents(batch, actions, features, out) {
      for (let b = 0; b < batch; b++)
        for (let s = 0; s < S; s++) {
          const a = b * S + s;
          const row = b * width;
          const wanted = unitAction(actions[a]!, a) * maxPosition;
          const held = features[row + position[s]!]! + features[row + pending[s]!]!;
          const unit = features[row + unitDelta[s]!]!;
          const intent = a * INTENT_WIDTH;
          if (slots[s]!.kind === "option") {
            // Features state positions as delta: a unit without delta does not tell how many are held.
            const change = unit === 0 ? 0 : wanted - held / unit;
            writeTrade(out, intent, s, Math.abs(change) < DUST ? 0 : change * bookSize);
          } else {
            const change = wanted - held;
            writeExposureTrade(out, intent, s, Math.abs(change) < DUST ? 0 : change, bookSize, unit);
          }
        }
    },
  };
}
