import { describe, expect, it } from "vitest";
import { checkEnv } from "../../../../env/core/check-env.ts";
import { checkLeakage } from "../../../../env/core/check-leakage.ts";
import { checkVectorEnv } from "../../../../env/core/check-vector-env.ts";
import { BASE_FIELDS, type FuturePerturbation, type MarketSource } from "../../../../env/market/source.ts";
import { listEnvs, make, makeVector } from "../../../../env/registry.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import type { ScenarioData } from "../../../../env/tasks/rebalance/scenario-data.ts";
import { SimulatedMarket } from "../../../../env/tasks/rebalance/simulated-market.ts";
import { rebalance, rebalanceVector } from "../../../../env/tasks/rebalance/trade-actions.ts";
import { EVERYTHING, environment, intents, series, straddle } from "./scenarios.ts";

const data: ScenarioData = {
  series: {
    price: series("price", 3000, 900, (i) => 2000 + 300 * Math.sin(i / 40) + (i % 7)),
    fee: series("fee", 800, 3600, (i) => 20 + 10 * Math.cos(i / 5)),
  },
};
const RECORDED: ScenarioInput = {
  ...EVERYTHING,
  name: "recorded",
  market: { ...EVERYTHING.market, price: { model: "file", series: "price", volatility: 0.6 } },
  chain: { ...EVERYTHING.chain, fee: { model: "file", series: "fee" } },
};
const cases: [string, ScenarioInput][] = [
  ["a plain scenario", straddle()],
  ["every feature, with costs", EVERYTHING],
  ["recorded prices and fees", RECORDED],
];

describe.each(cases)("The rebalance task with %s", (_name, input) => {
  const options = { scenario: parseScenario(input), split: "train", data } as const;

  it("keeps the contract of a single environment", () => {
    expect(checkEnv(() => rebalance(options))).toEqual([]);
  });

  it("keeps the contract of a vector environment, but for seeds, which belong to the whole batch", () => {
    const findings = checkVectorEnv((n, mode) => rebalanceVector(options, n, mode));
    expect(findings.filter((f) => f.rule !== "seed-per-copy")).toEqual([]);
  });

  it("shows nothing of the future", () => {
    expect(checkLeakage(() => rebalanceVector(options, 3, "same-step"))).toEqual([]);
    expect(checkLeakage(() => rebalance(options))).toEqual([]);
  });
});

/** Publishes the price of the end of the step that is only beginning: a source that looks ahead. */
class AheadOfTime implements MarketSource {
  readonly batch = 1;
  readonly steps: number;
  readonly frame;
  readonly fields = BASE_FIELDS;
  readonly #inner: SimulatedMarket;
  readonly #twin: SimulatedMarket;

  constructor(input: ScenarioInput, field: "price" | "baseFeeGwei") {
    const options = { scenario: parseScenario(input), batch: 1, seed: 1, split: "train", data } as const;
    this.#inner = new SimulatedMarket(options);
    this.#twin = new SimulatedMarket(options);
    this.steps = this.#inner.steps;
    this.frame = { ...this.#inner.frame, [field]: this.#twin.frame[field] };
  }
  start(b: number, episode: number): void {
    this.#inner.start(b, episode);
    this.#twin.start(b, episode);
    this.#twin.advance(b, 0);
  }
  advance(b: number, step: number): void {
    this.#inner.advance(b, step);
    if (step + 1 < this.steps) this.#twin.advance(b, step + 1);
  }
  perturbFuture(perturbation: FuturePerturbation | undefined): void {
    this.#inner.perturbFuture(perturbation);
    this.#twin.perturbFuture(perturbation);
  }
  saveState = () => this.#inner.saveState();
  loadState = () => undefined;
}

describe("The leakage check on a source that looks one step ahead", () => {
  it.each([
    ["price", EVERYTHING],
    ["baseFeeGwei", EVERYTHING],
    ["price", RECORDED],
    ["baseFeeGwei", RECORDED],
  ] as const)("finds the leak of %s", (field, input) => {
    const leaky = () =>
      rebalance({ scenario: parseScenario(input), split: "train", source: new AheadOfTime(input, field) });
    const rules = checkLeakage(leaky, { seeds: [1] }).map((f) => f.rule);
    expect(rules).toContain("leakage-observation");
  });
});

describe("RebalanceEnv", () => {
  it("is registered as rebalance-v1, single and vector, with a scenario as its option", () => {
    expect(listEnvs().find((e) => e.id === "rebalance-v1")?.nativeVector).toBe(true);
    expect(make("rebalance-v1").metadata.maxSteps).toBe(84);
    const vector = makeVector("rebalance-v1", 2, "next-step", { scenario: straddle(), split: "select" });
    expect(vector.reset({ seed: 3 }).obs.length % 2).toBe(0);
    expect(() => make("rebalance-v1", { split: "exam" })).toThrow("Use one of train, select, test.");
    expect(() => make("rebalance-v1", { scenario: {} })).toThrow("scenario.name");
  });

  it("starts a new episode after each end, in every mode", () => {
    const run = (autoresetMode: "disabled" | "same-step" | "next-step") => {
      const env = environment(straddle({ name: "episodes" }), { numEnvs: 2, autoresetMode });
      env.reset();
      const seen: number[] = [];
      const zero = intents(env, () => 0);
      while (seen.length < 6) {
        env.step(zero);
        if (env.finished[0] === 0) continue;
        seen.push(...env.outcome.episode);
        if (autoresetMode === "disabled") env.reset({ options: { reset_mask: Uint8Array.of(1, 1) } });
      }
      return seen;
    };
    for (const mode of ["disabled", "same-step", "next-step"] as const) expect(run(mode)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("refuses masks that fit nothing, another seed for a part, and seeds that are no whole numbers", () => {
    const env = environment(straddle(), { numEnvs: 2, autoresetMode: "disabled" });
    const mask = (m: unknown, seed?: number) => () =>
      env.reset({ ...(seed === undefined ? {} : { seed }), options: { reset_mask: m } });
    expect(mask(Uint8Array.of(1, 0))).toThrow("after a first whole reset");
    env.reset({ seed: 4 });
    for (const wrong of [Uint8Array.of(0, 0), Uint8Array.of(1), [1, 1]])
      expect(mask(wrong)).toThrow("The reset mask is wrong");
    expect(mask(Uint8Array.of(1, 0), 5)).toThrow("with the same seed");
    expect(() => env.reset({ seed: Number.NaN })).toThrow("The seed is wrong");
  });

  it("refuses steps outside an episode and intents that it cannot carry out", () => {
    const env = environment(straddle(), { autoresetMode: "disabled" });
    const zero = intents(env, () => 0);
    expect(() => env.step(zero)).toThrow("stepped outside an episode");
    env.reset({ seed: 1 });
    expect(() => env.step(new Float64Array(3))).toThrow('"intents" has the wrong length');
    expect(() => env.step(Float64Array.of(2, 0, 1, 0, 0, 1))).toThrow("unknown kind");
    expect(() => env.step(Float64Array.of(1, 1, 1, 0, 0, 1))).toThrow("a slot that does not exist");
    expect(() => env.step(Float64Array.of(1, 0, Number.NaN, 0, 0, 1))).toThrow("not a finite number");
  });

  it("loads all of a saved state or nothing of it", () => {
    const env = environment(EVERYTHING, { numEnvs: 2 });
    env.reset({ seed: 1 });
    env.step(intents(env, () => 1));
    const saved = env.saveState();
    const other = environment(EVERYTHING, { numEnvs: 2 });
    other.reset({ seed: 1, options: { firstEpisode: 9 } });
    const before = other.saveState();
    for (const part of ["market", "ledger", "extractor", "own"])
      expect(() => other.loadState({ ...saved, [part]: {} })).toThrow("does not fit");
    expect(() => other.loadState({ ...saved, seed: "x" })).toThrow("does not fit");
    expect(other.saveState()).toEqual(before);
  });
});
