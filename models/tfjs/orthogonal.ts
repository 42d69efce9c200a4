import { Random } from "../../src/core/random.ts";
import { orthogonalMatrix } from "../nets/initialise.ts";
import type { TensorFlow } from "./tensorflow.ts";

interface Orthogonal {
  readonly gain: number;
  readonly seed: number | null | undefined;
  apply(shape: number[]): unknown;
}

/**
 * Has TensorFlow.js draw orthogonal weights (of recurrent layers) by our own code: its QR decomposition is slow, rounds differently on
 * each backend and warns on the console about matrices of more than 2000 numbers.
 */
export function replaceOrthogonal(tf: TensorFlow): void {
  const [orthogonal] = tf.serialization.SerializationMap.getMap().classNameMap.Orthogonal!;
  const prototype = (orthogonal as unknown as { prototype: Orthogonal }).prototype;
  prototype.apply = function (shape) {
    const columns = shape.at(-1)!;
    const out = new Float32Array(shape.reduce((product, n) => product * n, 1));
    const seed = this.seed ?? tf.tidy(() => tf.randomUniform([1], 0, 2 ** 31).dataSync()[0]!);
    orthogonalMatrix(out, [out.length / columns, columns], this.gain, new Random(seed, "tfjs/orthogonal"));
    return tf.tensor(out, shape);
  };
}
