import { describe, expect, it } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { buildBundle, openBundle } from "../../models/format/bundle.ts";
import { checkGolden } from "../../models/format/golden.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import type { HeadSpec } from "../../src/core/contracts/heads.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Series } from "../../src/core/contracts/series.ts";
import { Random } from "../../src/core/random.ts";
import type { Experiment } from "../../src/evaluate/experiment.ts";
import { replayFeed, shadowStream } from "../../src/live/replay.ts";
import { parseSession, recordSession } from "../../src/live/session.ts";
import type { ShadowEvent } from "../../src/live/shadow-runner.ts";
import { actor, bundleInput, experiment } from "./fixture.ts";

/** Five days of minutes, random but literal. */
function series(name: string, start: number, sd: number): Series {
  const random = new Random(8, `test/${name}`);
  const n = 5 * 1440;
  const values = new Float64Array(n);
  for (let i = 0, x = Math.log(start); i < n; i++, x += sd * random.normal()) values[i] = Math.exp(x);
  return {
    source: `${name}.csv`,
    hash: "0".repeat(64),
    times: Float64Array.from({ length: n }, (_, i) => 1_640_995_200 + 60 * i),
    values,
    unit: "1",
  };
}

const recorded: ScenarioData = { series: { price: series("price", 40_000, 8e-4), fee: series("fee", 60, 0.02) } };

const MARKETS: readonly [string, Experiment, HeadSpec, ScenarioData | undefined][] = [
  [
    "recorded prices and fees, a linear perpetual",
    experiment({
      market: { price: { model: "file", series: "price", volatility: 0.7, tick: 1 } },
      chain: { fee: { model: "file", series: "fee" } },
      slots: [{ name: "perpetual", kind: "perpetual", specification: "btc-perpetual", fundingRate8h: 1e-4 }],
    }),
    { head: "band", reference: { baseline: "delta-band", params: { halfWidth: 0.05 } }, scale: 1 },
    recorded,
  ],
  [
    "a coin account with an inverse perpetual and a listed option",
    experiment({
      account: { numeraire: "coin", collateral: "coin", collateralCoin: 5, deltaConvention: "netTransaction" },
      slots: [
        { name: "inverse", kind: "inverse-perpetual", specification: "btc-inverse-perpetual", basisBps: 4 },
        {
          name: "atm",
          kind: "option",
          specification: "listed-option",
          halfSpreadVolPoints: 1,
          option: { type: "call", maturityDays: 7 },
        },
      ],
      terminal: "settle",
      maturityDays: 1,
      decisionInterval: "7m",
    }),
    { head: "gate+size", maxChange: 0.4 },
    undefined,
  ],
];

describe.each(MARKETS)("on %s", (_, e, head, data) => {
  const { policy, context, baseline } = actor(e, head, undefined, data);

  it("a replay gives the simulator's intents and profit bit for bit, without the recorded data", () => {
    const episode = 2;
    const lines = recordSession({ experiment: e, split: "test", seed: 3, episode, ...(data && { data }) });
    const session = parseSession(`${lines.join("\n")}\n`, "s.jsonl");
    const env = new RebalanceEnv({
      scenario: e.scenario,
      numEnvs: 3,
      split: "test",
      seed: 3,
      unit: e.unit,
      autoresetMode: "disabled",
      ...(data && { data }),
    });
    env.reset({ seed: 3, options: { firstEpisode: 0 } });
    const S = e.scenario.slots.length;
    const out = new Float64Array(3 * S * INTENT_WIDTH);
    const available = new Uint8Array(env.extractor.width).fill(1);
    const simulated: number[] = [];
    while (env.finished[0] === 0) {
      policy.decide(3, env.features, available, new Float64Array(0), new Uint8Array(0), out);
      simulated.push(...out.subarray(2 * S * INTENT_WIDTH));
      env.step(out);
    }
    const events: ShadowEvent[] = [];
    shadowStream(replayFeed(session), {
      header: session.header,
      incumbent: createBaseline(baseline.id, baseline.params, context),
      challenger: policy,
    }).subscribe({ next: (event) => events.push(event) });
    const replayed = events.flatMap((event) => (event.type === "decision" ? event.freeRun.intents : []));
    expect(new Float64Array(replayed)).toEqual(new Float64Array(simulated));
    const last = events.at(-1)!;
    expect(last.type === "outcome" && -last.totals.freeRun.profit).toBe(env.outcome.cost[2]);
    expect(env.outcome.rebalances[2]).toBeGreaterThan(10);
  });

  it("a bundle's golden pairs hold on both engines", () => {
    const { golden, policy: description } = openBundle(buildBundle(bundleInput(e, head, data)), "b");
    expect(() => checkGolden(golden, description, policy, "reference", "g")).not.toThrow();
    const onKernel = actor(e, head, kernelEngine(), data).policy;
    expect(() => checkGolden(golden, description, onKernel, "kernel", "g")).not.toThrow();
  });
});
