import { CorruptFileError } from "../../src/core/errors.ts";
import type { RandomState } from "../../src/core/random.ts";
import type { StateTree, StateValue } from "../../src/core/state.ts";

/** Readers of saved states: each returns the named entry or throws a CorruptFileError that names it. */

export function savedTree(state: StateTree, name: string): StateTree {
  const value = state[name];
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw misfit(name, value, "a tree");
  return value as StateTree;
}

export function savedNumber(state: StateTree, name: string): number {
  const value = state[name];
  if (typeof value !== "number") throw misfit(name, value, "a number");
  return value;
}

export function savedFloats(state: StateTree, name: string, length: number): Float64Array {
  const value = state[name];
  if (!(value instanceof Float64Array) || value.length !== length)
    throw misfit(name, value, `${length} numbers (float64)`);
  return value;
}

export function savedSingles(state: StateTree, name: string, length: number): Float32Array {
  const value = state[name];
  if (!(value instanceof Float32Array) || value.length !== length)
    throw misfit(name, value, `${length} numbers (float32)`);
  return value;
}

export function savedBytes(state: StateTree, name: string, length: number): Uint8Array {
  const value = state[name];
  if (!(value instanceof Uint8Array) || value.length !== length) throw misfit(name, value, `${length} bytes`);
  return value;
}

export function savedRandom(state: StateTree, name: string): RandomState {
  const tree = savedTree(state, name);
  const word = (k: string) => savedNumber(tree, k);
  return { a: word("a"), b: word("b"), c: word("c"), d: word("d") };
}

function misfit(name: string, value: StateValue | undefined, wanted: string): CorruptFileError {
  const found =
    value !== null && typeof value === "object"
      ? `${value.constructor.name}${"length" in value ? ` of length ${value.length}` : ""}`
      : value;
  return new CorruptFileError(`A saved state does not fit: "${name}" is not ${wanted}.`, {
    which: name,
    value: found,
    fix: "Load a state that was saved with the same config and environment.",
  });
}
