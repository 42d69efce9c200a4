import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** The import table of docs/design.md §2: each folder's files, and what they may import beside their own room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/core/contracts": [],
  env: ["src/core"],
  "env/tasks/rebalance": ["src/core"],
  models: ["src/core"],
  "models/heads": ["src/core"],
  "agents/baselines": ["env/core", "env/options", "env/features", "models/heads", "src/core"],
  "agents/baselines/rules": ["env/core", "env/options", "env/features", "models/heads", "src/core"],
  agents: ["env/core", "models", "models/*", "src/core", "agents/shared"],
  "agents/shared": ["env/core", "models", "models/*", "src/core", "agents"],
  "src/data": ["env", "env/*", "src/core"],
  "src/store": ["src/core"],
  "src/evaluate": ["agents", "agents/*", "env", "env/*", "models", "models/*", "src/core", "src/data", "src/store"],
  "src/train": [
    ...["agents", "agents/*", "env", "env/*", "models", "models/*"],
    ...["src/core", "src/data", "src/evaluate", "src/store"],
  ],
  "src/report": ["src/core", "src/evaluate", "src/store"],
  "src/report/figures": ["src/core", "src/evaluate", "src/store"],
  "src/live": [
    ...["agents", "agents/*", "env", "env/*", "models", "models/*"],
    ...["src/core", "src/data", "src/evaluate", "src/report", "src/store"],
  ],
};

/** Every folder that something could import from. */
const TARGETS = [
  ...["env", "env/core", "env/options", "env/features", "env/market", "env/chain", "env/tasks"],
  ...["models", "models/heads", "models/nets", "models/kernel", "models/format"],
  ...["agents", "agents/shared", "agents/baselines"],
  ...["src/core", "src/data", "src/store", "src/evaluate", "src/train", "src/report", "src/live", "src/cli"],
];

/** The parts of the tree within which files import one another freely. */
const ROOMS = [
  ...["env", "models", "agents/baselines", "agents/shared", "agents", "src/core", "src/data", "src/store"],
  ...["src/evaluate", "src/train", "src/report", "src/live", "src/cli"],
];
const roomOf = (folder: string) => ROOMS.find((room) => folder === room || folder.startsWith(`${room}/`))!;

function mayImport(from: string, to: string): boolean {
  const listed = MAY_IMPORT[from]!;
  return roomOf(from) === roomOf(to) || listed.includes(to) || listed.includes(`${to.split("/")[0]}/*`);
}

const AMBIENT: readonly (readonly [line: string, sentence: string])[] = [
  ["export const a0 = Date.now();", "global variable Date"],
  ["export const a1 = new Date();", "global variable Date"],
  ["export const a2 = performance.now();", "global variable performance"],
  ["export const a3 = crypto.randomUUID();", "global variable crypto"],
  ["export const a4 = setTimeout(() => 0, 1);", "global variable setTimeout"],
  ["export const a5 = setInterval(() => 0, 1);", "global variable setInterval"],
  ["export const a6 = setImmediate(() => 0);", "global variable setImmediate"],
  ["export const a7 = globalThis.Date;", "global variable globalThis"],
  ["export const a8 = Math.random();", "chance comes in as a Random"],
  ["export const a9 = [1].map(Math.random);", "chance comes in as a Random"],
  ["export const { random } = Math;", "Write Math.name in full"],
  ['export const b0 = Math["random"]();', "Write Math.name in full"],
  ["export const b1 = process.hrtime.bigint();", "time comes in as a Clock"],
  ["export const b2 = process.hrtime();", "time comes in as a Clock"],
  ["export const b3 = process.uptime();", "time comes in as a Clock"],
  ['console.log("x");', "console"],
  ['import { performance as b5 } from "node:perf_hooks";', "time comes in as a Clock"],
  ['import { setTimeout as b6 } from "node:timers/promises";', "time comes in as a Clock"],
  ['import { randomUUID } from "node:crypto";', "take only createHash from node:crypto"],
  ['import { createHash, randomBytes } from "node:crypto";', "take only createHash from node:crypto"],
  ['import * as b9 from "node:crypto";', "take only createHash from node:crypto"],
];

interface Diagnostic {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/** A bare tree with the linter's configuration and, in each folder, files that break one rule a line. */
const tree = mkdtempSync(join(tmpdir(), "greekgym-lint-"));
let found: Diagnostic[] = [];

function put(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), `${lines.join("\n")}\n`);
}

function importOf(from: string, target: string): string {
  const path = relative(from, target);
  return path.startsWith(".") ? path : `./${path}`;
}

/** What the linter says of one line (from 1) of a file, in the categories of the import and ambient rules. */
const said = (path: string, line: number) =>
  found
    .filter((d) => d.location.path === path && d.location.start.line === line)
    .filter((d) => /^(plugin|lint\/style\/noRestricted|lint\/suspicious\/noConsole)/.test(d.category))
    .map((d) => d.message);

const IMPORTING = Object.keys(MAY_IMPORT);
const PURE = ["env", "models", "agents", "src/core"];
const QUIET = [...IMPORTING, "env/market", "src/evaluate/statistics"];

function biome(...args: string[]): { stdout: string; stderr: string } {
  const bin = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const { stdout, stderr } = spawnSync(process.execPath, [bin, "lint", "--max-diagnostics=none", ...args], {
    cwd: tree,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return { stdout, stderr };
}

beforeAll(() => {
  for (const file of ["biome.json", "scripts/lint", ".gitignore"])
    cpSync(join(root, file), join(tree, file), { recursive: true });
  for (const from of IMPORTING) {
    put(
      `${from}/imports.ts`,
      TARGETS.map((to, i) => `export * as t${i} from "${importOf(from, `${to}/imported.ts`)}";`),
    );
    put(`${from}/public-list.ts`, [
      `export * as a from "${importOf(from, "src/index.ts")}";`,
      'export * as b from "greekgym";',
      'export * as c from "greekgym/env";',
    ]);
    put(`${from}/node.ts`, ['export * as fs from "node:fs";']);
  }
  for (const from of [...QUIET, "src/cli", "bench", "scripts", "test", "examples"])
    put(
      `${from}/ambient.ts`,
      AMBIENT.map(([line]) => line),
    );
  put("src/store/hashing.ts", ['import { createHash } from "node:crypto";', "export const h = createHash;"]);
  found = (JSON.parse(biome("--reporter=json", ".").stdout) as { diagnostics: Diagnostic[] }).diagnostics;
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe("the linter's import rules", () => {
  it.each(IMPORTING)(
    "let %s import what docs/design.md lists, and refuse everything else with our sentence",
    (from) => {
      const wrong = TARGETS.flatMap((to, i) => {
        const messages = said(`${from}/imports.ts`, i + 1);
        if (mayImport(from, to)) return messages.map((m) => `${to} is allowed, but: ${m}`);
        return messages.some((m) => m.includes("docs/design.md#2-rooms")) ? [] : [`${to} is not refused`];
      });
      expect(wrong).toEqual([]);
    },
  );

  it.each(IMPORTING)("keep %s from the public lists, under any name", (from) => {
    for (const line of [1, 2, 3])
      expect(said(`${from}/public-list.ts`, line).join()).toContain("docs/design.md#2-rooms");
  });

  it("keep node: modules out of what also runs in a browser, and only there", () => {
    for (const from of IMPORTING) {
      const pure = PURE.some((room) => from === room || from.startsWith(`${room}/`));
      expect([from, said(`${from}/node.ts`, 1).join().includes("also runs in a browser")]).toEqual([from, pure]);
    }
  });
});

describe("the linter's ban on ambient time, chance, timers and console", () => {
  it.each(QUIET)("holds in %s, line by line", (from) => {
    const accepted = AMBIENT.flatMap(([line, sentence], i) =>
      said(`${from}/ambient.ts`, i + 1).some((m) => m.includes(sentence)) ? [] : [line],
    );
    expect(accepted).toEqual([]);
  });

  it("ends at src/cli, benches, scripts, tests and examples", () => {
    for (const from of ["src/cli", "bench", "scripts", "examples"])
      expect([from, AMBIENT.flatMap((_, i) => said(`${from}/ambient.ts`, i + 1))]).toEqual([from, []]);
    // A test prints nothing either.
    const loud = AMBIENT.flatMap(([line], i) => (said("test/ambient.ts", i + 1).length > 0 ? [line] : []));
    expect(loud).toEqual(['console.log("x");']);
  });

  it("names the port to use instead, and lets a file hash", () => {
    const text = biome("env/ambient.ts").stderr;
    expect(text.replace(/\s+/g, " ")).toContain("Below src/cli time comes in as a Clock (src/core/clock.ts)");
    expect(said("src/store/hashing.ts", 1)).toEqual([]);
  });
});
