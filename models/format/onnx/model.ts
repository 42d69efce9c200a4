import { Message } from "./protobuf.ts";

/** The part of ONNX's onnx.proto3 (IR version 7) that a policy needs. Field numbers are those of that file. */

/** Tensor element types: TensorProto.DataType. */
export const TYPE = { float: 1, int64: 7, bool: 9, double: 11 } as const;
export type ElementType = keyof typeof TYPE;

/** Operators are those of this version of the default operator set: runtimes know it since 2020. */
export const OPERATOR_SET = 13;
const IR_VERSION = 7;

export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. Whole numbers are written as int64. */
  readonly data: Float32Array | Float64Array | BigInt64Array;
}

export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers: all that these operators take. */
  readonly attributes: Readonly<Record<string, number | readonly number[]>>;
}

/** An input or output; a name among the dimensions stands for any number. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
  readonly description: string;
}

export interface OnnxModel {
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly constants: readonly Constant[];
  /** In an order in which each can be computed from those before it. */
  readonly nodes: readonly GraphNode[];
}

/** The bytes of a .onnx file. The same model gives the same bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const graph = new Message();
  for (const node of model.nodes) graph.message(1, nodeProto(node));
  graph.string(2, model.name);
  for (const constant of model.constants) graph.message(5, tensorProto(constant));
  graph.string(10, model.description);
  for (const port of model.inputs) graph.message(11, valueInfo(port));
  for (const port of model.outputs) graph.message(12, valueInfo(port));
  const out = new Message()
    .integer(1, IR_VERSION)
    .string(2, "greekgym")
    .string(6, model.description)
    .message(7, graph)
    .message(8, new Message().string(1, "").integer(2, OPERATOR_SET));
  for (const [key, value] of Object.entries(model.metadata))
    out.message(14, new Message().string(1, key).string(2, value));
  return out.encode();
}

function nodeProto({ name, operator, inputs, outputs, attributes }: GraphNode): Message {
  const out = new Message();
  for (const input of inputs) out.string(1, input);
  for (const output of outputs) out.string(2, output);
  out.string(3, name).string(4, operator);
  for (const [key, value] of Object.entries(attributes)) {
    const attribute = new Message().string(1, key);
    // AttributeProto.AttributeType: 2 = INT, 7 = INTS.
    if (typeof value === "number") attribute.integer(3, value).integer(20, 2);
    else {
      for (const item of value) attribute.integer(8, item);
      attribute.integer(20, 7);
    }
    out.message(5, attribute);
  }
  return out;
}

function tensorProto({ name, shape, data }: Constant): Message {
  const out = new Message();
  for (const size of shape) out.integer(1, size);
  const type: ElementType = data instanceof Float32Array ? "float" : data instanceof Float64Array ? "double" : "int64";
  return out.integer(2, TYPE[type]).string(8, name).bytes(9, littleEndian(data));
}

/** Raw data of a TensorProto is little-endian on every machine. */
function littleEndian(data: Constant["data"]): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const at = i * data.BYTES_PER_ELEMENT;
    if (data instanceof Float32Array) view.setFloat32(at, data[i]!, true);
    else if (data instanceof Float64Array) view.setFloat64(at, data[i]!, true);
    else view.setBigInt64(at, data[i]!, true);
  }
  return bytes;
}

function valueInfo({ name, type, shape, description }: Port): Message {
  const dimensions = new Message();
  for (const size of shape)
    dimensions.message(1, typeof size === "number" ? new Message().integer(1, size) : new Message().string(2, size));
  const tensor = new Message().integer(1, TYPE[type]).message(2, dimensions);
  return new Message().string(1, name).message(2, new Message().message(1, tensor)).string(3, description);
}
