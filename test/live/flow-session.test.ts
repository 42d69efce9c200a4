import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { StateTree } from "../../src/core/state.ts";
import { loadConfig } from "../../src/core/yaml-config.ts";
import { type Experiment, experimentSchema } from "../../src/evaluate/experiment.ts";
import { HashChain } from "../../src/live/hash-chain.ts";
import { replayFeed, shadowStream } from "../../src/live/replay.ts";
import { parseSession, recordSession, tapeOf } from "../../src/live/session.ts";
import type { ShadowEvent } from "../../src/live/shadow-runner.ts";
import { RecordedMarket } from "../../src/live/tape.ts";
import { allOn, EXECUTIONS } from "../env/tasks/rebalance/flow-scenarios.ts";
import { straddle } from "../env/tasks/rebalance/scenarios.ts";

function shipped(name: string): Experiment {
  const path = `experiments/${name}.yaml`;
  return loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema }).value;
}
const made = (scenario: unknown): Experiment => experimentSchema.parse({ kind: "demo", scenario });
const record = (experiment: Experiment, episode = 2) => {
  const lines = recordSession({ experiment, split: "select", seed: 3, episode });
  return { lines, session: parseSession(`${lines.join("\n")}\n`, "s.jsonl") };
};

describe.each([
  ["toxic-flow", shipped("toxic-flow"), "toxicity-aware", 10],
  ["keeper-oracle", shipped("keeper-oracle"), "oracle-triggered", 10],
  ["everything, by a script", made(allOn()), "toxicity-aware", 3],
  ["everything, by a keeper", made(allOn({ execution: EXECUTIONS.keeper! })), "oracle-triggered", 3],
])("A session of %s", (_name, experiment, rule, least) => {
  const { scenario, unit } = experiment;
  const { session } = record(experiment);

  it("replays a rule's intents and its profit bit for bit", () => {
    const env = new RebalanceEnv({ scenario, numEnvs: 3, split: "select", seed: 3, unit, autoresetMode: "disabled" });
    env.reset({ seed: 3, options: { firstEpisode: 0 } });
    const policy = () => createBaseline(rule, { halfWidth: 0.05 }, env.context);
    const simulator = policy();
    const row = scenario.slots.length * INTENT_WIDTH;
    const out = new Float64Array(3 * row);
    const available = new Uint8Array(env.extractor.width).fill(1);
    const simulated: number[] = [];
    while (env.finished[0] === 0) {
      simulator.decide(3, env.features, available, new Float64Array(0), new Uint8Array(0), out);
      simulated.push(...out.subarray(2 * row));
      env.step(out);
    }
    const events: ShadowEvent[] = [];
    shadowStream(replayFeed(session), {
      header: session.header,
      incumbent: createBaseline("delta-band", {}, env.context),
      challenger: policy(),
    }).subscribe({ next: (event) => events.push(event) });
    const replayed = events.flatMap((event) => (event.type === "decision" ? event.freeRun.intents : []));
    expect(new Float64Array(replayed)).toEqual(new Float64Array(simulated));
    const last = events.at(-1)!;
    expect(last.type === "outcome" && -last.totals.freeRun.profit).toBe(env.outcome.cost[2]);
    expect(env.outcome.rebalances[2]).toBeGreaterThan(least);
  });

  it("keeps its place in a saved state, flow and oracle included", () => {
    const env = () => {
      const source = new RecordedMarket(tapeOf(session));
      return new RebalanceEnv({
        scenario,
        numEnvs: 1,
        split: "select",
        seed: 3,
        unit,
        autoresetMode: "disabled",
        source,
      });
    };
    const none = new Float64Array(scenario.slots.length * INTENT_WIDTH);
    const [one, other] = [env(), env()];
    one.reset({ seed: 3, options: { firstEpisode: 0 } });
    other.reset({ seed: 3, options: { firstEpisode: 0 } });
    for (let d = 0; d < 4; d++) one.step(none);
    other.loadState(structuredClone(one.saveState()) as StateTree);
    while (one.finished[0] === 0) {
      one.step(none);
      other.step(none);
      expect(other.features).toEqual(one.features);
    }
    expect(other.outcome.cost).toEqual(one.outcome.cost);
  });
});

describe("A session holds", () => {
  it("what its scenario's market publishes, and never what only the simulator knows", () => {
    const { session } = record(made(allOn()), 1);
    const { step: _, time: __, ...fields } = session.frames[5]!;
    expect(Object.keys(fields)).toHaveLength(18);
    expect(Object.keys(fields)).toEqual(expect.arrayContaining(["vpin", "depth", "oraclePrice", "apiUp"]));
    expect(Object.keys(fields)).not.toContain("transient");
    expect(Object.keys(fields)).not.toContain("informed");
    expect(Object.keys(record(made(straddle())).session.frames[0]!)).toHaveLength(7);
  });

  it("all fields of its scenario, or is refused with line and field", () => {
    const { lines } = record(made(allOn()), 1);
    const chain = new HashChain();
    const without = lines.map((line, i) => {
      const { prev: _, seq: __, hash: ___, ...record } = JSON.parse(line);
      if (i === 3) delete record.vpin;
      return chain.line(record);
    });
    expect(() => parseSession(`${without.join("\n")}\n`, "s.jsonl")).toThrow(
      /vpin is not a possible number[\s\S]*line 4/,
    );
  });
});

describe("A session from before there were groups of features", () => {
  it("is read as before", () => {
    const experiment = made(straddle());
    const { lines, session } = record(experiment);
    const chain = new HashChain();
    const old = lines.map((line, i) => {
      const { prev: _, seq: __, hash: ___, ...record } = JSON.parse(line);
      if (i === 0) delete record.featureConfig.groups;
      return chain.line(record);
    });
    expect(old[0]).not.toContain("groups");
    const read = parseSession(`${old.join("\n")}\n`, "s.jsonl");
    expect(read.frames).toEqual(session.frames);
    expect(read.header).toEqual(session.header);
  });

  it("is still refused where its features are others", () => {
    const { lines } = record(made(straddle()));
    const chain = new HashChain();
    const other = lines.map((line, i) => {
      const { prev: _, seq: __, hash: ___, ...record } = JSON.parse(line);
      if (i === 0) record.featureConfig.legs = 3;
      return chain.line(record);
    });
    expect(() => parseSession(`${other.join("\n")}\n`, "s.jsonl")).toThrow("computes other features");
  });
});

describe("A recorded option chain", () => {
  it("is not recorded again: a session would hold neither its contracts nor their volatilities", () => {
    const scenario = straddle({
      market: { price: { model: "listed", series: "chain", volatility: 0.6 } },
      slots: [{ name: "forward", kind: "perpetual" }],
      terminal: "mark",
    });
    expect(() => record(made(scenario))).toThrow("A recorded option chain is not recorded again.");
  });
});
