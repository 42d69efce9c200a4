import { ContractError } from "../../core/errors.ts";
import type { StateArray, StateTree, StateValue } from "../../core/state.ts";

/** States of vector environments whose arrays all have a row (or some) for each copy: put together, and taken apart, by copies. */

function isArray(value: StateValue): value is StateArray {
  return ArrayBuffer.isView(value);
}

function isTree(value: StateValue): value is StateTree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isArray(value);
}

function misfit(path: string, value: unknown): ContractError {
  return new ContractError("States of the parts of an environment do not fit together.", {
    which: path,
    value,
    fix: "Arrays must have the same number of entries for each copy, and other values must agree.",
  });
}

/** The state of the whole from those of its parts, in their order; `counts` are their copies. */
export function joinRows(parts: readonly StateTree[], counts: readonly number[], path = "state"): StateTree {
  const joined: Record<string, StateValue> = {};
  for (const [key, first] of Object.entries(parts[0]!)) {
    const at = `${path}.${key}`;
    const values = parts.map((part) => part[key] as StateValue);
    if (isArray(first)) joined[key] = concatenate(values as StateArray[], counts, at);
    else if (isTree(first)) joined[key] = joinRows(values as StateTree[], counts, at);
    else {
      const other = values.find((v) => JSON.stringify(v) !== JSON.stringify(first));
      if (other !== undefined) throw misfit(at, [first, other]);
      joined[key] = first;
    }
  }
  return joined;
}

function concatenate(parts: readonly StateArray[], counts: readonly number[], path: string): StateArray {
  const width = parts[0]!.length / counts[0]!;
  const wrong = parts.find((part, i) => part.length !== width * counts[i]!);
  if (wrong !== undefined || !Number.isInteger(width)) throw misfit(path, wrong?.length ?? width);
  const Kind = parts[0]!.constructor as new (length: number) => StateArray;
  const whole = new Kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The state of copies `from` to `from + count - 1` of `of`. */
export function takeRows(whole: StateTree, from: number, count: number, of: number, path = "state"): StateTree {
  const taken: Record<string, StateValue> = {};
  for (const [key, value] of Object.entries(whole)) {
    const at = `${path}.${key}`;
    if (isArray(value)) {
      const width = value.length / of;
      if (!Number.isInteger(width)) throw misfit(at, value.length);
      taken[key] = value.slice(from * width, (from + count) * width);
    } else taken[key] = isTree(value) ? takeRows(value, from, count, of, at) : value;
  }
  return taken;
}
