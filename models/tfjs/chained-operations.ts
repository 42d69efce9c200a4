import type * as core from "@tensorflow/tfjs-core";

/** Operations whose method on a tensor is the function itself: x.tanh() is tanh(x). */
const PLAIN =
  `abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchToSpaceND batchNorm broadcastTo cast
ceil clipByValue conv1d conv2d conv2dTranspose cos cosh cumprod cumsum depthToSpace depthwiseConv2d dilation2d div divNoNan dot elu
equal erf euclideanNorm exp expandDims expm1 fft floor floorDiv gather greater greaterEqual ifft irfft isFinite isInf isNaN leakyRelu
less lessEqual localResponseNormalization log log1p logSigmoid logSoftmax logSumExp logicalAnd logicalNot logicalOr logicalXor matMul
max maxPool maximum mean min minimum mirrorPad mod mul neg norm notEqual oneHot onesLike pad pool pow prelu prod reciprocal relu relu6
reshape reverse rfft round rsqrt selu separableConv2d sigmoid sign sin sinh slice softmax softplus spaceToBatchND split sqrt square
squaredDifference squeeze step stridedSlice sub sum tan tanh tile topk transpose unique unsortedSegmentSum unstack zerosLike`.split(
    /\s+/,
  );

type Methods = Record<string, (this: core.Tensor, ...rest: never[]) => unknown>;

/**
 * Adds the methods of tensors (x.tanh(), x.mul(y)), which layers use and tfjs-core leaves to the bundle `@tensorflow/tfjs`, whose
 * native and WebGL parts are not wanted here. Methods that are there already stay.
 */
export function addChainedOperations(tf: typeof core): void {
  const methods = tf.Tensor.prototype as unknown as Methods;
  const functions = tf as unknown as Record<string, (...all: unknown[]) => unknown>;
  for (const name of PLAIN)
    methods[name] ??= function (...rest) {
      return functions[name]!(this, ...rest);
    };
  const add = (named: Methods) => {
    for (const [name, method] of Object.entries(named)) methods[name] ??= method;
  };
  type Others = core.Tensor | core.Tensor[];
  const list = (x: Others) => (Array.isArray(x) ? x : [x]);
  add({
    flatten() {
      return tf.reshape(this, [this.size]);
    },
    as1D() {
      return tf.reshape(this, [this.size]);
    },
    asScalar() {
      return tf.reshape(this, []);
    },
    reshapeAs(x: core.Tensor) {
      return tf.reshape(this, x.shape);
    },
    asType(type: core.DataType) {
      return tf.cast(this, type);
    },
    toFloat() {
      return tf.cast(this, "float32");
    },
    toInt() {
      return tf.cast(this, "int32");
    },
    toBool() {
      return tf.cast(this, "bool");
    },
    concat(x: Others, axis?: number) {
      return tf.concat([this, ...list(x)], axis);
    },
    stack(x: Others, axis?: number) {
      return tf.stack([this, ...list(x)], axis);
    },
    where(condition: core.Tensor, x: core.Tensor) {
      return tf.where(condition, this, x);
    },
  });
}
