import { ContractError } from "./errors.ts";

/**
 * What `saveState` returns everywhere: a tree of plain values and typed arrays that the store writes bit for bit.
 * Arrays are copies: a saved state does not change when the object goes on.
 */
export type StateArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;
export type StateValue = number | string | boolean | null | StateArray | StateTree | readonly StateValue[];
export interface StateTree {
  readonly [key: string]: StateValue;
}

/** Anything that can be saved and continued bit for bit. */
export interface Stateful {
  saveState(): StateTree;
  /** Throws a ContractError or CorruptFileError when the state does not fit, and then changes nothing. */
  loadState(state: StateTree): void;
}

/** Copies saved arrays into place; refuses a state whose shapes differ, before anything is changed. */
export function copyArrays(targets: Readonly<Record<string, StateArray>>, state: StateTree, what: string): void {
  for (const [name, target] of Object.entries(targets)) {
    const saved = state[name] as { length?: number } | undefined;
    if (saved?.length !== target.length)
      throw new ContractError(`A saved state does not fit this ${what}.`, {
        which: `${what}.${name}`,
        value: saved?.length,
        fix: `Load a state of ${target.length} numbers, saved with the same scenario and number of environments.`,
      });
  }
  for (const [name, target] of Object.entries(targets)) target.set(state[name] as Float64Array);
}
