import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isOptionChain } from "../../src/core/contracts/option-chain.ts";
import { DataError } from "../../src/core/errors.ts";
import { openData } from "../../src/data/series.ts";
import { CHAIN_HEADER, chainOf, chainOfMonths, chainRow, expiryOn } from "../support/synthetic-chain.ts";

const TIME = Date.UTC(2026, 0, 10) / 1000;
const HOURS = 3600;
const GOOD = `${TIME},ETH-30JAN26-3000-C,3000.5,0.05,0.052,0.0511,80.5,0.52,2.5,12,3`;

function failure(run: () => unknown): DataError {
  try {
    run();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  return expect.unreachable();
}

/** The row with one field replaced. */
function withField(column: string, value: string, row = GOOD): string {
  const fields = row.split(",");
  fields[CHAIN_HEADER.split(",").indexOf(column)] = value;
  return fields.join(",");
}

const found = (rows: readonly string[]) =>
  chainOf(rows).findings.map(({ kind, count, first }) => `${count} ${kind} ${first}`);

describe("readDeribitChain", () => {
  it("returns snapshots with quotes in order of expiry, strike and sign, in coin and fractions", () => {
    const other = `${TIME},ETH-16JAN26-2900-P,2999,,0.01,5e-05,61,-0.01,1,0,`;
    const chain = chainOf([GOOD, withField("instrument", "ETH-30JAN26-3000-P", withField("delta", "-0.48")), other]);
    expect([...chain.expiry]).toEqual([16, 30, 30].map((day) => expiryOn(1, day).seconds));
    expect([...chain.sign]).toEqual([-1, -1, 1]);
    expect([...chain.strike]).toEqual([2900, 3000, 3000]);
    expect([...chain.mark]).toEqual([5e-5, 0.0511, 0.0511]);
    expect([...chain.bid]).toEqual([Number.NaN, 0.05, 0.05]);
    expect([...chain.markVolatility]).toEqual([0.61, 0.805, 0.805]);
    expect([...chain.firstQuote]).toEqual([0, 3]);
    expect([...chain.listedQuote]).toEqual([0, 1, 3]);
    expect([...chain.listedForward]).toEqual([2999, 3000.5]);
    expect(chain).toMatchObject({ kind: "option-chain", currency: "ETH", unit: "usd" });
    expect(chain.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("gives each snapshot the forward of the nearest expiry beyond 7 days, the median of its quotes", () => {
    const rows = [
      [16, 2900, 2990],
      [30, 2900, 3001],
      [30, 3000, 3002],
      [30, 3100, 3009],
    ].map(([day, strike, forward]) =>
      withField("fut_price", String(forward), withField("instrument", `ETH-${day}JAN26-${strike}-C`)),
    );
    const later = (row: string) => withField("mark", "0.0512", withField("ts", String(TIME + 6 * HOURS), row));
    const chain = chainOf([...rows, later(rows[0]!)]);
    expect([...chain.times]).toEqual([TIME, TIME + 6 * HOURS]);
    expect([...chain.values]).toEqual([3002, 2990]);
  });

  it("joins months, and survives a structured clone", () => {
    const march = withField("instrument", "ETH-27MAR26-3000-C", withField("ts", String(TIME + 30 * 24 * HOURS)));
    const chain = structuredClone(chainOfMonths([[GOOD], [march]]));
    expect(isOptionChain(chain)).toBe(true);
    expect(chain.times.length).toBe(2);
    expect(chain.source).toBe("chain_2026-01.csv.gz to chain_2026-02.csv.gz (2 files)");
    expect(chain.findings).toEqual([
      {
        kind: "gap",
        count: 1,
        first: "chain_2026-02.csv.gz:2",
        handling: "more than 13.5 h between snapshots: left, and windows span it only where maxGapHours allows",
      },
    ]);
    expect(failure(() => chainOfMonths([[march], [GOOD]])).short).toBe("A time goes backward.");
  });

  it("drops both sides of a crossed quote and counts it", () => {
    const chain = chainOf([withField("bid", "0.06")]);
    expect([chain.bid[0], chain.ask[0], chain.mark[0]]).toEqual([Number.NaN, Number.NaN, 0.0511]);
    expect(found([withField("bid", "0.06")])).toEqual(["1 crossed-quote chain_2026-01.csv.gz:2"]);
  });

  it("counts missing and zero quotes, rows without prices, and rows of expired options", () => {
    const put = withField("instrument", "ETH-30JAN26-3000-P", withField("delta", "-0.48"));
    const rows = [
      withField("bid", ""),
      withField("ask", "", put),
      withField("mark", "", withField("mark_iv", "", withField("instrument", "ETH-30JAN26-3100-C"))),
      withField("bid", "0", withField("instrument", "ETH-30JAN26-3200-C")),
      ["bid", "ask", "mark"].reduce(
        (row, name) => withField(name, "", row),
        withField("instrument", "ETH-30JAN26-3300-C"),
      ),
      withField("instrument", "ETH-9JAN26-3000-C"),
    ];
    expect(found(rows)).toEqual([
      "1 zero-quote chain_2026-01.csv.gz:5",
      "2 missing-bid chain_2026-01.csv.gz:2",
      "1 missing-ask chain_2026-01.csv.gz:3",
      "1 missing-mark chain_2026-01.csv.gz:4",
      "1 missing-volatility chain_2026-01.csv.gz:4",
      "1 empty-row chain_2026-01.csv.gz:6",
      "1 expired-row chain_2026-01.csv.gz:7",
    ]);
    expect(chainOf(rows).strike.length).toBe(4);
  });

  it("keeps a stale option as listed but without prices: same mark and volatility at a forward 10 bp away", () => {
    const later = withField("ts", String(TIME + 6 * HOURS));
    const moved = withField("fut_price", "3010", later);
    const other = (row: string) => withField("instrument", "ETH-30JAN26-2800-C", row);
    expect(found([GOOD, other(GOOD), other(later), moved])).toEqual(["1 stale-row chain_2026-01.csv.gz:5"]);
    const chain = chainOf([GOOD, moved]);
    expect(chain.strike[1]).toBe(3000);
    expect([chain.bid[1], chain.ask[1], chain.mark[1], chain.markVolatility[1]]).toEqual(Array(4).fill(Number.NaN));
    expect(found([GOOD, withField("mark_iv", "80.51", moved)])).toEqual([]);
  });

  it.each([
    ["ts", "2026-01-10", "A time is malformed."],
    ["ts", String(TIME * 1000), "A time is malformed."],
    ["ts", "", "A time is malformed."],
    ["instrument", "BTC-30JAN26-3000-C", "An instrument is malformed, or of another currency."],
    ["instrument", "ETH-30JAN26-3000", "An instrument is malformed, or of another currency."],
    ["instrument", "ETH-31FEB26-3000-C", "An instrument is malformed, or of another currency."],
    ["instrument", "ETH-30JAN26-0-C", "An instrument is malformed, or of another currency."],
    ["instrument", "ETH-30JAN26-3000-CALL", "An instrument is malformed, or of another currency."],
    ["instrument", "ETH-PERPETUAL", "An instrument is malformed, or of another currency."],
    ["fut_price", "", "A forward is missing."],
    ["fut_price", "-3000", "A value is negative."],
    ["fut_price", "0", "A value is not above 0."],
    ["bid", "-0.05", "A value is negative."],
    ["bid", "1.2", "A value is not possible."],
    ["ask", "nan", "A value is not a finite number."],
    ["mark", "153.3", "A value is not possible."],
    ["mark", "0.05.1", "A value is not a finite number."],
    ["mark_iv", "0", "A value is not above 0."],
    ["mark_iv", "80500", "A value is not possible."],
    ["delta", "-0.5", "A value is not possible."],
    ["delta", "52", "A value is not possible."],
    ["vega", "-1", "A value is negative."],
    ["oi", "1e999", "A value is not a finite number."],
    ["vol24h", "-3", "A value is negative."],
  ])("refuses %s = %j, naming file, line, column and value", (column, value, short) => {
    const error = failure(() => chainOf([GOOD, withField(column, value)]));
    expect(error.short).toBe(short);
    expect(error.which).toMatch(new RegExp(`chain_2026-01\\.csv\\.gz:3 \\(${column}\\)$`));
    expect(error.value).toBe(value);
    expect(error.fix).toBeTruthy();
  });

  it("refuses times going back, an instrument twice in a snapshot, and rows of another width", () => {
    const earlier = withField("ts", String(TIME - 1));
    expect(failure(() => chainOf([GOOD, earlier]))).toMatchObject({
      short: "A time goes backward.",
      value: String(TIME - 1),
    });
    const twice = failure(() =>
      chainOf([GOOD, withField("instrument", "ETH-30JAN26-3000-P"), GOOD].map((r) => withField("delta", "", r))),
    );
    expect(twice.short).toBe("An instrument stands twice in a snapshot.");
    expect(twice.which).toMatch(/:4 \(instrument\)$/);
    for (const [row, count] of [
      [`${GOOD},1`, 12],
      [GOOD.slice(0, GOOD.lastIndexOf(",")), 10],
      ["", 1],
    ] as const) {
      const error = failure(() => chainOf([GOOD, row, withField("ts", String(TIME + HOURS))]));
      expect(error.short).toBe(`A row has ${count} fields, the header 11.`);
      expect(error.which).toMatch(/chain_2026-01\.csv\.gz:3$/);
    }
    expect(failure(() => chainOf([GOOD, GOOD.slice(0, 40)])).short).toBe("A row has 4 fields, the header 11.");
  });

  it("refuses foreign, missing and reordered columns, and files without rows", () => {
    const raw = failure(() => chainOf([GOOD], "timestamp,instrument_name,underlying"));
    expect(raw.short).toBe("The file's columns are not those of this data set.");
    expect(raw.hints).toEqual([
      "Missing: ts, instrument, fut_price, bid, ask, mark, mark_iv, delta, vega, oi, vol24h.",
      "Foreign: timestamp, instrument_name, underlying.",
    ]);
    const swapped = CHAIN_HEADER.replace("bid,ask", "ask,bid");
    expect(failure(() => chainOf([GOOD], swapped)).which).toMatch(/chain_2026-01\.csv\.gz:1$/);
    expect(failure(() => chainOf([])).short).toBe("A data file has a header and no rows.");
    expect(failure(() => chainOf([], "")).short).toBe("A data file is empty.");
    expect(failure(() => chainOf([withField("instrument", "ETH-9JAN26-3000-C")])).short).toContain("no usable row");
  });
});

describe("openData with a chain", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greekgym-open-chain-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("joins every month of the currency and leaves other files alone", () => {
    mkdirSync(join(folder, "options"));
    const write = (name: string, text: string) => writeFileSync(join(folder, "options", name), gzipSync(text));
    const row = (time: number, strike: number) =>
      chainRow({ time, expiry: expiryOn(3, 27), strike, side: "C", forward: 3000, volatility: 0.7 });
    write("deribit_eth_chain_6h_2026-02.csv.gz", `${CHAIN_HEADER}\r\n${row(TIME + 30 * 24 * HOURS, 3100)}\r\n`);
    write("deribit_eth_chain_6h_2026-01.csv.gz", `${CHAIN_HEADER}\n${row(TIME, 3000)}`);
    write("deribit_btc_chain_6h_2026-01.csv.gz", "foreign");
    write("deribit_eth_chain_6h_old.csv.gz", "foreign");
    const chain = openData(folder, "deribit_eth_chain_6h");
    expect(isOptionChain(chain) && [...chain.strike]).toEqual([3000, 3100]);
  });

  it("says where the files should be when there is none", () => {
    const error = failure(() => openData(folder, "deribit_btc_chain_6h"));
    expect(error.short).toContain("missing from the data folder");
    expect(error.which).toBe(join(folder, "options", "deribit_btc_chain_6h_YYYY-MM.csv.gz"));
  });
});
