import type { Optimiser, ParameterSet } from "./network.ts";

/** What a backward pass through time gives besides the gradients of the parameters. Views, valid until the next call. */
export interface RecurrentGradients {
  /** dL/dx. [T*B*inputs] */
  readonly dx: Float32Array;
  /** dL/dstate before the first step; 0 where the state was reset there. [B*hidden] */
  readonly dState: Float32Array;
}

/**
 * A recurrent layer over T steps of B sequences, rows t*B+b. Its state is the caller's: a learner keeps the state that each decision started from (a
 * policy's memory is [B*hidden], one state a row), replays any stretch of a sequence from there, and backpropagation ends where the stretch begins.
 */
export interface RecurrentNetwork {
  readonly inputs: number;
  /** Numbers of state, which are the output too. */
  readonly hidden: number;
  readonly parameters: ParameterSet;
  /**
   * Runs `steps` steps and returns a view of the state after each [T*B*hidden]; its last B rows are what goes on. Remembers what backward needs.
   * @param x inputs [T*B*inputs]
   * @param state the state before the first step [B*hidden]; zeros where left out
   * @param resets 1 where an episode ended before the step, so that the state is zeroed first [T*B]; nowhere where left out
   */
  forward(x: Float32Array, steps: number, batch: number, state?: Float32Array, resets?: Uint8Array): Float32Array;
  /** Accumulates parameter gradients for dL/dy [T*B*hidden], the state after the last step included; truncated at the first step. */
  backward(dy: Float32Array): RecurrentGradients;
  /** Sets all gradients to 0. */
  zeroGradients(): void;
  /** Applies one optimiser step to the accumulated gradients. */
  step(optimiser: Optimiser): void;
}
