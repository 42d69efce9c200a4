import { ContractError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";
import type { StateArray, StateTree } from "../../src/core/state.ts";

/** Readers of saved states: they check before anything is changed, so that a state that does not fit changes nothing. */

function misfit(key: string, value: unknown, wanted: string): ContractError {
  return new ContractError("A saved environment state does not fit.", {
    which: key,
    value,
    fix: `Load a state saved by the same environment with the same number of copies (wanted: ${wanted}).`,
  });
}

/** The array at `key`, of the same type and length as `like`. Throws a ContractError otherwise. */
export function stateArray<T extends StateArray>(state: StateTree, key: string, like: T): T {
  const value = state[key];
  const wanted = `${like.constructor.name} of length ${like.length}`;
  if (!(value instanceof like.constructor)) throw misfit(key, typeof value, wanted);
  if ((value as T).length !== like.length) throw misfit(key, (value as T).length, wanted);
  return value as T;
}

export function stateNumber(state: StateTree, key: string): number {
  const value = state[key];
  if (typeof value !== "number") throw misfit(key, value, "a number");
  return value;
}

export function stateBoolean(state: StateTree, key: string): boolean {
  const value = state[key];
  if (typeof value !== "boolean") throw misfit(key, value, "true or false");
  return value;
}

export function stateTree(state: StateTree, key: string): StateTree {
  const value = state[key];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Array.isArray(value))
    throw misfit(key, value, "an object");
  return value as StateTree;
}

export function stateTrees(state: StateTree, key: string, length: number): readonly StateTree[] {
  const value = state[key];
  if (!Array.isArray(value) || value.length !== length) throw misfit(key, value, `a list of ${length} states`);
  return value as readonly StateTree[];
}

/** Generators packed four words each, [4*B]. */
export function packRandoms(randoms: readonly Random[]): Uint32Array {
  const out = new Uint32Array(randoms.length * 4);
  randoms.forEach((random, i) => {
    const s = random.saveState();
    out.set([s.a, s.b, s.c, s.d], i * 4);
  });
  return out;
}

export function unpackRandoms(words: Uint32Array, randoms: readonly Random[]): void {
  randoms.forEach((random, i) => {
    random.loadState({ a: words[i * 4]!, b: words[i * 4 + 1]!, c: words[i * 4 + 2]!, d: words[i * 4 + 3]! });
  });
}
