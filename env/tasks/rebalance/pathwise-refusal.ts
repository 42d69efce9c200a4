import { ConfigError } from "../../../src/core/errors.ts";
import type { Scenario } from "./scenario.ts";

/** Why a scenario has no differentiable path form, in one sentence; undefined where it has one. */
export function pathwiseRefusal(scenario: Scenario): string | undefined {
  const { slots, account, execution } = scenario;
  const slot = slots[0]!;
  if (slots.length > 1) return `The path form trades one slot, and the scenario has ${slots.length}.`;
  if (slot.kind === "inverse-perpetual")
    return "The path form trades linear contracts, and the first slot is an inverse perpetual.";
  if (slot.kind === "option") return "The path form trades linear contracts, and the first slot is an option.";
  if (account.collateral === "coin" && account.deltaConvention === "usdEquity")
    return "Under the delta convention usdEquity with coin collateral the exposure answers to the cash that trading moves, which the path form does not follow.";
  if (execution?.generation === "keeper")
    return "The path form carries out what is decided, and here a keeper's trigger on the exposure decides whether.";
  return undefined;
}

/** Throws a ConfigError with the reason where a scenario has no path form. */
export function expectPathwise(scenario: Scenario, which = "agent.algorithm"): void {
  const reason = pathwiseRefusal(scenario);
  if (reason !== undefined)
    throw new ConfigError(`Deep hedging cannot play the scenario "${scenario.name}".`, {
      which,
      value: "deep-hedging",
      fix: "Use agent.algorithm ppo, or change the scenario.",
      hints: [reason],
    });
}
