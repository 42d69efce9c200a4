import type { ParameterSlice } from "../../src/core/contracts/network.ts";
import { ContractError } from "../../src/core/errors.ts";

/** How every engine lays out a gated recurrent unit: columns are the reset gate's, the update gate's and the candidate's, `hidden` each. */
export interface GruLayout {
  readonly slices: readonly ParameterSlice[];
  /** Offsets of W [inputs*3H], b [3H], U [H*3H] and c [3H] in the flat vector. */
  readonly inputWeight: number;
  readonly inputBias: number;
  readonly hiddenWeight: number;
  readonly hiddenBias: number;
  /** P, the length of the flat vector. */
  readonly length: number;
}

/** @throws ContractError unless both sizes are positive integers. */
export function gruLayout(inputs: number, hidden: number): GruLayout {
  for (const [which, value] of Object.entries({ inputs, hidden }))
    if (!Number.isInteger(value) || value < 1)
      throw new ContractError("A recurrent network's sizes are wrong.", {
        which,
        value,
        fix: "Pass an integer of at least 1.",
      });
  const width = 3 * hidden;
  const shapes: [name: string, shape: number[]][] = [
    ["input.weight", [inputs, width]],
    ["input.bias", [width]],
    ["hidden.weight", [hidden, width]],
    ["hidden.bias", [width]],
  ];
  let length = 0;
  const slices = shapes.map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const slice = { name: `gru.${name}`, shape, offset: length, length: size };
    length += size;
    return slice;
  });
  const [inputWeight, inputBias, hiddenWeight, hiddenBias] = slices.map((s) => s.offset) as [
    number,
    number,
    number,
    number,
  ];
  return { slices, inputWeight, inputBias, hiddenWeight, hiddenBias, length };
}

/** Throws a ContractError unless the arrays of a forward pass fit `steps` and `batch`. */
export function expectSequences(
  sizes: { inputs: number; hidden: number },
  arrays: { x: Float32Array; state: Float32Array | undefined; resets: Uint8Array | undefined },
  steps: number,
  batch: number,
): void {
  for (const [which, value] of Object.entries({ steps, batch }))
    if (!Number.isInteger(value) || value < 1)
      throw new ContractError("A sequence has at least one step and one row.", {
        which,
        value,
        fix: "Pass an integer of at least 1.",
      });
  const { x, state, resets } = arrays;
  expectAtLeast(x.length, steps * batch * sizes.inputs, "x");
  if (state) expectAtLeast(state.length, batch * sizes.hidden, "state");
  if (resets) expectAtLeast(resets.length, steps * batch, "resets");
}

/** Throws a ContractError unless dL/dy fits the last forward. */
export function expectSequenceGradient(dy: Float32Array, rows: number, hidden: number): void {
  if (rows === 0)
    throw new ContractError("backward needs a forward before it.", { which: "dy", fix: "Call forward first." });
  expectAtLeast(dy.length, rows * hidden, "dy");
}

function expectAtLeast(length: number, wanted: number, which: string): void {
  if (length < wanted)
    throw new ContractError(`"${which}" is too short for the sequences.`, {
      which,
      value: length,
      fix: `Pass at least ${wanted} numbers.`,
    });
}
