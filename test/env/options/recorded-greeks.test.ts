import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { black76 } from "../../../env/options/black-76.ts";
import { coinPrice } from "../../../env/options/coin-settled.ts";
import { quantile } from "../../support/chain-errors.ts";

const RECORDED = process.env.GREEKGYM_DATA ?? "../shared/data";
const PATH = join(RECORDED, "options", "mfiv_eth_14d_20220127T0100Z_full_greeks.json");
const recorded = existsSync(PATH);
if (!recorded) process.stdout.write(`skipped: recorded Greeks are missing at ${RECORDED}\n`);

interface RecordedOption {
  optionType: "call" | "put";
  strikePrice: number;
  expirationDate: string;
  underlyingPrice: number;
  timestamp: string;
  markPrice: number;
  markIV: number;
  delta: number;
  gamma: number;
  vega: number;
  theta: number;
}

/** 106 ETH options of two expiries, 27 January 2022, with the exchange's Greeks: vega a volatility point, theta a day. */
describe.skipIf(!recorded)("The exchange's own Greeks of 2022-01-27", () => {
  const { options } = recorded
    ? (JSON.parse(readFileSync(PATH, "utf8")) as { params: { options: RecordedOption[] } }).params
    : { options: [] };
  const rows = options.map((o) => {
    const years = (Date.parse(o.expirationDate) - Date.parse(o.timestamp)) / 1000 / 86_400 / 365;
    const terms = { type: o.optionType, forward: o.underlyingPrice, strike: o.strikePrice };
    const ours = black76({ ...terms, volatility: o.markIV / 100, years });
    const mark = coinPrice(o.optionType === "call" ? 1 : -1, o.underlyingPrice, o.strikePrice, o.markIV / 100, years);
    return { o, ours, mark };
  });
  const errors = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, (row) => Math.abs(of(row)));

  it("are Black-76 on the forward: delta, gamma, vega over 100, theta over 365", () => {
    expect(rows.length).toBe(106);
    // Published to 5 decimals, volatilities to 0.01%: what is left is that rounding.
    expect(
      quantile(
        errors(({ o, ours }) => ours.delta - o.delta),
        1,
      ),
    ).toBeLessThan(2e-5);
    expect(
      quantile(
        errors(({ o, ours }) => ours.gamma - o.gamma),
        1,
      ),
    ).toBeLessThan(5.1e-6);
    expect(
      quantile(
        errors(({ o, ours }) => ours.vega / 100 - o.vega),
        1,
      ),
    ).toBeLessThan(1e-4);
    expect(
      quantile(
        errors(({ o, ours }) => ours.theta / 365 - o.theta),
        1,
      ),
    ).toBeLessThan(7e-4);
  });

  it("go with marks that are the inverse Black-76 value", () => {
    expect(
      quantile(
        errors(({ o, mark }) => mark - o.markPrice),
        1,
      ),
    ).toBeLessThan(2e-4);
  });
});
