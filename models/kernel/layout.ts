import type { Activation, ParameterSlice } from "../../src/core/contracts/network.ts";
import { ContractError } from "../../src/core/errors.ts";

export type { Activation };

/** One dense layer inside the flat parameter vector: weights [inputs*outputs] (row = input), then biases [outputs]. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weightOffset: number;
  readonly biasOffset: number;
}

/** How every engine lays out the parameters of a multi-layer perceptron, so that weights move between engines as they are. */
export interface MlpLayout {
  readonly layers: readonly DenseLayer[];
  readonly slices: readonly ParameterSlice[];
  /** P, the length of the flat vector. */
  readonly length: number;
}

/**
 * Lays out layers `sizes` = [inputs, hidden..., outputs] as `layers.i.weight` [inputs, outputs] and `layers.i.bias` [outputs].
 * @throws ContractError for fewer than two sizes or one that is not a positive integer.
 */
export function mlpLayout(sizes: readonly number[]): MlpLayout {
  if (sizes.length < 2 || sizes.some((n) => !Number.isInteger(n) || n < 1))
    throw new ContractError("A network's sizes are wrong.", {
      which: "sizes",
      value: sizes,
      fix: "Pass [inputs, hidden..., outputs], each an integer of at least 1.",
    });
  const layers: DenseLayer[] = [];
  const slices: ParameterSlice[] = [];
  let offset = 0;
  for (let i = 0; i + 1 < sizes.length; i++) {
    const inputs = sizes[i]!;
    const outputs = sizes[i + 1]!;
    const biasOffset = offset + inputs * outputs;
    layers.push({ inputs, outputs, weightOffset: offset, biasOffset });
    slices.push(
      { name: `layers.${i}.weight`, shape: [inputs, outputs], offset, length: inputs * outputs },
      { name: `layers.${i}.bias`, shape: [outputs], offset: biasOffset, length: outputs },
    );
    offset = biasOffset + outputs;
  }
  return { layers, slices, length: offset };
}

/** Throws a ContractError unless `batch` is a positive integer and the array holds `batch` rows of `width`. */
export function expectRows(array: Float32Array, batch: number, width: number, name: string): void {
  if (!Number.isInteger(batch) || batch < 1)
    throw new ContractError("A batch must hold at least one row.", {
      which: "batch",
      value: batch,
      fix: "Pass an integer of at least 1.",
    });
  if (array.length < batch * width)
    throw new ContractError(`"${name}" is too short for the batch.`, {
      which: name,
      value: array.length,
      fix: `Pass at least batch * width = ${batch} * ${width} = ${batch * width} numbers.`,
    });
}

/** Throws a ContractError unless a backward pass follows a forward pass of the same batch. */
export function expectSameBatch(batch: number, forwardBatch: number): void {
  if (batch !== forwardBatch)
    throw new ContractError("backward needs the batch of the last forward.", {
      which: "batch",
      value: batch,
      fix: forwardBatch === 0 ? "Call forward first." : `Pass ${forwardBatch}.`,
    });
}
