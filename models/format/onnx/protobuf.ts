/**
 * Writes the protocol buffers wire format (protobuf.dev/programming-guides/encoding): the four kinds of field that an ONNX model is made of.
 * By hand: a generated library is a hundred times as long and one more dependency of a page that exports a policy.
 */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** int32, int64, enum, bool: `value` is a whole number from -2^53 to 2^53. */
  integer(field: number, value: number): this {
    this.#key(field, 0);
    // Negative numbers are written as their 64-bit two's complement.
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** float. */
  float(field: number, value: number): this {
    this.#key(field, 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, 2);
    this.#varint(BigInt(value.length));
    this.#push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }

  encode(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #key(field: number, wireType: number): void {
    this.#varint(BigInt(field * 8 + wireType));
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
