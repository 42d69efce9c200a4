import type { AutoresetMode } from "../../env/core/env.ts";
import type { Engine } from "../../src/core/contracts/network.ts";
import { generalisedAdvantages } from "./gae.ts";

/**
 * One rollout of T steps in B environments as struct of arrays, rows t*B+b, allocated once and written over at each rollout.
 * Observations are stored as the networks saw them (encoded), so that the probability ratio of the first epoch is exactly 1.
 */
export class RolloutBuffer {
  readonly steps: number;
  readonly envs: number;
  /** Numbers an encoded observation, a stored action and a mask (0 where there is none). */
  readonly inputs: number;
  readonly actionWidth: number;
  readonly maskWidth: number;
  /** Encoded observations. [T*B*inputs] */
  readonly observations: Float32Array;
  /** Actions as they were drawn, before any clip. [T*B*actionWidth] */
  readonly actions: Float64Array;
  /** log pi(a|s) at the time of the draw. [T*B] */
  readonly logProbabilities: Float64Array;
  /** 1 = allowed. [T*B*maskWidth] */
  readonly masks: Uint8Array;
  readonly rewards: Float64Array;
  readonly values: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** V(true last observation) where an episode was truncated in same-step mode, else 0. [T*B] */
  readonly finalValues: Float64Array;
  /** V of the observations after the last row. [B] */
  readonly lastValues: Float64Array;
  /** Next-step mode: 1 where row 0 is no transition but a reset. [B] */
  readonly resetFirst: Uint8Array;
  readonly advantages: Float64Array;
  readonly returns: Float64Array;
  readonly valid: Uint8Array;
  readonly #engine: Engine;

  /** Observations lie where the engine's networks read them in place. */
  constructor(shape: {
    steps: number;
    envs: number;
    inputs: number;
    actionWidth: number;
    maskWidth: number;
    engine: Engine;
  }) {
    this.#engine = shape.engine;
    this.steps = shape.steps;
    this.envs = shape.envs;
    this.inputs = shape.inputs;
    this.actionWidth = shape.actionWidth;
    this.maskWidth = shape.maskWidth;
    const rows = shape.steps * shape.envs;
    this.observations = shape.engine.array(rows * shape.inputs);
    this.actions = new Float64Array(rows * shape.actionWidth);
    this.logProbabilities = new Float64Array(rows);
    this.masks = new Uint8Array(rows * shape.maskWidth);
    this.rewards = new Float64Array(rows);
    this.values = new Float64Array(rows);
    this.terminated = new Uint8Array(rows);
    this.truncated = new Uint8Array(rows);
    this.finalValues = new Float64Array(rows);
    this.lastValues = new Float64Array(shape.envs);
    this.resetFirst = new Uint8Array(shape.envs);
    this.advantages = new Float64Array(rows);
    this.returns = new Float64Array(rows);
    this.valid = new Uint8Array(rows);
  }

  /** Computes advantages, returns and the mask of valid rows; returns the indices of the valid rows in order. */
  finish(mode: AutoresetMode, gamma: number, lambda: number): Uint32Array {
    generalisedAdvantages(mode, this, gamma, lambda, this);
    const rows: number[] = [];
    for (let i = 0; i < this.valid.length; i++) if (this.valid[i] === 1) rows.push(i);
    return Uint32Array.from(rows);
  }

  /** Copies encoded observations, actions and masks of `rows` to the front of the arrays given. */
  gather(rows: Uint32Array, to: { x: Float32Array; actions: Float64Array; masks: Uint8Array }): void {
    if (!this.#engine.gather?.(this.observations, this.inputs, rows, to.x))
      gatherRows(this.observations, this.inputs, rows, to.x);
    gatherRows(this.actions, this.actionWidth, rows, to.actions);
    if (this.maskWidth > 0) gatherRows(this.masks, this.maskWidth, rows, to.masks);
  }
}

function gatherRows<A extends Float32Array | Float64Array | Uint8Array>(
  from: A,
  width: number,
  rows: Uint32Array,
  to: A,
) {
  let next = 0;
  for (let k = 0; k < rows.length; k++) {
    const end = (rows[k]! + 1) * width;
    for (let i = end - width; i < end; i++) to[next++] = from[i]!;
  }
}
