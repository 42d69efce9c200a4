import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../src/core/errors.ts";
import { loadConfig } from "../../src/core/yaml-config.ts";

const schema = z.strictObject({
  scenario: z.strictObject({
    name: z.string().min(1),
    volatility: z.number().positive().max(5).default(0.6),
    price: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("gbm"), drift: z.number().default(0) }),
        z.strictObject({ kind: z.literal("file"), file: z.string() }),
      ])
      .default({ kind: "gbm", drift: 0 }),
    terminal: z.enum(["unwind", "mark", "settle"]).default("unwind"),
    slots: z.array(z.strictObject({ kind: z.enum(["spot", "perpetual"]), lot: z.number().positive() })).default([]),
  }),
  train: z.strictObject({
    steps: z.int().min(1).max(1e9),
    width: z.union([z.literal("auto"), z.number().positive()]).default("auto"),
    rates: z.record(z.string(), z.number()).default({}),
  }),
});

const GOOD = `# a comment
scenario:
  name: quickstart
  slots:
    - { kind: spot, lot: 0.01 }
train:
  steps: 1000
`;

function failure(text: string, overrides: string[] = []): ConfigError {
  try {
    loadConfig({ text, path: "a.yaml", schema, overrides });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("The config was accepted.");
}

describe("loadConfig", () => {
  it("returns the value with defaults, and a resolved text that loads to the same value", () => {
    const { value, resolved } = loadConfig({ text: GOOD, path: "a.yaml", schema });
    expect(value.scenario.volatility).toBe(0.6);
    expect(value.train).toEqual({ steps: 1000, width: "auto", rates: {} });
    const again = loadConfig({ text: resolved, path: "b.yaml", schema });
    expect(again.value).toEqual(value);
    expect(again.resolved).toBe(resolved);
  });

  it("reads JSON as it reads YAML", () => {
    const json = '{\n  "scenario": { "name": "x" },\n  "train": { "steps": 0 }\n}';
    expect(failure(json).message).toBe(
      [
        "This value is not allowed.",
        "  where: a.yaml:3:23 (train.steps)",
        "  value: 0",
        "  fix:   Allowed: a whole number at least 1 and at most 1000000000.",
      ].join("\n"),
    );
  });

  it("names an unknown key with line, column, path and the nearest known key", () => {
    const error = failure(GOOD.replace("  name: quickstart", "  name: quickstart\n  volatilty: 0.5"));
    expect(error.message).toBe(
      [
        'Unknown key "volatilty".',
        "  where: a.yaml:4:3 (scenario.volatilty)",
        "  fix:   Allowed: name, volatility, price, terminal, slots.",
        '  Did you mean "volatility"?',
      ].join("\n"),
    );
    expect(error.exitCode).toBe(2);
  });

  it("names a value out of range with its place and the allowed range", () => {
    const error = failure(GOOD.replace("name: quickstart", "name: quickstart\n  volatility: -0.2"));
    expect(error.which).toBe("a.yaml:4:15 (scenario.volatility)");
    expect(error.value).toBe(-0.2);
    expect(error.fix).toBe("Allowed: a number above 0 and at most 5.");
  });

  it("lists every problem, not just the first", () => {
    const error = failure(`scenario:
  nam: x
  terminal: unwnd
  slots:
    - { kind: spot, lot: 0 }
    - { kind: spott, lot: 1 }
train:
  steps: many
`);
    expect(error.short).toBe("a.yaml has 6 problems.");
    expect([...error.hints].sort()).toEqual(
      [
        'a.yaml:2:3: scenario.nam: Unknown key "nam". Allowed: name, volatility, price, terminal, slots. Did you mean "name"?',
        'a.yaml:1:1: scenario.name: "name" is missing. Allowed: text of at least 1 characters.',
        'a.yaml:3:13: scenario.terminal: This value is not allowed. Found "unwnd". Allowed: one of "unwind", "mark", "settle". Did you mean "unwind"?',
        "a.yaml:5:26: scenario.slots.0.lot: This value is not allowed. Found 0. Allowed: a number above 0.",
        'a.yaml:6:15: scenario.slots.1.kind: This value is not allowed. Found "spott". Allowed: one of "spot", "perpetual". Did you mean "spot"?',
        'a.yaml:8:10: train.steps: This value is not allowed. Found "many". Allowed: a whole number at least 1 and at most 1000000000.',
      ].sort(),
    );
  });

  it("names the keys of the chosen kind only", () => {
    const error = failure(GOOD.replace("name: quickstart", "name: q\n  price: { kind: file, file: x.csv, drift: 1 }"));
    expect(error.which).toBe("a.yaml:4:37 (scenario.price.drift)");
    expect(error.fix).toBe("Allowed: kind, file.");
  });

  it("offers the kinds where the kind is unknown", () => {
    const error = failure(GOOD.replace("name: quickstart", "name: q\n  price: { kind: gmb }"));
    expect(error.which).toBe("a.yaml:4:18 (scenario.price.kind)");
    expect(error.fix).toBe('Allowed: one of "gbm", "file".');
    expect(error.hints).toEqual(['Did you mean "gbm"?']);
  });

  it("says what a plain union allows", () => {
    const error = failure(GOOD.replace("steps: 1000", "steps: 1000\n  width: atuo"));
    expect(error.fix).toBe('Allowed: "auto" or a number above 0.');
    expect(error.hints).toEqual(['Did you mean "auto"?']);
  });

  it.each([
    ["a duplicate key", "train: {steps: 1}\ntrain: {steps: 2}\n", "a.yaml:2:1", /second time/],
    ["a tab", "train:\n\tsteps: 1\n", "a.yaml:2:1", /tab/],
    ["an open bracket", "train: {steps: 1\n", "a.yaml:2:1", /not YAML/],
    ["two documents", "a: 1\n---\nb: 2\n", "a.yaml:2:1", /second document/],
    ["an unknown tag", "train: !!js/function 'x'\n", "a.yaml:1:8", /tag/i],
  ])("refuses %s with its place", (_, text, where, message) => {
    const error = failure(text);
    const told = [error.message, ...error.hints].join("\n");
    expect(told).toMatch(message);
    expect(told).toContain(where);
  });

  it.each([
    ["", "empty"],
    ["# only a comment\n", "empty"],
    ["just text", "not allowed"],
    ["- 1\n- 2\n", "not allowed"],
  ])("refuses %j", (text, message) => {
    expect(failure(text).message).toContain(message);
  });

  it("refuses aliases that would grow without end", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n`;
    expect(failure(bomb).short).toMatch(/aliases/);
  });

  it("keeps a key called __proto__ a key", () => {
    expect(failure(`${GOOD}__proto__: { polluted: true }\n`).message).toContain('Unknown key "__proto__"');
    expect(failure(GOOD, ["__proto__.polluted=true"]).message).toContain('Unknown key "__proto__"');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("places and words", () => {
  const wide = z.strictObject({
    market: z.union([z.literal("none"), z.strictObject({ file: z.string() }), z.array(z.number())]).optional(),
    range: z
      .strictObject({ low: z.number(), high: z.number() })
      .refine((r) => r.low < r.high, { error: "low must be below high", path: ["low"] })
      .optional(),
    lag: z.record(z.enum(["fast", "slow"]), z.int().min(0)).optional(),
    pair: z.tuple([z.number(), z.boolean()]).optional(),
    tree: z.lazy(() => z.strictObject({ leaf: z.number().multipleOf(5) })).optional(),
  });
  const told = (text: string) => {
    try {
      loadConfig({ text, path: "w.yaml", schema: wide });
    } catch (error) {
      if (error instanceof ConfigError) return [error.which, error.short, error.fix, ...error.hints].join(" | ");
      throw error;
    }
    return expect.unreachable();
  };

  it("explains the branch of a union that the writer meant", () => {
    expect(told("market: { fil: x }")).toMatch(/market\.fil.*Unknown key "fil".*Did you mean "file"/);
    expect(told("market: [1, two]")).toContain("w.yaml:1:13 (market.1)");
    expect(told("market: non")).toContain(
      'Allowed: "none" or a mapping with the keys file or a list of values, each a number',
    );
  });

  it("passes on what a rule over several keys says", () => {
    expect(told("range:\n  low: 2\n  high: 1\n")).toContain("w.yaml:2:8 (range.low) | low must be below high");
  });

  it("knows the keys of records, the items of tuples, and what is behind a lazy schema", () => {
    expect(told("lag: { fast: 1, slwo: 2 }")).toMatch(/"slwo".*Allowed: fast, slow.*Did you mean "slow"/);
    expect(told("pair: [1, 2]")).toContain(
      "w.yaml:1:11 (pair.1) | This value is not allowed. | Allowed: true or false.",
    );
    expect(told("tree: { leaf: 7 }")).toContain("Allowed: a number, a multiple of 5.");
  });

  it("follows an alias to where its value stands", () => {
    expect(told("market: &m [1, 2]\npair: *m\n")).toContain("w.yaml:1:16 (pair.1)");
  });
});

describe("overrides", () => {
  const load = (...overrides: string[]) => loadConfig({ text: GOOD, path: "a.yaml", schema, overrides }).value;

  it("parse as YAML scalars, and later ones win", () => {
    const value = load(
      "train.steps=5",
      "train.steps=7e3",
      "scenario.price.kind=file",
      "scenario.price.file=0x",
      "scenario.slots.0.lot=2",
    );
    expect(value.train.steps).toBe(7000);
    expect(value.scenario.price).toEqual({ kind: "file", file: "0x" });
    expect(value.scenario.slots[0]!.lot).toBe(2);
  });

  it("reach keys that the text leaves to their defaults, and lists", () => {
    expect(load("scenario.volatility=1.5").scenario.volatility).toBe(1.5);
    expect(load("scenario.slots=[]").scenario.slots).toEqual([]);
    expect(load("train.rates.a=0.5").train.rates).toEqual({ a: 0.5 });
    expect(load("scenario.name=a=b").scenario.name).toBe("a=b");
  });

  const FILED = GOOD.replace("  name: quickstart\n", "  name: quickstart\n  price: { kind: file, file: a.csv }\n");
  const variant = (text: string, ...overrides: string[]) => loadConfig({ text, path: "a.yaml", schema, overrides });

  it("that name another variant drop what the file says of the old one, and say so", () => {
    const { value, notes, resolved } = variant(FILED, "scenario.price.kind=gbm");
    expect(value.scenario.price).toEqual({ kind: "gbm", drift: 0 });
    expect(notes).toEqual([
      "--set scenario.price.kind=gbm leaves out scenario.price.file of the file, which it does not know",
    ]);
    expect(resolved).not.toContain("a.csv");
    expect(variant(FILED, "scenario.price.drift=2", "scenario.price.kind=gbm").value.scenario.price).toEqual({
      kind: "gbm",
      drift: 2,
    });
  });

  it("drop nothing where the variant stays, is unknown, or is not what tells variants apart", () => {
    expect(variant(FILED, "scenario.price.kind=file").notes).toEqual([]);
    expect(variant(FILED, "scenario.price.file=b.csv").notes).toEqual([]);
    expect(variant(FILED, "scenario.name=other").notes).toEqual([]);
    expect(() => variant(FILED, "scenario.price.kind=fiel")).toThrow(ConfigError);
  });

  it("drop neither slips of the pen nor what was itself set", () => {
    const slip = FILED.replace("file: a.csv", "flie: a.csv");
    expect(failure(slip, ["scenario.price.kind=gbm"]).short).toBe('Unknown key "flie".');
    expect(failure(FILED, ["scenario.price.file=b.csv", "scenario.price.kind=gbm"]).short).toBe('Unknown key "file".');
  });

  it("refuse an unknown path with the nearest one", () => {
    const error = failure(GOOD, ["train.stpes=5"]);
    expect(error.short).toBe('Unknown key "stpes".');
    expect(error.which).toBe("--set train.stpes=5 (train.stpes)");
    expect(error.hints).toEqual(['Did you mean "steps"?']);
    expect(failure(GOOD, ["trian.steps=5"]).hints).toEqual(['Did you mean "train"?']);
  });

  it("refuse a wrong value with what is allowed", () => {
    const error = failure(GOOD, ["train.steps=0.5"]);
    expect(error.which).toBe("--set train.steps=0.5 (train.steps)");
    expect(error.fix).toBe("Allowed: a whole number at least 1 and at most 1000000000.");
  });

  it.each([
    ["train.steps", "not of the form"],
    ["=5", "not of the form"],
    ["train..steps=5", "not of the form"],
    ["train.steps=[1", "not YAML"],
    ["train.steps.x=1", "plain value and has no keys"],
    ["scenario.slots.7.lot=1", 'has no element "7"'],
    ["scenario.slots.first.lot=1", 'has no element "first"'],
  ])("refuse %s", (text, message) => {
    expect(failure(GOOD, [text]).message).toContain(message);
  });
});
