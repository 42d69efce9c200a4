import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import { encodeSafetensors } from "../../src/core/safetensors.ts";
import type { StateTree } from "../../src/core/state.ts";
import {
  checkpointName,
  latestGoodCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  readCheckpoint,
  writeCheckpoint,
} from "../../src/store/checkpoint.ts";
import { decodeState, encodeState } from "../../src/store/state-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const STATE: StateTree = {
  agent: {
    weights: new Float32Array([1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1e-45]),
    optimiser: { m: new Float64Array([Math.PI]), t: 12 },
  },
  numbers: [-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53, 0.1],
  streams: [{ a: 4294967295 }, { words: new Uint32Array([1, 2]) }, [], {}, new Int32Array(0)],
  "odd/name~": { $tensor: "not a tensor", $number: "-0", text: 'quotes "sha256":"' },
  mask: new Uint8Array([1, 0]),
  nothing: null,
  done: false,
};

const log = () => {
  const warnings: string[] = [];
  return { warnings, info() {}, warn: (text: string) => void warnings.push(text) };
};

describe("a checkpoint", () => {
  it("gives the state back bit for bit: -0, NaN, infinities, lists, odd names", () => {
    const path = writeCheckpoint(folder, 1234, STATE);
    expect(path.endsWith("checkpoint-000000001234.safetensors")).toBe(true);
    const back = readCheckpoint(path);
    expect(back.step).toBe(1234);
    // vitest compares with Object.is, and so tells -0 from 0.
    expect(back.state).toStrictEqual(STATE);
  });

  it("has the same bytes for the same state, whatever the order of its keys", () => {
    const reversed = Object.fromEntries(Object.entries(STATE).reverse()) as StateTree;
    expect(encodeState({ kind: "checkpoint", step: 1, state: reversed })).toEqual(
      encodeState({ kind: "checkpoint", step: 1, state: STATE }),
    );
  });

  it("survives for any tree", () => {
    const tree = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.double(),
        fc.integer(),
        fc.string({ unit: "grapheme" }),
        fc.boolean(),
        fc.constant(null),
        fc.float64Array({ maxLength: 4 }),
        fc.uint8Array({ maxLength: 4 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string({ unit: "grapheme" }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tree, { maxKeys: 5, noNullPrototype: true }), (state) => {
        const bytes = encodeState({ kind: "checkpoint", step: 7, state: state as StateTree });
        expect(decodeState(bytes, "checkpoint", "x").state).toStrictEqual(state);
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it("is refused after any single byte is changed", () => {
    const bytes = encodeState({ kind: "checkpoint", step: 3, state: STATE });
    for (let i = 0; i < bytes.length; i++) {
      const tampered = bytes.slice();
      tampered[i]! ^= 1;
      expect(() => decodeState(tampered, "checkpoint", "x"), `byte ${i}`).toThrow(CorruptFileError);
    }
  });

  it("is refused when cut anywhere", () => {
    const bytes = encodeState({ kind: "checkpoint", step: 3, state: STATE });
    for (let n = 0; n < bytes.length; n += 7)
      expect(() => decodeState(bytes.subarray(0, n), "checkpoint", "x"), `cut at ${n}`).toThrow(CorruptFileError);
  });

  it("is refused by name when another program or kind of file lies there", () => {
    const path = join(folder, checkpointName(5));
    writeFileSync(path, encodeSafetensors(new Map([["w", { shape: [1], data: new Float32Array(1) }]])));
    expect(() => readCheckpoint(path)).toThrow(
      [
        "This is not a whole checkpoint: another program wrote it.",
        `  where: ${path}`,
        "  fix:   Use an earlier checkpoint or an intact copy of the file.",
      ].join("\n"),
    );
    writeFileSync(path, encodeState({ kind: "environment", step: 5, state: {} }));
    expect(() => readCheckpoint(path)).toThrow("it is a environment");
  });

  it.each([
    ["a function", { a: { f: () => 1 } }, "a/f"],
    ["undefined", { a: undefined }, "a"],
    ["an array of another type", { a: [new Int8Array(2)] }, "a/0"],
    ["a class instance", { a: new Map() }, "a"],
    ["half a surrogate pair", { a: "\ud800" }, "a"],
  ])("cannot hold %s, and says where", (_, state, where) => {
    try {
      encodeState({ kind: "checkpoint", step: 0, state: state as unknown as StateTree });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ContractError);
      expect((error as ContractError).which).toBe(where);
    }
  });
});

describe("the folder of checkpoints", () => {
  it("gives the newest, and skips corrupt ones with a warning", () => {
    for (const step of [9, 10, 200]) writeCheckpoint(folder, step, { step });
    const said = log();
    expect(latestGoodCheckpoint(folder, said)?.step).toBe(200);
    expect(said.warnings).toEqual([]);
    truncateSync(join(folder, checkpointName(200)), 50);
    expect(latestGoodCheckpoint(folder, said)?.state).toEqual({ step: 10 });
    expect(said.warnings.join()).toContain(checkpointName(200));
  });

  it("has none while it is empty, absent or all corrupt", () => {
    expect(latestGoodCheckpoint(join(folder, "absent"), log())).toBeUndefined();
    writeFileSync(join(folder, checkpointName(1)), "");
    writeFileSync(join(folder, "notes.txt"), "");
    const said = log();
    expect(latestGoodCheckpoint(folder, said)).toBeUndefined();
    expect(said.warnings).toHaveLength(1);
  });

  it("keeps the last k and every best", () => {
    for (const step of [1, 2, 3, 4, 5]) writeCheckpoint(folder, step, {}, step === 2);
    pruneCheckpoints(folder, 2);
    expect(listCheckpoints(folder).map((c) => [c.step, c.best])).toEqual([
      [2, true],
      [4, false],
      [5, false],
    ]);
    expect(() => pruneCheckpoints(folder, 0)).toThrow(ContractError);
  });

  it("holds no temporary files after writing", () => {
    writeCheckpoint(folder, 1, STATE);
    writeCheckpoint(folder, 1, STATE);
    expect(readdirSync(folder)).toEqual([checkpointName(1)]);
    expect(readFileSync(join(folder, checkpointName(1))).length).toBeGreaterThan(100);
  });

  it.each([-1, 0.5, 1e12, Number.NaN])("refuses the step %s", (step) => {
    expect(() => checkpointName(step)).toThrow(ContractError);
  });
});
