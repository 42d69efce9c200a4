import { describe, expect, it } from "vitest";
import { featureSchema } from "../../env/features/schema.ts";
import { LIVE_SOURCES } from "../../src/core/contracts/features.ts";
import { listUnsupplied, sourcesOf, unsupplied } from "../../src/core/live-sources.ts";

describe("Live sources", () => {
  it("are one's own and those that a target names", () => {
    expect(sourcesOf("deribit-public")).toEqual(["clock", "account", "book", "deribit-public"]);
    expect(sourcesOf("ethereum-rpc, deribit-public")).toEqual(sourcesOf("deribit-public,ethereum-rpc"));
    expect(sourcesOf("simulation")).toEqual(LIVE_SOURCES);
  });

  it.each([
    [
      "deribit-publc",
      /No source of live data has this name[\s\S]*deribit-publc[\s\S]*joined by commas[\s\S]*Did you mean "deribit-public"\?/,
    ],
    ["", /No source of live data/],
    ["simulation,oracle", /is not combined/],
    ["account", /always there/],
    ["oracle,oracle", /named twice/],
  ])("refuse the target %j and say what may stand there", (target, message) => {
    expect(() => sourcesOf(target)).toThrow(message);
  });

  it("cannot supply features of which one source is missing, whatever else they need", () => {
    const schema = featureSchema([{ name: "p", kind: "perpetual" }], 1, ["oracle"]);
    const missing = unsupplied(schema, sourcesOf("oracle"));
    expect(missing.find((f) => f.name === "oracle_deviation_bps")?.missing).toEqual(["deribit-public"]);
    expect(missing.map((f) => f.name)).not.toContain("oracle_age_hours");
    expect(unsupplied(schema, LIVE_SOURCES)).toEqual([]);
    expect(listUnsupplied(unsupplied(schema, sourcesOf("deribit-public"), ["base_fee_gwei", "spot"]))).toBe(
      "base_fee_gwei (ethereum-rpc)",
    );
  });

  it("need no chain for the gas of a venue that asks for none", () => {
    const slots = [{ name: "p", kind: "perpetual" as const }];
    const gas = (pays: boolean) => featureSchema(slots, 1, [], pays).features.find((f) => f.name === "gas_cost_bps")!;
    expect(gas(true).sources).toEqual(["ethereum-rpc"]);
    expect(gas(false).sources).toEqual([]);
  });
});
