import type { Engine } from "../../src/core/contracts/network.ts";

/** Arrays for up to `rows` rows of a minibatch that are computed together, allocated once. n rows use their front. */
export class Minibatch {
  /** Encoded observations [n*inputs], stored actions [n*actionWidth], masks [n*maskWidth]. */
  readonly x: Float32Array;
  readonly actions: Float64Array;
  readonly masks: Uint8Array;
  /** log pi(a|s), entropy and value under the networks as they are now. [n] */
  readonly logProbability: Float64Array;
  readonly entropy: Float64Array;
  readonly v: Float32Array;
  /** The loss's derivatives: dL/dlogp [n], dL/dH [n], dL/dy of the actor [n*outputs], dL/dv [n]. */
  readonly dLogProbability: Float64Array;
  readonly dEntropy: Float64Array;
  readonly dy: Float32Array;
  readonly dv: Float32Array;

  constructor(
    rows: number,
    widths: { inputs: number; actionWidth: number; maskWidth: number },
    outputs: number,
    engine: Engine,
  ) {
    this.x = engine.array(rows * widths.inputs);
    this.actions = new Float64Array(rows * widths.actionWidth);
    this.masks = new Uint8Array(rows * widths.maskWidth);
    this.logProbability = new Float64Array(rows);
    this.entropy = new Float64Array(rows);
    this.v = new Float32Array(rows);
    this.dLogProbability = new Float64Array(rows);
    this.dEntropy = new Float64Array(rows);
    this.dy = new Float32Array(rows * outputs);
    this.dv = new Float32Array(rows);
  }
}

/**
 * Mean and inverse standard deviation (n - 1 in the variance, 1e-8 beside the root) of a minibatch's advantages; 0 and 1 where
 * normalisation is off or there is but one row.
 */
export function advantageScale(advantages: Float64Array, batch: Uint32Array, on: boolean) {
  const n = batch.length;
  if (!on || n < 2) return { mean: 0, scale: 1 };
  let mean = 0;
  for (let k = 0; k < n; k++) mean += advantages[batch[k]!]! / n;
  let squares = 0;
  for (let k = 0; k < n; k++) squares += (advantages[batch[k]!]! - mean) ** 2;
  return { mean, scale: 1 / (Math.sqrt(squares / (n - 1)) + 1e-8) };
}
