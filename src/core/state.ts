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
