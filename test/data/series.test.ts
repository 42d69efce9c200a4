import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { DATA_SETS, dataRoot, openData, readFeeSeries, readPriceSeries } from "../../src/data/series.ts";

const RECORDED = "../shared/data";
const recorded = existsSync(RECORDED);
if (!recorded) process.stdout.write(`skipped: recorded data is missing at ${RECORDED}\n`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-series-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failure(run: () => unknown): DataError {
  try {
    run();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  return expect.unreachable();
}

/** The distinct distances between successive times. */
function steps(times: Float64Array): number[] {
  return [...new Set(times.slice(1).map((t, i) => t - times[i]!))];
}

const COLUMNS = { timeColumn: "t", valueColumn: "x", unit: "usd" };

describe("series readers", () => {
  it("return times, scaled values, unit, source and hash", () => {
    const path = join(folder, "a.csv");
    writeFileSync(path, "t,x\n60,100\n120,101.5\n");
    const series = readPriceSeries(path, { ...COLUMNS, scale: 10 });
    expect([...series.times]).toEqual([60, 120]);
    expect([...series.values]).toEqual([1000, 1015]);
    expect(series).toMatchObject({ unit: "usd", source: "a.csv" });
    expect(series.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("differ in the values that they allow", () => {
    const path = join(folder, "a.csv");
    writeFileSync(path, "t,x\n1,0\n");
    expect(failure(() => readPriceSeries(path, COLUMNS)).which).toBe(`${path}:2 (x)`);
    expect(readFeeSeries(path, COLUMNS).values[0]).toBe(0);
    writeFileSync(path, "t,x\n1,-0.5\n");
    expect(failure(() => readFeeSeries(path, COLUMNS)).short).toBe("A value is negative.");
  });
});

describe("openData", () => {
  const name = "eth_mainnet_basefee_hourly_20220915-20230513";

  it("says --data or GREEKGYM_DATA where no folder is named, or folder or file are missing", () => {
    for (const root of [undefined, "", join(folder, "absent"), folder]) {
      const error = failure(() => openData(root, name));
      expect(error.fix).toBe("Point --data <dir> or GREEKGYM_DATA at the folder of recorded data.");
    }
    expect(failure(() => openData(folder, name)).which).toBe(join(folder, "gas", `${name}.csv`));
  });

  it("suggests the nearest name for an unknown set", () => {
    expect(failure(() => openData(folder, "btc_perp_1m")).hints.join()).toContain(DATA_SETS[0]);
    expect(failure(() => openData(folder, "constructor")).short).toContain("No recorded data set");
  });

  it("refuses a file with foreign columns or a bad row, naming the line", () => {
    mkdirSync(join(folder, "gas"));
    const path = join(folder, "gas", `${name}.csv`);
    writeFileSync(path, "timestamp,base_fee\n1,2\n");
    expect(failure(() => openData(folder, name)).short).toContain("columns are not those");
    writeFileSync(path, "timestamp,avg_base_fee_wei\n1,2e9\n2,nan\n");
    expect(failure(() => openData(folder, name)).which).toBe(`${path}:3 (avg_base_fee_wei)`);
    mkdirSync(join(folder, "series"));
    const bars = join(folder, "series", "btc_perp_1m_20211231-20220201.csv.gz");
    writeFileSync(bars, gzipSync("timestamp,open,high,low,close,volume\n2021-12-31 23:01:00,1,1,1,0,1\n"));
    expect(failure(() => openData(folder, "btc_perp_1m_20211231-20220201")).which).toBe(`${bars}:2 (close)`);
  });

  it.skipIf(!recorded)("reads the recorded bitcoin minutes: 45,031 bars without a gap", () => {
    const series = openData(RECORDED, "btc_perp_1m_20211231-20220201");
    expect(series.times.length).toBe(45031);
    expect(series.unit).toBe("usd");
    expect(series.times[0]).toBe(Date.UTC(2021, 11, 31, 23, 1) / 1000);
    expect(series.values[0]).toBe(46377);
    expect(steps(series.times)).toEqual([60]);
  });

  it.skipIf(!recorded)("reads the recorded base fees in gwei: 5,760 hours from the Merge on", () => {
    const series = openData(RECORDED, name);
    expect(series.times.length).toBe(5760);
    expect(series.unit).toBe("gwei");
    // The Merge's hour, 72.6 gwei, and the highest, 388: the README beside the files.
    expect(series.values[0]).toBeCloseTo(72.592, 3);
    expect(Math.floor(series.values.reduce((a, b) => Math.max(a, b)))).toBe(388);
    expect(steps(series.times)).toEqual([3600]);
  });
});

describe("dataRoot", () => {
  it("takes the flag before the environment", () => {
    expect(dataRoot("a", { GREEKGYM_DATA: "b" })).toBe("a");
    expect(dataRoot(undefined, { GREEKGYM_DATA: "b" })).toBe("b");
    expect(dataRoot(undefined, {})).toBeUndefined();
  });
});
