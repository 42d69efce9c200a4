import { INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { Observation } from "../../../src/core/contracts/observation.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { ContractError, expectLength } from "../../../src/core/errors.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import { expectSeed } from "../../core/batch.ts";
import type { NumericArray, ResetOptions, VectorEnv, VectorInfo, VectorStepResult } from "../../core/env.ts";
import { stateNumber, stateTree } from "../../core/restore.ts";
import { type BoxSpace, box } from "../../core/spaces.ts";
import { FeatureExtractor } from "../../features/extractor.ts";
import { AT } from "../../features/schema.ts";
import type { FuturePerturbation, MarketSource } from "../../market/source.ts";
import { PART, PART_COUNT } from "./accounts.ts";
import { Executor } from "./executor.ts";
import { featureConfig, policyContext } from "./feature-config.ts";
import { Ledger } from "./ledger.ts";
import { makeMarket } from "./make-market.ts";
import { noteInterval, observationOf, observe } from "./observe.ts";
import type { RebalanceOptions } from "./options.ts";
import { type EpisodeOutcome, makeOutcome, recordOutcome } from "./outcome.ts";
import { ownWords } from "./own-words.ts";
import { decisionReward } from "./reward.ts";
import { type Scenario, type ScenarioTiming, timing } from "./scenario.ts";
import { closeBook } from "./terminal.ts";

/** How far an oracle sees gas to come. */
const LOOK_AHEAD_SECONDS = 6 * 3600;

export { featureConfig } from "./feature-config.ts";
export type { CostUnit, RebalanceOptions } from "./options.ts";
export type { EpisodeOutcome } from "./outcome.ts";
export { costShape, type RewardShape } from "./reward.ts";

/**
 * `rebalance-v1`: hedge an options book until its horizon. Observations are the raw features [B*F]; actions are intents
 * [B*slots*INTENT_WIDTH]. Native vector form: struct of arrays, nothing allocated a step. One step is one decision.
 * Episode e of sub-environment b is number `firstEpisode + b + e * numEnvs` of the split, so results do not depend on batching; the
 * seed belongs to the split as a whole, so copy b of seed n is not copy 0 of seed n + b. An episode ends by termination at its horizon.
 */
export class RebalanceEnv implements VectorEnv {
  readonly metadata;
  readonly numEnvs: number;
  readonly singleObservationSpace: BoxSpace;
  readonly singleActionSpace: BoxSpace;
  readonly scenario: Scenario;
  readonly timing: ScenarioTiming;
  readonly extractor: FeatureExtractor;
  readonly ledger: Ledger;
  readonly observation: Observation;
  readonly outcome: EpisodeOutcome;
  readonly context: PolicyContext;
  /** 1 where the environment finished at the last step. */
  readonly finished: Uint8Array;
  #source: MarketSource;
  readonly #executor: Executor;
  readonly #truth: { readonly transient: Float64Array; readonly gasToCome: Float64Array };
  readonly #options: RebalanceOptions;
  readonly #part: { readonly from: number; readonly of: number };
  readonly #features: Float64Array;
  readonly #finalFeatures: Float64Array;
  readonly #rewards: Float64Array;
  readonly #terminated: Uint8Array;
  readonly #truncated: Uint8Array;
  readonly #step: Int32Array;
  readonly #decision: Int32Array;
  readonly #episode: Int32Array;
  readonly #lastProfit: Float64Array;
  /** Costs paid less funding received at the last decision, USD. */
  readonly #lastPaid: Float64Array;
  /** USD variance of the delta held over the decision in hand. */
  readonly #heldVariance: Float64Array;
  readonly #outside: Float64Array;
  /** Units of the underlying held, summed over the seconds of the episode so far. */
  readonly #exposure: Float64Array;
  readonly #active: Uint8Array;
  #seed: number;

  constructor(given: RebalanceOptions) {
    const scenario = ownWords(given.scenario);
    const options = { ...given, scenario };
    const { numEnvs } = options;
    const S = scenario.slots.length;
    this.#options = options;
    this.#part = options.part ?? { from: 0, of: numEnvs };
    this.scenario = scenario;
    this.numEnvs = numEnvs;
    this.timing = timing(scenario);
    this.ledger = new Ledger(scenario, numEnvs);
    this.extractor = new FeatureExtractor(featureConfig(scenario), numEnvs);
    this.observation = observationOf(this.ledger);
    const { schema, width } = this.extractor;
    this.metadata = {
      id: "rebalance-v1",
      autoresetMode: options.autoresetMode ?? "same-step",
      canPerturbFuture: options.source === undefined || options.source.perturbFuture !== undefined,
      maxSteps: this.timing.decisions,
    } as const;
    // Raw features have no upper limit; costs are the one that a bounded-looking clip does not bound below (impact may be earned back).
    const low = schema.features.map((f) => (f.low === 0 && f.name !== "costs_bps" ? 0 : Number.NEGATIVE_INFINITY));
    this.singleObservationSpace = box(low, Number.POSITIVE_INFINITY, [width], "float64");
    this.singleActionSpace = box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, [S * INTENT_WIDTH], "float64");
    this.context = policyContext(scenario, schema);
    this.#seed = options.seed ?? 0;
    this.#source = this.#makeSource();
    this.#executor = new Executor(scenario, this.extractor.schema, options.split, this.#seed);
    this.#truth = { transient: new Float64Array(numEnvs), gasToCome: new Float64Array(numEnvs) };
    const b = () => new Float64Array(numEnvs);
    this.#features = new Float64Array(numEnvs * width);
    this.#finalFeatures = new Float64Array(numEnvs * width);
    this.#rewards = b();
    this.#terminated = new Uint8Array(numEnvs);
    this.#truncated = new Uint8Array(numEnvs);
    this.finished = new Uint8Array(numEnvs);
    this.#step = new Int32Array(numEnvs);
    this.#decision = new Int32Array(numEnvs);
    this.#episode = new Int32Array(numEnvs);
    this.#lastProfit = b();
    this.#lastPaid = b();
    this.#heldVariance = b();
    this.#outside = b();
    this.#exposure = b();
    this.#active = new Uint8Array(numEnvs);
    this.outcome = makeOutcome(numEnvs);
  }

  /** Non-overlapping recorded windows of the split, or undefined where prices are simulated. */
  get windows(): number | undefined {
    return this.#source.windows;
  }

  /**
   * `options.firstEpisode`: number of the first environment's episode. `options.perturbFuture`: see checkLeakage.
   * `options.reset_mask`: in disabled mode, which environments start anew.
   */
  reset({ seed, options }: ResetOptions = {}): { obs: NumericArray; info: VectorInfo } {
    expectSeed(seed);
    const mask = options?.reset_mask;
    if (mask !== undefined) this.#checkMask(mask, seed);
    if (seed !== undefined && seed !== this.#seed) {
      this.#seed = seed;
      this.#source = this.#makeSource();
      this.#executor.reseed(seed);
    }
    const first = (options?.firstEpisode as number | undefined) ?? (seed !== undefined ? 0 : undefined);
    if (mask === undefined) this.#perturb(options?.perturbFuture as FuturePerturbation | undefined);
    for (let b = 0; b < this.numEnvs; b++) {
      if (mask !== undefined && (mask as Uint8Array)[b] === 0) continue;
      const copy = this.#part.from + b;
      const next = this.#active[b] === 0 ? copy : this.#episode[b]! + this.#part.of;
      this.#begin(b, first === undefined ? next : first + copy);
    }
    this.finished.fill(0);
    return { obs: this.#features, info: {} };
  }

  step(actions: NumericArray): VectorStepResult {
    const S = this.ledger.slots;
    const width = this.extractor.width;
    expectLength(actions, this.numEnvs * S * INTENT_WIDTH, "intents");
    const intents = actions as Float64Array;
    const { stepsPerDecision, steps } = this.timing;
    this.#terminated.fill(0);
    this.finished.fill(0);
    let anyFinished = false;
    const { autoresetMode } = this.metadata;
    for (let b = 0; b < this.numEnvs; b++) {
      if (this.#active[b] === 2 && autoresetMode === "next-step") {
        this.#begin(b, this.#episode[b]! + this.#part.of);
        this.#rewards[b] = 0;
        continue;
      }
      if (this.#active[b] !== 1)
        throw new ContractError("An environment was stepped outside an episode.", {
          which: `rebalance-v1, environment ${b}`,
          fix: "Call reset (with options.reset_mask for some), or use the same-step or next-step autoreset mode.",
        });
      const end = Math.min(steps, this.#step[b]! + stepsPerDecision);
      for (let step = this.#step[b]!, sent = false; step < end; step++) {
        this.#source.advance(b, step);
        if (!sent) this.#execute(b, step, intents);
        sent = true;
        const { frame } = this.#source;
        noteInterval(this.observation, b, frame, step === this.#step[b]!);
        this.ledger.mark(b, frame, frame.seconds[b]! - this.ledger.seconds[b]!);
      }
      this.#step[b] = end;
      this.#decision[b]! += 1;
      const done = end >= steps;
      if (done) closeBook(this.scenario, this.ledger, b, this.#source.frame.baseFeeGwei[b]!);
      this.#look(b);
      this.extractor.update(b, this.observation, this.#features, this.ledger);
      this.#rewards[b] = this.#reward(b);
      if (!done) continue;
      anyFinished = true;
      this.#terminated[b] = 1;
      this.finished[b] = 1;
      const { outcome, ledger, context } = this;
      const outside = this.#outside[b]! / this.#decision[b]!;
      const exposure = this.#exposure[b]! / (context.bookSize * steps * this.timing.stepSeconds);
      recordOutcome(outcome, b, ledger, this.#episode[b]!, this.unitUsd(b), context.bookSize, outside, exposure);
      this.#active[b] = 2;
      this.#finalFeatures.set(this.#features.subarray(b * width, (b + 1) * width), b * width);
      if (autoresetMode === "same-step") this.#begin(b, this.#episode[b]! + this.#part.of);
    }
    const info: VectorInfo =
      anyFinished && autoresetMode === "same-step" ? { final_obs: this.#finalFeatures, _final_obs: this.finished } : {};
    return {
      obs: this.#features,
      rewards: this.#rewards,
      terminated: this.#terminated,
      truncated: this.#truncated,
      info,
    };
  }

  /**
   * What no observation carries, for oracles: the log displacement of the mid now, and the log of the lowest base fee of the next 6 hours over the
   * newest one. Undefined where the market cannot look ahead. [B] each; valid until the next step.
   */
  get truth(): { readonly transient: Float64Array; readonly gasToCome: Float64Array } | undefined {
    const source = this.#source;
    if (source.gasToCome === undefined) return undefined;
    for (let b = 0; b < this.numEnvs; b++) {
      this.#truth.transient[b] = source.frame.transient[b]!;
      this.#truth.gasToCome[b] = source.gasToCome(b, LOOK_AHEAD_SECONDS);
    }
    return this.#truth;
  }

  /** Raw features of the newest observation [B*F]. */
  get features(): Float64Array {
    return this.#features;
  }

  saveState(): StateTree {
    const own: Record<string, Float64Array | Int32Array | Uint8Array> = {};
    for (const [name, array] of Object.entries(this.#arrays())) own[name] = array.slice();
    return {
      seed: this.#seed,
      own,
      market: this.#source.saveState(),
      ledger: this.ledger.saveState(),
      extractor: this.extractor.saveState(),
    };
  }

  loadState(state: StateTree): void {
    const seed = stateNumber(state, "seed");
    const parts = ["market", "ledger", "extractor", "own"] as const;
    const trees = parts.map((name) => stateTree(state, name));
    const source = seed === this.#seed ? this.#source : this.#makeSource(seed);
    const own = { loadState: (tree: StateTree) => copyArrays(this.#arrays(), tree, "rebalance environment") };
    const targets = [source, this.ledger, this.extractor, own];
    const before = [source.saveState(), this.ledger.saveState(), this.extractor.saveState()];
    for (const [i, target] of targets.entries())
      try {
        target.loadState(trees[i]!);
      } catch (error) {
        // A state that does not fit changes nothing: what was already loaded goes back.
        for (let k = 0; k < i; k++) targets[k]!.loadState(before[k]!);
        throw error;
      }
    this.#source = source;
    this.#seed = seed;
    this.#executor.reseed(seed);
    for (let b = 0; b < this.numEnvs; b++) this.#look(b);
  }

  /** The objective's unit in USD for environment b's episode: cost = -profit / unit. */
  unitUsd(b: number): number {
    if (this.#options.unit === "pctPremium") return Math.abs(this.ledger.premium[b]!) / 100;
    return (this.context.bookSize * this.ledger.initialPrice[b]!) / 1e4;
  }

  #checkMask(mask: unknown, seed: number | undefined): void {
    const fits = mask instanceof Uint8Array && mask.length === this.numEnvs && mask.includes(1);
    if (!fits || this.#active.includes(0) || (seed !== undefined && seed !== this.#seed))
      throw new ContractError("The reset mask is wrong.", {
        which: "options.reset_mask",
        value: mask instanceof Uint8Array ? Array.from(mask) : mask,
        fix: `Pass a Uint8Array of length ${this.numEnvs} with at least one 1, after a first whole reset and with the same seed.`,
      });
  }

  /** The contract counts in decisions, the market in simulation steps. */
  #perturb(perturbation: FuturePerturbation | undefined): void {
    const { stepsPerDecision } = this.timing;
    this.#source.perturbFuture?.(
      perturbation && { ...perturbation, afterStep: perturbation.afterStep * stepsPerDecision },
    );
  }

  #makeSource(seed = this.#seed): MarketSource {
    const { source, scenario, numEnvs, split, data } = this.#options;
    if (source !== undefined) return source;
    return makeMarket({ scenario, batch: numEnvs, seed, split, ...(data === undefined ? {} : { data }) });
  }

  #begin(b: number, episode: number): void {
    this.#episode[b] = episode;
    this.#source.start(b, episode);
    const { frame } = this.#source;
    this.ledger.open(b, frame, this.#source.listing?.(b));
    noteInterval(this.observation, b, frame, true);
    this.#step[b] = 0;
    this.#decision[b] = 0;
    this.#lastProfit[b] = 0;
    this.#lastPaid[b] = 0;
    this.#outside[b] = 0;
    this.#exposure[b] = 0;
    this.#active[b] = 1;
    this.extractor.reset(b);
    this.#look(b);
    this.extractor.update(b, this.observation, this.#features, this.ledger);
  }

  /** Has the decision's intents carried out, and notes the delta that is then held. */
  #execute(b: number, step: number, intents: Float64Array): void {
    const features = this.#features;
    const row = b * this.extractor.width;
    const before = features[row + AT.delta]! * this.context.bookSize;
    const { frame } = this.#source;
    const held = this.#executor.carryOut(this.ledger, frame, b, this.#episode[b]!, step, intents, features, before);
    const seconds = Math.min(this.timing.stepsPerDecision, this.timing.steps - step) * this.timing.stepSeconds;
    this.#exposure[b]! += held * seconds;
    const spot = features[row + AT.spot]!;
    const volatility = features[row + AT.implied_volatility]!;
    this.#heldVariance[b] = ((held * spot * volatility) ** 2 * seconds) / this.timing.secondsPerYear;
  }

  #look(b: number): void {
    const { frame } = this.#source;
    observe(this.observation, b, this.scenario, this.timing, this.ledger, frame, this.#step[b]!, this.#decision[b]!);
  }

  #reward(b: number): number {
    const unit = this.unitUsd(b);
    const before = this.#lastProfit[b]! / unit;
    const profit = this.ledger.numeraireProfit(b);
    this.#lastProfit[b] = profit;
    const { rewardShape, riskPenalty = 0 } = this.#options;
    const { totals, attribution } = this.ledger;
    const funding = attribution[b * PART_COUNT + PART.funding]!;
    const paid = totals.fees[b]! + totals.gas[b]! + totals.slippage[b]! - funding;
    const risk = { paid: (paid - this.#lastPaid[b]!) / unit, variance: this.#heldVariance[b]! / (unit * unit) };
    this.#lastPaid[b] = paid;
    const excess = this.#countOutside(b);
    return decisionReward(this.scenario.reward, rewardShape, riskPenalty, before, profit / unit, excess, risk);
  }

  /** Counts the decision as outside when an exposure stands outside its bound; returns the relative excess, summed over bounds. */
  #countOutside(b: number): number {
    if (this.#step[b]! >= this.timing.steps) return 0;
    const { bounds } = this.scenario;
    const row = b * this.extractor.width;
    const over = (value: number, bound: number | undefined) =>
      bound === undefined ? 0 : Math.max(0, Math.abs(value) / bound - 1);
    const excess =
      over(this.#features[row + AT.delta]!, bounds.delta) +
      over(this.#features[row + AT.gamma_percent]!, bounds.gammaPercent) +
      over(this.#features[row + AT.vega_percent]!, bounds.vegaPercent);
    if (excess > 0) this.#outside[b]! += 1;
    return excess;
  }

  #arrays(): Record<string, Float64Array | Int32Array | Uint8Array> {
    return {
      features: this.#features,
      finalFeatures: this.#finalFeatures,
      rewards: this.#rewards,
      step: this.#step,
      decision: this.#decision,
      episode: this.#episode,
      lastProfit: this.#lastProfit,
      lastPaid: this.#lastPaid,
      outside: this.#outside,
      exposure: this.#exposure,
      active: this.#active,
      finished: this.finished,
      buyVolume: this.observation.buyVolume,
      sellVolume: this.observation.sellVolume,
      oracleUpdated: this.observation.oracleUpdated,
    };
  }
}
