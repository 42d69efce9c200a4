/** Actions of a batch, as environments and distributions hold them. */
export type Actions = Float32Array | Float64Array | Int32Array;

interface HeadCore {
  /** Numbers of a box action, or choices of a discrete one. */
  readonly size: number;
  /**
   * Turns actions into intents. Allocates nothing.
   * @param actions box [batch*size], clipped to the box; discrete [batch], indices from 0
   * @param features raw features [batch*F]
   * @param out intents [batch*slots*INTENT_WIDTH], written whole
   * Throws a ContractError for an action that is not a number or no choice.
   */
  toIntents(batch: number, actions: Actions, features: Float64Array, out: Float64Array): void;
}

export interface BoxHead extends HeadCore {
  readonly kind: "box";
  /** [size] */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly mask?: undefined;
}

export interface DiscreteHead extends HeadCore {
  readonly kind: "discrete";
  /** Writes 1 where a choice is allowed, else 0, to out [batch*size]; at least one is. */
  readonly mask?: (batch: number, features: Float64Array, out: Uint8Array) => void;
}

/** What turns a network's actions, with the named features beside them, into intents. */
export type ActionHead = BoxHead | DiscreteHead;
