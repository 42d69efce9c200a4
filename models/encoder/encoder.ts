import type { EncoderSpec } from "../../src/core/contracts/encoder.ts";
import { type FeatureSchema, featureIndex } from "../../src/core/contracts/features.ts";
import { ConfigError, ContractError, didYouMean } from "../../src/core/errors.ts";

/** Raw features of a batch → network input. */
export interface Encoder {
  /** Numbers of network input a row. */
  readonly size: number;
  /**
   * Writes out[b*size+i] = clamp((x - mean_i) / sqrt(variance_i + epsilon), ±clip), x being the i-th selected feature; computed in float64
   * as the learner does, rounded to float32 once. A feature that is not available becomes 0, which is its mean. A NaN stays one.
   * @param features raw features [batch*F]   @param available [F], 1 where the feature can be had
   * Throws a ContractError where an array is too short for the batch.
   */
  encodeInto(out: Float32Array, features: Float64Array, batch: number, available: Uint8Array): void;
  /** `encodeInto` with every feature available. */
  encode(batch: number, features: Float64Array, out: Float32Array): void;
}

/**
 * Resolves a spec against a schema.
 * Throws a ConfigError for a feature that the schema does not have or that is selected twice, for statistics of another length, a variance that
 * is negative or not a number, and a clip that is not positive.
 */
export function makeEncoder(spec: EncoderSpec, schema: FeatureSchema): Encoder {
  const size = spec.features.length;
  const width = schema.features.length;
  const columns = selectedColumns(spec.features, schema);
  checkStatistics(spec);
  const mean = Float64Array.from(spec.mean);
  const deviation = Float64Array.from(spec.variance, (v) => Math.sqrt(v + spec.epsilon));
  const { clip } = spec;
  const all = new Uint8Array(width).fill(1);
  const encodeInto = (out: Float32Array, features: Float64Array, batch: number, available: Uint8Array) => {
    expectAtLeast(features, batch * width, "features");
    expectAtLeast(out, batch * size, "out");
    expectAtLeast(available, width, "available");
    for (let i = 0; i < size; i++) {
      const column = columns[i]!;
      const m = mean[i]!;
      const d = deviation[i]!;
      if (available[column] === 0) {
        for (let b = 0; b < batch; b++) out[b * size + i] = 0;
        continue;
      }
      for (let b = 0; b < batch; b++) {
        // A division, not a product with 1 / d: the last bit is the learner's.
        const x = (features[b * width + column]! - m) / d;
        out[b * size + i] = Math.min(Math.max(x, -clip), clip);
      }
    }
  };
  return { size, encodeInto, encode: (batch, features, out) => encodeInto(out, features, batch, all) };
}

function selectedColumns(names: readonly string[], schema: FeatureSchema): Int32Array {
  if (names.length === 0)
    throw new ConfigError("An encoder selects no feature.", {
      which: "encoder.features",
      value: names,
      fix: "Name at least one feature.",
    });
  const index = featureIndex(schema);
  return Int32Array.from(names, (name, i) => {
    const which = `encoder.features[${i}]`;
    const column = Object.hasOwn(index, name) ? index[name] : undefined;
    if (column === undefined)
      throw new ConfigError("An encoder selects a feature that the schema does not have.", {
        which,
        value: name,
        fix: "Use a feature of this environment.",
        hints: didYouMean(name, Object.keys(index)),
      });
    if (names.indexOf(name) !== i)
      throw new ConfigError("An encoder selects a feature twice.", { which, value: name, fix: "Name it once." });
    return column;
  });
}

function checkStatistics(spec: EncoderSpec): void {
  const fail = (which: string, value: unknown, fix: string) => {
    throw new ConfigError("An encoder's statistics are wrong.", { which: `encoder.${which}`, value, fix });
  };
  for (const name of ["mean", "variance"] as const) {
    const values = spec[name];
    if (values.length !== spec.features.length) fail(name, values.length, `Give ${spec.features.length} numbers.`);
    values.forEach((v, i) => {
      if (!Number.isFinite(v) || (name === "variance" && v < 0))
        fail(`${name}[${i}]`, v, name === "variance" ? "Give a finite number of 0 or more." : "Give a finite number.");
      if (name === "variance" && !(v + spec.epsilon > 0))
        fail(`variance[${i}]`, v, "Give a variance above 0, or an epsilon above 0.");
    });
  }
  if (!(spec.clip > 0)) fail("clip", spec.clip, "Give a number above 0.");
}

function expectAtLeast(array: { length: number }, length: number, name: string): void {
  if (array.length < length)
    throw new ContractError(`"${name}" is too short for the batch.`, {
      which: name,
      value: array.length,
      fix: `Pass at least ${length} numbers.`,
    });
}
