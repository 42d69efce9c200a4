import { ConfigError } from "../../src/core/errors.ts";
import type { Params } from "./baseline.ts";
import { baselineDefinition } from "./registry.ts";

/** A contender as it is written: a rule to be tuned, or one at given parameters. */
export interface ContenderText {
  readonly id: string;
  /** Given parameters: the rule is not tuned, and those left out are at their defaults. */
  readonly params?: Params;
}

/**
 * Reads `delta-band` (to be tuned) or `delta-band(halfWidth=0.09;initialHedge=0)` (as given). Whether the names are parameters of the rule is
 * for `createBaseline` to say, which knows the market.
 * Throws a ConfigError for an unknown rule, a text of another form, a repeated name, or a value that is not a number.
 */
export function parseContender(text: string): ContenderText {
  const fail = (short: string, value: string): never => {
    throw new ConfigError(short, {
      which: `contender ${text}`,
      value,
      fix: "Write an id, or an id with parameters, e.g. delta-band(halfWidth=0.09;initialHedge=0).",
    });
  };
  const match = /^\s*([^()\s]+)\s*(?:\(([^()]*)\))?\s*$/.exec(text);
  if (match === null) return fail("A contender cannot be read.", text);
  const id = match[1]!;
  baselineDefinition(id);
  if (match[2] === undefined) return { id };
  const params: Record<string, number> = {};
  for (const part of match[2].split(";")) {
    if (part.trim() === "") continue;
    const [name, value, ...rest] = part.split("=").map((s) => s.trim());
    if (!name || !value || rest.length > 0) return fail("A parameter is not of the form name=number.", part);
    const number = Number(value);
    if (Number.isNaN(number)) return fail("A parameter's value is not a number.", part);
    if (Object.hasOwn(params, name)) return fail("A parameter is given twice.", part);
    params[name] = number;
  }
  return { id, params };
}
