import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { ContractError } from "../../src/core/errors.ts";
import { crc32c, encodeRecord, maskedCrc, TensorBoardWriter } from "../../src/store/tensorboard.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-tb-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ascii = (text: string) => new TextEncoder().encode(text);

/** A reader of its own: field numbers and wire types as protobuf's encoding page has them. */
type Fields = Map<number, (bigint | Uint8Array)[]>;
function parseMessage(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint()) : 0;
    const value = wire === 0 ? varint() : bytes.slice(at, (at += length));
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  expect(at).toBe(bytes.length);
  return fields;
}

function readEvents(path: string) {
  const bytes = new Uint8Array(readFileSync(path));
  const view = new DataView(bytes.buffer);
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
    const payload = bytes.slice(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc(payload));
    at += 16 + length;
    const event = parseMessage(payload);
    const summary = event.get(5)?.[0] as Uint8Array | undefined;
    const session = event.get(7)?.[0] as Uint8Array | undefined;
    events.push({
      time: new DataView((event.get(1)![0] as Uint8Array).buffer).getFloat64(0, true),
      step: Number(event.get(2)![0]),
      version: event.has(3) ? new TextDecoder().decode(event.get(3)![0] as Uint8Array) : undefined,
      session: session === undefined ? undefined : Number(parseMessage(session).get(1)![0]),
      scalars: (summary === undefined ? [] : (parseMessage(summary).get(1) as Uint8Array[])).map((value) => {
        const fields = parseMessage(value);
        return [
          new TextDecoder().decode(fields.get(1)![0] as Uint8Array),
          new DataView((fields.get(2)![0] as Uint8Array).buffer).getFloat32(0, true),
        ];
      }),
    });
  }
  return events;
}

describe("crc32c", () => {
  it.each([
    // The check value of CRC-32C in the catalogue of parametrised CRC algorithms.
    ["123456789", ascii("123456789"), 0xe3069283],
    // RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and counting up.
    ["zeros", new Uint8Array(32), 0x8a9136aa],
    ["ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["counting", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["nothing", new Uint8Array(0), 0],
  ])("of %s is the published one", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it("is masked by a rotation of 15 bits and a constant", () => {
    const crc = BigInt(crc32c(ascii("123456789")));
    const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
    expect(BigInt(maskedCrc(ascii("123456789")))).toBe((rotated + 0xa282ead8n) & 0xffffffffn);
  });
});

describe("the event file", () => {
  it("decodes to the version, then the scalars with their steps and times", () => {
    const clock = new ManualClock(0, 1_700_000_000_500);
    const writer = new TensorBoardWriter(folder, clock);
    writer.scalars(128, { "train/loss": 0.5, "train/std": Number.NaN });
    clock.advance(2);
    writer.scalars(5_000_000_000, { "train/loss": -1e-3 });
    writer.scalars(6, {});
    writer.close();
    expect(readEvents(writer.path)).toEqual([
      { time: 1_700_000_000.5, step: 0, version: "brain.Event:2", session: undefined, scalars: [] },
      {
        time: 1_700_000_000.5,
        step: 128,
        version: undefined,
        session: undefined,
        scalars: [
          ["train/loss", 0.5],
          ["train/std", Number.NaN],
        ],
      },
      {
        time: 1_700_000_002.5,
        step: 5_000_000_000,
        version: undefined,
        session: undefined,
        scalars: [["train/loss", Math.fround(-1e-3)]],
      },
    ]);
  });

  it("numbers its files, and marks a resume so that later points of the earlier file are dropped", () => {
    new TensorBoardWriter(folder, new ManualClock()).close();
    const second = new TensorBoardWriter(folder, new ManualClock(), 0);
    second.close();
    expect(basename(second.path)).toBe("events.out.tfevents.0000000002.greekgym");
    // SessionLog.START = 1; TensorBoard drops points from its step on.
    expect(readEvents(second.path)[1]).toMatchObject({ session: 1, step: 1 });
  });

  it("frames a record with its length and two checksums", () => {
    const record = encodeRecord(ascii("abc"));
    expect(record.length).toBe(19);
    expect([...record.subarray(0, 8)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(record.subarray(12, 15))).toBe("abc");
  });

  it("refuses steps that are not whole, and writing after close", () => {
    const writer = new TensorBoardWriter(folder, new ManualClock());
    expect(() => writer.scalars(0.5, { a: 1 })).toThrow(ContractError);
    expect(() => writer.scalars(-1, { a: 1 })).toThrow(ContractError);
    writer.close();
    expect(() => writer.scalars(1, { a: 1 })).toThrow(/closed/);
  });
});
