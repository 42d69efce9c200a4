import { describe, expect, it } from "vitest";
import { embedParams } from "../../../agents/baselines/embed.ts";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { contextOf, intentsOf, randomRows } from "./market.ts";

const context = contextOf();
const rows = randomRows(context, 1000, 9);
const SIMPLE = {
  "delta-band": { halfWidth: 0.07, initialHedge: 0.3, centreVolatility: 1.2 },
  "greeks-band": { halfWidth: 0.07, gammaExponent: 0.4 },
  "gas-aware": { halfWidth: 0.07, costExponent: 0.6, rebalanceTo: 0.8, waitAbove: 0.1, waitMultiple: 2 },
} as const;

describe("Richer rules", () => {
  it("trade as the rules that they nest at the embedded parameters", () => {
    let pairs = 0;
    for (const id of ["greeks-band", "gas-aware", "composite"])
      for (const [nested, params] of Object.entries(SIMPLE)) {
        const embedded = embedParams(id, nested, params, context);
        if (embedded === undefined) continue;
        pairs++;
        const wanted = intentsOf(createBaseline(nested, params, context), context, rows);
        const got = intentsOf(createBaseline(id, embedded, context), context, rows);
        const worst = Math.max(...got.map((x, i) => Math.abs(x - wanted[i]!)));
        expect(worst, `${id} as ${nested}`).toBeLessThan(1e-10);
      }
    expect(pairs).toBe(5);
  });

  it("say where they cannot", () => {
    expect(embedParams("composite", "leland", {}, context)).toBeUndefined();
    const options = contextOf({
      slots: [
        { name: "spot", kind: "spot" },
        { name: "option", kind: "option" },
      ],
    });
    expect(embedParams("composite", "greeks-band", { gammaHalfWidth: 0.1 }, options)).toBeUndefined();
  });
});
