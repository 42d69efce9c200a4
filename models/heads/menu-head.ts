import type { Band, BandRule, HeadSpec } from "../../src/core/contracts/heads.ts";
import { INTENT_WIDTH, writeTrade } from "../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError, ContractError } from "../../src/core/errors.ts";
import type { DiscreteHead } from "./action-head.ts";
import { DUST, writeExposureTrade } from "./band-clamp.ts";
import { columnOf } from "./head-features.ts";

/**
 * Choice k trades the first slot `fractions[k]` of the way from the exposure to the centre: that of `rule`, or 0 without one.
 * A choice that would trade less than `minimumTrade` (delta for one unit of book) is masked; 0, which trades nothing, never is.
 */
export function menuHead(spec: HeadSpec & { head: "menu" }, context: PolicyContext, rule?: BandRule): DiscreteHead {
  const { fractions, minimumTrade = 0 } = spec;
  const distinct = new Set(fractions).size === fractions.length;
  if (!distinct || !fractions.includes(0) || fractions.length < 2 || !fractions.every(Number.isFinite))
    throw new ConfigError("The choices of a menu are wrong.", {
      which: "head.fractions",
      value: fractions,
      fix: "Give different finite fractions, 0 among them, e.g. [0, 0.25, 0.5, 0.75, 1].",
    });
  if (!(minimumTrade >= 0 && minimumTrade < Number.POSITIVE_INFINITY))
    throw new ConfigError("The smallest trade of a menu is out of range.", {
      which: "head.minimumTrade",
      value: minimumTrade,
      fix: "Give a finite number of 0 or more, in delta for one unit of book.",
    });
  const exposure = columnOf(context, "delta");
  const unitDelta = columnOf(context, "slot0_unit_delta");
  const width = context.schema.features.length;
  const slots = context.slots.length;
  const size = fractions.length;
  const smallest = Math.max(minimumTrade, DUST);
  const band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  const gapOf = (features: Float64Array, row: number) => {
    if (rule !== undefined) rule.band(features, row, band);
    return band.centre - features[row + exposure]!;
  };
  return {
    kind: "discrete",
    size,
    toIntents(batch, actions, features, out) {
      for (let b = 0; b < batch; b++) {
        const fraction = fractions[actions[b]!];
        if (fraction === undefined)
          throw new ContractError("An action is not a choice of the menu.", {
            which: `actions[${b}]`,
            value: actions[b],
            fix: `Use an integer from 0 to ${size - 1}.`,
          });
        const row = b * width;
        const wanted = fraction * gapOf(features, row);
        const intent = b * slots * INTENT_WIDTH;
        const change = Math.abs(wanted) < smallest ? 0 : wanted;
        writeExposureTrade(out, intent, 0, change, context.bookSize, features[row + unitDelta]!);
        for (let s = 1; s < slots; s++) writeTrade(out, intent + s * INTENT_WIDTH, s, 0);
      }
    },
    mask(batch, features, out) {
      for (let b = 0; b < batch; b++) {
        const row = b * width;
        const gap = gapOf(features, row);
        const tradable = features[row + unitDelta]! !== 0;
        for (let k = 0; k < size; k++) {
          const fraction = fractions[k]!;
          out[b * size + k] = fraction === 0 || (tradable && Math.abs(fraction * gap) >= smallest) ? 1 : 0;
        }
      }
    },
  };
}
