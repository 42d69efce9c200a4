import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BASE_FIELDS } from "../../env/market/source.ts";
import { SimulatedMarket } from "../../env/tasks/rebalance/simulated-market.ts";
import { ConfigError, CorruptFileError, type GreekgymError } from "../../src/core/errors.ts";
import { Random } from "../../src/core/random.ts";
import { HashChain } from "../../src/live/hash-chain.ts";
import { parseSession, recordSession } from "../../src/live/session.ts";
import { readSession, writeSession } from "../../src/live/session-file.ts";
import { RecordedMarket, Tape } from "../../src/live/tape.ts";
import { experiment } from "./fixture.ts";

const e = experiment();
const lines = recordSession({ experiment: e, split: "test", seed: 7, episode: 41 });
const text = `${lines.join("\n")}\n`;
const folder = mkdtempSync(join(tmpdir(), "greekgym-session-"));

const refusal = (bad: string, allowTorn = false): GreekgymError | string => {
  try {
    parseSession(bad, "s.jsonl", { allowTorn });
  } catch (error) {
    return error as GreekgymError;
  }
  return "it was read";
};

describe("a recorded session", () => {
  it("holds every number that the market published, bit for bit", () => {
    const path = join(folder, "s.jsonl");
    writeSession(path, lines);
    const { header, frames, complete } = readSession(path);
    expect(complete).toBe(true);
    expect(header.scenario).toEqual(e.scenario);
    expect([header.split, header.seed, header.episode, header.unit]).toEqual(["test", 7, 41, "bpsNotional"]);
    expect(frames).toHaveLength(1441);
    const market = new SimulatedMarket({ scenario: e.scenario, batch: 1, seed: 7, split: "test" });
    market.start(0, 41);
    for (const [step, frame] of frames.entries()) {
      for (const field of BASE_FIELDS) expect(Object.is(frame[field], market.frame[field][0])).toBe(true);
      expect(frame.time).toBe(60 * step);
      if (step < 1440) market.advance(0, step);
    }
  });

  it("has the same bytes whenever the same episode is recorded, and others for another episode, seed or split", () => {
    expect(recordSession({ experiment: e, split: "test", seed: 7, episode: 41 })).toEqual(lines);
    for (const other of [
      { split: "test", seed: 7, episode: 42 },
      { split: "test", seed: 8, episode: 41 },
      { split: "select", seed: 7, episode: 41 },
    ] as const)
      expect(recordSession({ experiment: e, ...other })[1]).not.toEqual(lines[1]);
  });

  it("refuses any changed byte and names its line", () => {
    const bytes = new TextEncoder().encode(text);
    const random = new Random(4, "test/session");
    const path = join(folder, "changed.jsonl");
    for (let trial = 0; trial < 10; trial++) {
      const at = random.integer(bytes.length);
      const line = bytes.subarray(0, at).filter((b) => b === 0x0a).length + 1;
      const changed = bytes.slice();
      changed[at]! ^= 1 << random.integer(8);
      writeFileSync(path, changed);
      for (const allowTorn of [false, true]) {
        let found: unknown;
        try {
          readSession(path, { allowTorn });
        } catch (error) {
          found = error;
        }
        expect(found).toBeInstanceOf(CorruptFileError);
        // A line end that is lost or gained shifts what follows by a line.
        expect([line, line + 1, line - 1].map((n) => `${path}: line ${n}`)).toContain((found as GreekgymError).which);
      }
    }
  });

  it("refuses a line that is lost, moved, doubled or written in another form", () => {
    const swap = lines.slice();
    [swap[10], swap[11]] = [swap[11]!, swap[10]!];
    for (const bad of [lines.toSpliced(10, 1), lines.toSpliced(10, 0, lines[9]!), swap]) {
      const error = refusal(`${bad.join("\n")}\n`) as GreekgymError;
      expect(error.which).toBe("s.jsonl: line 11");
    }
    const spaced = lines.with(10, lines[10]!.replace(":", ": "));
    expect((refusal(`${spaced.join("\n")}\n`) as GreekgymError).which).toBe("s.jsonl: line 11");
  });

  it("refuses a torn one, and uses what is whole where that is allowed", () => {
    const cutInLine = text.slice(0, text.indexOf("\n", 200_000) + 37);
    const error = refusal(cutInLine) as GreekgymError;
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.short).toContain("its last line is torn");
    expect(error.fix).toContain("--allow-torn");
    const whole = cutInLine.slice(0, cutInLine.lastIndexOf("\n") + 1);
    expect((refusal(whole) as GreekgymError).short).toContain("it ends before its seal");
    for (const part of [cutInLine, whole]) {
      const session = parseSession(part, "s.jsonl", { allowTorn: true });
      expect(session.complete).toBe(false);
      expect(session.frames).toHaveLength(whole.split("\n").length - 2);
    }
    expect(refusal("", true)).toBeInstanceOf(CorruptFileError);
    expect(refusal(`${lines[0]}\n`, true)).toBeInstanceOf(CorruptFileError);
  });

  it("refuses a frame that no market publishes, though its chain is whole", () => {
    const header = JSON.parse(lines[0]!);
    const { prev: _, seq: __, hash: ___, ...own } = header;
    const frame = {
      step: 0,
      time: 0,
      price: 2000,
      volatility: 0.7,
      baseFeeGwei: 3,
      fillPrice: 2000,
      fillBaseFeeGwei: 3,
    };
    for (const [field, value] of [
      ["price", 0],
      ["volatility", -0.1],
      ["baseFeeGwei", null],
      ["fillPrice", "2000"],
      ["step", 1],
      ["time", 60],
    ] as const) {
      const chain = new HashChain();
      const forged = [chain.line(own), chain.line({ ...frame, [field]: value })].join("\n");
      const error = refusal(`${forged}\n`, true) as GreekgymError;
      expect(error.which, field).toBe("s.jsonl: line 2");
      expect(error.message).toContain(`value: ${JSON.stringify(value)}`);
    }
  });

  it("refuses another format, another version and features that this program computes otherwise", () => {
    const { prev: _, seq: __, hash: ___, ...own } = JSON.parse(lines[0]!);
    const withHeader = (changes: object) =>
      refusal(`${new HashChain().line({ ...own, ...changes })}\n`, true) as GreekgymError;
    expect(withHeader({ format: "x" }).which).toBe("s.jsonl: line 1, format");
    expect(withHeader({ version: 2 }).message).toContain("value: 2");
    expect(withHeader({ featureConfig: { ...own.featureConfig, legs: 5 } })).toBeInstanceOf(ConfigError);
    expect(withHeader({ scenario: { ...own.scenario, maturityDays: -1 } }).which).toBe(
      "s.jsonl: line 1, scenario.maturityDays",
    );
  });
});

describe("the recorded market", () => {
  it("plays the same frames back in each environment of a batch, and after a saved state", () => {
    const { frames, header } = parseSession(text, "s.jsonl");
    const tape = new Tape(header.steps);
    for (const frame of frames) tape.publish(frame);
    const market = new RecordedMarket(tape, 2);
    market.start(0, 0);
    market.start(1, 1);
    market.advance(0, 99);
    market.advance(1, 99);
    for (const field of BASE_FIELDS)
      expect(Array.from(market.frame[field])).toEqual([frames[100]![field], frames[100]![field]]);
    const saved = market.saveState();
    market.advance(0, 500);
    market.loadState(saved);
    expect(market.frame.price[0]).toBe(frames[100]!.price);
  });

  it("says so where a frame has not been published or comes out of order", () => {
    const tape = new Tape(3);
    const frame = parseSession(text, "s.jsonl").frames[0]!;
    tape.publish(frame);
    const market = new RecordedMarket(tape);
    market.start(0, 0);
    expect(() => market.advance(0, 0)).toThrow("A frame has not been published.");
    expect(() => tape.publish(frame)).toThrow("A frame is out of order.");
  });

  it("writes a file that ends in one line end", () => {
    const path = join(folder, "end.jsonl");
    writeSession(path, lines);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});
