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
const informed = contextOf({}, ["flow", "oracle"]);
const TOXIC = {
  halfWidth: 0.06,
  toxicityExponent: 0.4,
  flowLean: 0.02,
  flowLeanSlow: -0.01,
  flowRate: 0.6,
  flowToxicity: 0.5,
  flowPosition: -0.1,
  flowWaitAbove: 0.2,
  flowWaitMultiple: 2,
  rebalanceTo: 0.6,
};

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

  it("do so bit for bit where order flow and an oracle are seen", () => {
    const seen = randomRows(informed, 1000, 10);
    const pairs = [
      ["oracle-triggered", "delta-band", SIMPLE["delta-band"]],
      ["toxicity-aware", "delta-band", SIMPLE["delta-band"]],
      ["composite", "delta-band", SIMPLE["delta-band"]],
      ["composite", "toxicity-aware", TOXIC],
      ["composite", "gas-aware", { ...SIMPLE["gas-aware"], costExponent: 0 }],
    ] as const;
    for (const [id, nested, params] of pairs) {
      const embedded = embedParams(id, nested, params, informed)!;
      const wanted = intentsOf(createBaseline(nested, params, informed), informed, seen);
      expect(intentsOf(createBaseline(id, embedded, informed), informed, seen), `${id} as ${nested}`).toEqual(wanted);
    }
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
