import type { BandRule, HeadSpec } from "../../src/core/contracts/heads.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError, didYouMean } from "../../src/core/errors.ts";
import type { ActionHead } from "./action-head.ts";
import { bandHead } from "./band-head.ts";
import { menuHead } from "./menu-head.ts";
import { gateSizeHead, targetHead } from "./slot-heads.ts";

export type { ActionHead } from "./action-head.ts";

/** Names of the action heads. */
export const HEADS: readonly HeadSpec["head"][] = ["gate+size", "band", "target", "menu"];

/**
 * Builds the head that turns a network's actions into intents.
 * @param rule the reference's band: needed by `band`, and where `menu` takes its centre from
 * Throws a ConfigError for an unknown head, a field out of range, or a `band` head without a rule.
 */
export function makeHead(spec: HeadSpec, context: PolicyContext, rule?: BandRule): ActionHead {
  switch (spec.head) {
    case "band":
      if (rule === undefined)
        throw new ConfigError("The band head's reference has no band of finite width.", {
          which: "head.reference.baseline",
          value: spec.reference.baseline,
          fix: "Refer to a band rule, e.g. delta-band, whalley-wilmott or composite.",
        });
      return bandHead(spec, context, rule);
    case "menu":
      return menuHead(spec, context, rule);
    case "gate+size":
      return gateSizeHead(spec, context);
    case "target":
      return targetHead(spec, context);
    default: {
      const { head } = spec as { head: string };
      throw new ConfigError("No action head has this name.", {
        which: "head",
        value: head,
        fix: `Use one of ${HEADS.join(", ")}.`,
        hints: didYouMean(head, HEADS).slice(0, 1),
      });
    }
  }
}
