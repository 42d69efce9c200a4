import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { ContractError } from "../core/errors.ts";
import { guardFile } from "./file-errors.ts";

/**
 * TensorBoard event files by hand. A file is a sequence of TFRecords (length, masked CRC-32C of it, payload, masked CRC-32C of that),
 * each holding one protobuf `Event` (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
 */

/** The reflected Castagnoli polynomial (RFC 3720, appendix B.4). */
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c;
});

/** CRC-32C of bytes, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}

/** TFRecord's masked checksum: rotated right by 15 bits plus a constant. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One TFRecord around a payload. */
export function encodeRecord(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(payload, 12);
  view.setUint32(12 + payload.length, maskedCrc(payload), true);
  return bytes;
}

function varint(value: number): number[] {
  const out: number[] = [];
  // Steps go beyond 32 bits, so division instead of shifts.
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

function field(number: number, wire: number, body: readonly number[] | Uint8Array): number[] {
  return [...varint(number * 8 + wire), ...body];
}

/** A length-delimited field: text, bytes or a message. */
function chunk(number: number, body: readonly number[] | Uint8Array): number[] {
  return field(number, 2, [...varint(body.length), ...body]);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function event(wallSeconds: number, step: number, what: readonly number[]): Uint8Array {
  const time = new Uint8Array(new Float64Array([wallSeconds]).buffer);
  return Uint8Array.from([...field(1, 1, time), ...field(2, 0, varint(step)), ...what]);
}

const PREFIX = "events.out.tfevents.";
/** SessionLog.START: TensorBoard then drops points of earlier files from this step on. */
const SESSION_START = field(1, 0, [1]);

/** Writes one event file of scalars; each start or resume of a run begins a new one. */
export class TensorBoardWriter {
  readonly path: string;
  readonly #clock: Clock;
  #handle: number | undefined;

  /** Begins the next file in `folder`, which must exist; files are numbered, not stamped with the time. `resumeStep`: the step a resume continues from. */
  constructor(folder: string, clock: Clock, resumeStep?: number) {
    this.#clock = clock;
    const { path, handle } = guardFile(folder, "begin a TensorBoard event file", () => {
      const last = readdirSync(folder)
        .filter((name) => name.startsWith(PREFIX))
        .map((name) => Number.parseInt(name.slice(PREFIX.length), 10))
        .reduce((a, b) => Math.max(a, Number.isNaN(b) ? 0 : b), 0);
      const path = join(folder, `${PREFIX}${String(last + 1).padStart(10, "0")}.greekgym`);
      return { path, handle: openSync(path, "ax") };
    });
    this.path = path;
    this.#handle = handle;
    this.#write(0, chunk(3, text("brain.Event:2")));
    if (resumeStep !== undefined) this.#write(resumeStep + 1, chunk(7, SESSION_START));
  }

  #write(step: number, what: readonly number[]): void {
    const handle = this.#handle;
    if (handle === undefined)
      throw new ContractError("The event file is closed.", { which: this.path, fix: "Begin a new one." });
    const record = encodeRecord(event(this.#clock.wallMilliseconds() / 1000, step, what));
    guardFile(this.path, "append to the event file", () => {
      let at = 0;
      while (at < record.length) at += writeSync(handle, record, at);
    });
  }

  /** Appends scalars (single precision, as the format has them) at a step, a whole number ≥ 0. */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    if (!Number.isSafeInteger(step) || step < 0)
      throw new ContractError("A step must be a whole number.", { which: "step", value: step, fix: "Use 0 or more." });
    const summary = Object.entries(values).flatMap(([tag, value]) =>
      chunk(1, [...chunk(1, text(tag)), ...field(2, 5, new Uint8Array(new Float32Array([value]).buffer))]),
    );
    if (summary.length > 0) this.#write(step, chunk(5, summary));
  }

  close(): void {
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    this.#handle = undefined;
    guardFile(this.path, "close the event file", () => closeSync(handle));
  }
}
