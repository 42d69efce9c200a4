import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { greekgym, RECORDED, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return name;
};

/** A data folder with a BTC series of `rows`; returns its name. */
function dataFolder(name: string, rows: readonly string[]): string {
  mkdirSync(join(folder, name, "series"), { recursive: true });
  const text = ["timestamp,open,high,low,close,volume", ...rows, ""].join("\n");
  writeFileSync(join(folder, name, "series/btc_perp_1m_20211231-20220201.csv.gz"), gzipSync(text));
  return name;
}

const GOOD_ROW = "2021-12-31 00:00:00,100,100,100,100,1";

describe("A config that is wrong ends with 2, names the place and the fix, and starts nothing", () => {
  it("a slip in a key: file, line, column and what was meant", async () => {
    const path = write("key.yaml", TINY.replace("stepSeconds", "stepSecond"));
    const { code, stdout, stderr } = await greekgym(["train", path], folder);
    expect(stderr).toContain('Unknown key "stepSecond".');
    expect(stderr).toContain("key.yaml:10:3");
    expect(stderr).toContain('Did you mean "stepSeconds"?');
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(readdirSync(folder)).not.toContain("runs");
  });

  it("a negative volatility: place, value and range", async () => {
    const path = write("volatility.yaml", TINY.replace("volatility: 0.6", "volatility: -0.6"));
    const { code, stderr } = await greekgym(["compare", path], folder);
    expect(stderr).toContain("volatility.yaml:4:");
    expect(stderr).toContain("scenario.market.price.volatility");
    expect(stderr).toContain("value: -0.6");
    expect(stderr).toContain("at least 0");
    expect(code).toBe(2);
  });

  it.each([
    ["compare", ["compare", "good.yaml", "--contenders", "never", "--episodes", "1000000000000"]],
    ["evaluate", ["evaluate", "never", "--scenario", "good.yaml", "--episodes", "1000000000000"]],
    ["tune", ["tune", "delta-band", "--scenario", "good.yaml", "--set", "tune.episodes=1000000000000"]],
  ])("more episodes than memory can keep, in %s: their number and bytes", async (_, args) => {
    write("good.yaml", TINY);
    const { code, stderr } = await greekgym(args, folder);
    expect(stderr).toMatch(/no memory[\s\S]*value: 1000000000000\n[\s\S]* need [\d,]+ bytes\./);
    expect(stderr).not.toContain("RangeError");
    expect(code).toBe(2);
  });

  it("an override: the flag is named, not the file", async () => {
    const path = write("good.yaml", TINY);
    const { code, stderr } = await greekgym(["train", path, "--set", "train.steps=many"], folder);
    expect(stderr).toContain("--set train.steps=many");
    expect(stderr).toContain("a whole number above 0");
    expect(code).toBe(2);
  });

  it("a file that does not exist", async () => {
    const { code, stderr } = await greekgym(["train", "missing.yaml"], folder);
    expect(stderr).toContain("config: The experiment file does not exist.");
    expect(stderr).toContain('"missing.yaml"');
    expect(code).toBe(2);
  });

  it.each([
    ["train", "--seed", "abc"],
    ["evaluate", "--episodes", "1.5"],
    ["tune", "--workers", "0"],
  ])("%s %s %s: the flag takes a whole number", async (command, flag, value) => {
    const path = write("good.yaml", TINY);
    const what = command === "train" ? [path] : ["delta-band", "--scenario", path];
    const { code, stderr } = await greekgym([command, ...what, flag, value], folder);
    expect(stderr).toContain("This flag takes a whole number.");
    expect(stderr).toContain(flag);
    expect(code).toBe(2);
  });

  it("an unknown contender", async () => {
    const path = write("good.yaml", TINY);
    const { code, stdout, stderr } = await greekgym(
      ["compare", path, "--contenders", "delta,delta-bnad", "--json"],
      folder,
    );
    expect(stderr).toContain('Did you mean "delta-band"?');
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it.each([
    ["resume", ["resume", "nobody"]],
    ["runs show", ["runs", "show", "nobody"]],
    ["report", ["report", "nobody"]],
    ["export", ["export", "nobody", "--to", "x"]],
  ])("an unknown run, for %s", async (_, args) => {
    const { code, stdout, stderr } = await greekgym(args, folder);
    expect(stderr).toContain("nobody");
    expect(stderr).toContain("runs ls");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

describe("Recorded data that is missing or malformed ends with 1 and names file and line", () => {
  const path = write("recorded.yaml", RECORDED);
  const compare = (...args: string[]) => greekgym(["compare", path, "--contenders", "never", ...args], folder);

  it("no folder named", async () => {
    const { code, stderr } = await compare();
    expect(stderr).toContain("data: This experiment needs recorded data");
    expect(stderr).toContain("GREEKGYM_DATA");
    expect(code).toBe(1);
  });

  it("a folder that is not there", async () => {
    const { code, stderr } = await compare("--data", "nowhere");
    expect(stderr).toContain(join(folder, "nowhere"));
    expect(code).toBe(1);
  });

  it("a price that is not a number", async () => {
    const rows = [GOOD_ROW, "2021-12-31 00:01:00,100,100,100,NaN,1"];
    const { code, stderr } = await compare("--data", dataFolder("nan", rows));
    expect(stderr).toMatch(/btc_perp_1m_20211231-20220201\.csv\.gz.*3/);
    expect(stderr).toContain("close");
    expect(stderr).toContain('"NaN"');
    expect(code).toBe(1);
  });

  it("a row with a cell too few", async () => {
    const rows = [GOOD_ROW, "2021-12-31 00:01:00,100,100,100,100,1", "2021-12-31 00:02:00,100,100,100"];
    const { code, stderr } = await compare("--data", dataFolder("short", rows));
    expect(stderr).toMatch(/btc_perp_1m_20211231-20220201\.csv\.gz.*4/);
    expect(code).toBe(1);
  });

  it("data verify names the same fault and goes on to the next set", async () => {
    const rows = [GOOD_ROW, "2021-12-31 00:01:00,100,100,100,-1,1"];
    const { code, stdout } = await greekgym(["data", "verify", "--data", dataFolder("bad", rows), "--json"], folder);
    const { ok, sets } = JSON.parse(stdout) as { ok: boolean; sets: { ok: boolean; error: string }[] };
    expect(ok).toBe(false);
    expect(sets.map((s) => s.ok)).toEqual([false, false, false, false]);
    expect(sets[0]!.error).toContain("-1");
    expect(sets[1]!.error).toContain("missing");
    expect(code).toBe(1);
  });
});
