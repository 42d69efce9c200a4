import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { policyContext } from "../../env/tasks/rebalance/feature-config.ts";
import { sourcesOf, unsupplied } from "../../src/core/live-sources.ts";
import { type Experiment, experimentSchema } from "../../src/evaluate/experiment.ts";
import {
  checkDeployment,
  deploymentNotes,
  deploymentOf,
  featureUse,
  rulesAtTarget,
  selectedFeatures,
} from "../../src/train/deployment.ts";
import { chooseReference } from "../../src/train/reference.ts";
import { TINY } from "../cli/greekgym.ts";

/** A market with everything optional, and a spot venue on chain. */
function experiment(agent: Record<string, unknown>, slot = "dex-spot-5bps"): Experiment {
  const tiny = parse(TINY) as { scenario: Record<string, unknown> };
  const chain = { fee: { model: "eip1559", medianGwei: 20 }, oracle: { deviationBps: 50 } };
  const slots = [
    slot === "perpetual" ? { name: "p", kind: "perpetual" } : { name: "spot", kind: "spot", specification: slot },
  ];
  return experimentSchema.parse({ ...tiny, scenario: { ...tiny.scenario, chain, slots }, agent });
}

const deploy = (target: string, missing = "refuse") => ({ deploy: { target, missing } });
const schemaOf = (e: Experiment) => policyContext(e.scenario).schema;
const unused = (e: Experiment) => featureUse(e, schemaOf(e)).filter((f) => f.use !== "read");

describe("Training for a target", () => {
  it("changes nothing where the target is the simulation", () => {
    const e = experiment({});
    expect(unused(e)).toEqual([]);
    expect(() => checkDeployment(e)).not.toThrow();
    expect(deploymentNotes(e, policyContext(e.scenario), [])).toEqual([]);
  });

  it("refuses features without a source, naming each with what it needs and the ways out", () => {
    expect(() => checkDeployment(experiment(deploy("deribit-public")))).toThrow(
      /agent\.features[\s\S]*missing=mask[\s\S]*base_fee_gwei \(ethereum-rpc\), gas_cost_bps \(ethereum-rpc\)[\s\S]*oracle_deviation_bps \(oracle\), oracle_age_hours \(oracle\)/,
    );
    const listed = experiment({ ...deploy("deribit-public"), features: ["delta", "base_fee_gwei"] });
    expect(() => checkDeployment(listed)).toThrow(/Without a source: base_fee_gwei \(ethereum-rpc\)\./);
    expect(() => checkDeployment(experiment({ ...deploy("deribit-public"), features: ["delta"] }))).not.toThrow();
    expect(() => checkDeployment(experiment(deploy("deribit-public,ethereum-rpc,oracle")))).not.toThrow();
  });

  it("masks them instead where it is told to: they are no inputs, and the reason is told", () => {
    const e = experiment(deploy("deribit-public,ethereum-rpc", "mask"));
    expect(unused(e)).toEqual(
      ["oracle_deviation_bps", "oracle_age_hours", "oracle_updated"].map((name) => ({
        name,
        use: "masked",
        why: "no oracle",
      })),
    );
    const schema = schemaOf(e);
    const names = selectedFeatures(e, schema).map((i) => schema.features[i]!.name);
    expect(names).toEqual(schema.features.map((f) => f.name).filter((n) => !n.startsWith("oracle")));
    expect(deploymentOf(e, policyContext(e.scenario)).masked).toEqual(unused(e).map((f) => f.name));
  });

  it("keeps the order of a list, and tells what is not on it", () => {
    const e = experiment({ ...deploy("deribit-public", "mask"), features: ["time_left", "base_fee_gwei", "delta"] });
    const schema = schemaOf(e);
    expect(selectedFeatures(e, schema).map((i) => schema.features[i]!.name)).toEqual(["time_left", "delta"]);
    expect(featureUse(e, schema)[0]).toEqual({ name: "spot", use: "left-out", why: "not in agent.features" });
  });

  it("refuses what masking cannot mend: a head that reads what is missing, a policy without inputs", () => {
    expect(() => checkDeployment(experiment(deploy("ethereum-rpc", "mask")))).toThrow(
      /band head reads[\s\S]*delta \(deribit-public\), slot0_unit_delta \(deribit-public\)/,
    );
    const blind = experiment({ ...deploy("deribit-public", "mask"), features: ["base_fee_gwei"] });
    expect(() => checkDeployment(blind)).toThrow(/Nothing is left/);
  });

  it("refuses a named reference that reads what is missing, and masks where the rule can do without", () => {
    const listed = { features: ["delta"], reference: "gas-aware" };
    expect(() => checkDeployment(experiment({ ...deploy("deribit-public"), ...listed }))).toThrow(
      /agent\.reference[\s\S]*"gas-aware"[\s\S]*gas_cost_bps \(ethereum-rpc\), base_fee_fast \(ethereum-rpc\)/,
    );
    expect(() => checkDeployment(experiment({ ...deploy("deribit-public", "mask"), ...listed }))).not.toThrow();
    const deaf = { ...listed, reference: "gas-aware(costExponent=0;waitMultiple=1)" };
    expect(() => checkDeployment(experiment({ ...deploy("deribit-public"), ...deaf }))).not.toThrow();
    const oracle = { ...listed, reference: "oracle-triggered" };
    expect(() => checkDeployment(experiment({ ...deploy("deribit-public", "mask"), ...oracle }))).toThrow(
      /oracle_updated \(oracle\)/,
    );
  });

  it("needs no chain for gas where the venue asks for none", () => {
    const e = experiment(deploy("deribit-public,oracle", "mask"), "perpetual");
    expect(unused(e).map((f) => f.name)).toEqual(["base_fee_gwei", "base_fee_fast", "base_fee_slow"]);
  });

  it.each([
    ["", "No source of live data"],
    ["derbit-public", "Did you mean"],
  ])("refuses the target %j in the config", (target, text) => {
    expect(() => experiment(deploy(target))).toThrow(text);
  });
});

describe("Rules at a target", () => {
  const e = experiment(deploy("deribit-public", "mask"));
  const context = policyContext(e.scenario);
  const rule = (id: string, params = {}) => {
    const complete = createBaseline(id, params, context).params;
    return {
      label: id,
      id,
      params: complete,
      objective: 0,
      budget: { steps: 9, trials: 1, coreSeconds: 0 },
      atEdge: [],
    };
  };
  const rules = [rule("delta-band"), rule("gas-aware"), rule("oracle-triggered")];
  const target = rulesAtTarget(e, context, rules);
  const table = (cost: number) =>
    ({ costs: Float64Array.from([cost, cost + 1]) }) as Parameters<typeof chooseReference>[3][number];
  const choose = (agent: Record<string, unknown>, costs: readonly number[]) =>
    chooseReference(
      { ...e, agent: { ...e.agent, ...agent } },
      context,
      [...rules, ...target.silenced],
      costs.map(table),
      target.unable,
    );

  it("names those that cannot run there and copies those that can do without", () => {
    expect(target.unable).toEqual([
      { label: "gas-aware", lacks: "gas_cost_bps (ethereum-rpc), base_fee_fast (ethereum-rpc)" },
      {
        label: "oracle-triggered",
        lacks: "oracle_deviation_bps (oracle), oracle_age_hours (oracle), oracle_updated (oracle)",
      },
    ]);
    expect(target.silenced.map((r) => [r.label, r.silencedOf])).toEqual([["gas-aware@deribit-public", "gas-aware"]]);
    const [copy] = target.silenced;
    const reads = createBaseline(copy!.id, copy!.params, context).reads;
    expect(unsupplied(context.schema, sourcesOf("deribit-public"), reads)).toEqual([]);
    const notes = deploymentNotes(e, context, target.unable);
    expect(notes[0]).toContain("does not read base_fee_gwei");
    expect(notes[1]).toMatch(/^gas-aware cannot run on deribit-public/);
  });

  it("never choose as the reference what cannot run there, however cheap it is", () => {
    expect(choose({}, [5, 1, 1, 4]).label).toBe("gas-aware@deribit-public");
    expect(choose({}, [3, 1, 1, 4]).label).toBe("delta-band");
    expect(choose({ reference: "gas-aware" }, [3, 1, 1, 4]).label).toBe("gas-aware@deribit-public");
    expect(() => choose({ reference: "oracle-triggered" }, [3, 1, 1, 4])).toThrow(
      /oracle-triggered cannot run on deribit-public: it reads oracle_deviation_bps/,
    );
  });
});
