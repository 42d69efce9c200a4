import { describe, expect, it } from "vitest";
import { FeatureExtractor } from "../../../env/features/extractor.ts";
import { FEATURE_GROUPS, featureSchema, groupWidth, HALF_LIVES } from "../../../env/features/schema.ts";
import { featureConfig } from "../../../env/tasks/rebalance/feature-config.ts";
import { initialVolatility, parseScenario, type ScenarioInput } from "../../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../../env/tasks/rebalance/simulated-market.ts";
import { featureIndex } from "../../../src/core/contracts/features.ts";
import { makeObservation } from "../../../src/core/contracts/observation.ts";
import { allOn, EXECUTIONS } from "../tasks/rebalance/flow-scenarios.ts";
import { environment, intents } from "../tasks/rebalance/scenarios.ts";

type Step = Record<"buyVolume" | "sellVolume" | "oracleUpdated" | "spread" | "depth" | "vpin" | "price", number>;

/** Keeps what was published at each step of environment 0, beside the environment. */
class Witness extends SimulatedMarket {
  readonly published: Step[] = [];
  override start(b: number, episode: number): void {
    super.start(b, episode);
    this.published.length = 0;
    this.#note();
  }
  override advance(b: number, step: number): void {
    super.advance(b, step);
    this.#note();
  }
  #note(): void {
    const { buyVolume, sellVolume, oracleUpdated, spread, depth, vpin, price } = this.frame;
    const now = { buyVolume, sellVolume, oracleUpdated, spread, depth, vpin, price };
    this.published.push(Object.fromEntries(Object.entries(now).map(([k, array]) => [k, array[0]!])) as Step);
  }
}

function watched(input: ScenarioInput) {
  const scenario = parseScenario(input);
  const market = new Witness({ scenario, batch: 1, seed: 3, split: "test" });
  const env = environment(input, { seed: 3, autoresetMode: "disabled", source: market });
  const index = featureIndex(env.extractor.schema);
  const feature = (name: string) => {
    expect(index[name], name).toBeDefined();
    return env.features[index[name]!]!;
  };
  return { env, market, feature };
}
const none = (env: ReturnType<typeof environment>) => intents(env, () => 0);

describe("Groups of features that a market may have", () => {
  it("follow the features that every account has, which stay where they are", () => {
    const slots = [{ name: "a", kind: "spot" }] as const;
    const names = (groups: readonly ("flow" | "oracle" | "api")[]) =>
      featureSchema(slots, 2, groups).features.map((f) => f.name);
    const all = names(FEATURE_GROUPS);
    expect(all.slice(0, names([]).length)).toEqual(names([]));
    expect(all.length - names([]).length).toBe(FEATURE_GROUPS.reduce((n, group) => n + groupWidth(group), 0));
    // Whatever the order in which they are asked for.
    expect(names(["api", "flow"])).toEqual([...names(["flow"]), "api_up"]);
    expect(new Set(all).size).toBe(all.length);
  });

  it("exist where the scenario has what they show", () => {
    const groups = (changes: Partial<ScenarioInput>) => featureConfig(parseScenario(allOn(changes))).groups;
    expect(groups({})).toEqual(["flow", "oracle", "api"]);
    expect(groups({ execution: EXECUTIONS.keeper! })).toEqual(["flow", "oracle"]);
    expect(groups({ chain: {}, execution: { generation: "autonomous" } })).toEqual(["flow"]);
    expect(groups({ market: { price: { model: "gbm", initial: 1, volatility: 1 } }, chain: {} })).toEqual(["api"]);
  });

  it("say of an interval what came in all of its steps: volumes add up, an update in any step counts", () => {
    const { env, market, feature } = watched(allOn());
    let [updates, notInTheLast] = [0, 0];
    for (let episode = 0; episode < 6; episode++) {
      env.reset({ seed: 3, options: { firstEpisode: episode } });
      for (let from = 1; env.finished[0] === 0; from += env.timing.stepsPerDecision) {
        env.step(none(env));
        const steps = market.published.slice(from);
        expect(steps.length).toBeLessThanOrEqual(env.timing.stepsPerDecision);
        expect(env.observation.buyVolume[0]).toBe(steps.reduce((s, step) => s + step.buyVolume, 0));
        expect(env.observation.sellVolume[0]).toBe(steps.reduce((s, step) => s + step.sellVolume, 0));
        const any = steps.some((step) => step.oracleUpdated === 1);
        expect(feature("oracle_updated")).toBe(any ? 1 : 0);
        updates += Number(any);
        notInTheLast += Number(any && steps.at(-1)!.oracleUpdated === 0);
        expect(feature("vpin")).toBe(steps.at(-1)!.vpin);
      }
    }
    expect(updates).toBeGreaterThan(10);
    expect(notInTheLast).toBeGreaterThan(5);
  });

  it("start an episode with what anyone sees who opens the tape then", () => {
    const { env, feature } = watched(allOn());
    const seen = new Set<number>();
    for (let episode = 0; episode < 8; episode++) {
      env.reset({ seed: 3, options: { firstEpisode: episode } });
      expect(feature("trade_rate")).toBe(0);
      expect(feature("oracle_deviation_bps")).toBe(0);
      expect(feature("oracle_age_hours")).toBe(0);
      expect(feature("oracle_updated")).toBe(0);
      // The estimators have watched the tape before.
      expect(feature("vpin")).toBeGreaterThan(0);
      seen.add(feature("imbalance_slow"));
    }
    expect(seen.size).toBe(8);
  });

  it("compare the volume's rate with its one-day average, in event time", () => {
    const config = featureConfig(parseScenario(allOn()));
    const extractor = new FeatureExtractor(config, 1);
    const at = featureIndex(extractor.schema).trade_rate!;
    const out = new Float64Array(extractor.width);
    const o = makeObservation(1, config.slots.length, config.legs);
    const show = (hours: number, volume: number) => {
      o.timeSeconds[0] = 3600 * hours;
      o.indexPrice[0] = 2000;
      o.legStrike.fill(2000);
      o.slotMark.fill(2000);
      o.slotStrike.fill(2000);
      o.depth[0] = o.spreadState[0] = 1;
      o.buyVolume[0] = 0.25 * volume;
      o.sellVolume[0] = 0.75 * volume;
      extractor.update(0, o, out);
      return out[at]!;
    };
    expect(show(0, 100)).toBe(0);
    // The first interval is its own average; uneven ones are compared by rate.
    expect(show(0.5, 50)).toBe(0);
    expect(show(2.5, 200)).toBeCloseTo(0, 12);
    const keep = 0.5 ** (3600 / HALF_LIVES.slow);
    const mean = keep * 100 + (1 - keep) * 400;
    expect(show(3.5, 400)).toBeCloseTo(Math.log(400 / mean), 12);
    expect(show(4.5, 0)).toBe(-6);
    extractor.reset(0);
    expect(show(5, 1000)).toBe(0);
    expect(show(6, 7)).toBe(0);
  });

  it("agree with the quotes, and with what an own trade pays", () => {
    const slot = { name: "pool", kind: "spot", halfSpreadBps: 4, impactCoefficient: 0.8, dailyVolume: 5000 } as const;
    const input = allOn({ slots: [slot], chain: {}, execution: { generation: "autonomous" } });
    const { env, feature, market } = watched(input);
    env.reset({ seed: 3, options: { firstEpisode: 11 } });
    const sigma = initialVolatility(env.scenario) / Math.sqrt(365);
    let widest = 0;
    for (let d = 0; env.finished[0] === 0; d++) {
      const spread = Math.exp(feature("spread_state"));
      const depth = Math.exp(feature("depth"));
      widest = Math.max(widest, spread);
      const now = market.published.at(-1)!;
      expect(spread).toBeCloseTo(now.spread, 12);
      expect(depth).toBeCloseTo(now.depth, 12);
      expect(feature("slot0_spread_bps")).toBeCloseTo(4 * spread, 9);
      const price = env.ledger.price[0]!;
      const before = env.ledger.totals.slippage[0]!;
      const units = d % 2 === 0 ? 3 : -3;
      env.step(intents(env, () => units));
      const touch = price * (1 + Math.sign(units) * 4e-4 * spread);
      const impact = 0.8 * sigma * Math.sqrt(3 / (5000 * depth));
      const paid = 3 * (Math.abs(touch - price) + touch * impact);
      // The last decision also pays for the unwinding at the horizon.
      if (env.finished[0] === 0) expect(env.ledger.totals.slippage[0]! - before).toBeCloseTo(paid, 9);
    }
    expect(widest).toBeGreaterThan(1.1);
  });
});
