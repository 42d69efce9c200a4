import type { Tensor, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import { type Activation, mlpLayout } from "../kernel/layout.ts";
import { type Mirror, SharedFunction } from "./network.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** The multi-layer perceptron that every engine has, its parameters laid out as in all of them. */
export function perceptron(
  tf: TensorFlow,
  use: () => void,
  sizes: readonly number[],
  activation: Activation,
): SharedFunction {
  const { slices } = mlpLayout(sizes);
  const mirrors: Mirror[] = slices.map((slice) => ({
    slice,
    variable: tf.variable(tf.zeros(slice.shape as number[])),
    trained: true,
  }));
  const bend = { tanh: tf.tanh, relu: tf.relu, identity: (x: Tensor) => x }[activation];
  const last = mirrors.length - 2;
  return new SharedFunction(tf, use, { inputs: sizes[0]!, outputs: sizes.at(-1)!, mirrors }, (x) => {
    let y: Tensor = x;
    for (let i = 0; i <= last; i += 2) {
      const z = tf.add(tf.matMul(y as Tensor2D, mirrors[i]!.variable as Variable<never>), mirrors[i + 1]!.variable);
      y = i < last ? bend(z) : z;
    }
    return y;
  });
}
