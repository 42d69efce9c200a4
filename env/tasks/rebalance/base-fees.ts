import { IndexedRandom, type Split } from "../../../src/core/random.ts";
import { FeeMarket } from "../../chain/fee-market.ts";
import { blocksToInclusion, type InclusionParameters } from "../../chain/inclusion.ts";
import { RecordedWindows } from "../../market/recorded-series.ts";
import { STREAM } from "../../market/streams.ts";
import { chainParameters, inclusionSeconds, type Scenario, timing } from "./scenario.ts";
import { namedSeries, type ScenarioData } from "./scenario-data.ts";

/** Base fees of B chains, simulated, recorded, constant or none, and how long a transaction waits for its block. Gwei. */
export class BaseFees {
  readonly #fee: Scenario["chain"]["fee"];
  readonly #market: FeeMarket | undefined;
  readonly #windows: RecordedWindows | undefined;
  readonly #auction: InclusionParameters | undefined;
  readonly #windowStart: Float64Array;
  readonly #blockSeconds: number;
  readonly #stepSeconds: number;
  /** Seconds until inclusion where tips do not decide. */
  readonly #usualInclusion: number;
  /** Seconds until a transaction sent at the start of the last step was included. [B] */
  readonly inclusion: Float64Array;

  constructor(scenario: Scenario, batch: number, split: Split, data: ScenarioData | undefined) {
    const { stepSeconds, steps } = timing(scenario);
    const { fee, inclusion, inclusionBlocks, priorityFeeGwei } = scenario.chain;
    const chain = chainParameters(scenario);
    this.#fee = fee;
    this.#stepSeconds = stepSeconds;
    this.#blockSeconds = chain?.blockSeconds ?? 12;
    this.#usualInclusion = inclusionSeconds(scenario);
    this.#windowStart = new Float64Array(batch);
    this.inclusion = new Float64Array(batch).fill(this.#usualInclusion);
    if (fee.model === "file")
      this.#windows = new RecordedWindows(
        namedSeries(data, fee.series, "scenario.chain.fee.series"),
        data?.ranges?.[fee.series],
        steps * stepSeconds,
        split,
        "scenario.chain.fee",
      );
    if (fee.model !== "eip1559" || chain === undefined) return;
    this.#market = new FeeMarket(batch, chain, fee, stepSeconds, inclusionBlocks);
    if (inclusion !== undefined)
      this.#auction = {
        ...inclusion,
        tipGwei: priorityFeeGwei,
        blockNoise: fee.blockNoise,
        maxBlocks: Math.max(1, Math.ceil(stepSeconds / this.#blockSeconds)),
      };
  }

  start(b: number, key: number, episode: number): void {
    if (this.#windows !== undefined) this.#windowStart[b] = this.#windows.startTime(key, episode, 1, true);
    this.#market?.start(b, key);
  }

  /** Moves environment b over the step that ends at `step` + 1; see FeeMarket.advance for what drives demand. */
  advance(b: number, key: number, step: number, absoluteReturn: number, flowExcess: number): void {
    if (this.#market === undefined) return;
    let blocks: number | undefined;
    if (this.#auction !== undefined) {
      blocks = blocksToInclusion(this.#auction, this.#market.congestion(b), key, step);
      this.inclusion[b] = Math.min(blocks * this.#blockSeconds, this.#stepSeconds);
    }
    this.#market.advance(b, key, step, absoluteReturn, blocks, flowExcess);
  }

  /** Base fee published after `step` steps. `shaken`: the key of a recorded future that is perturbed. */
  published(b: number, step: number, shaken: number | undefined): number {
    if (this.#fee.model === "none") return 0;
    if (this.#fee.model === "constant") return this.#fee.gwei;
    if (this.#fee.model !== "file") return this.#market!.baseFeeWei[b]! / 1e9;
    const recorded = this.#windows!.at(this.#windowStart[b]! + step * this.#stepSeconds);
    return shaken === undefined
      ? recorded
      : recorded * Math.exp(0.1 * IndexedRandom.normal(shaken, step, STREAM.window));
  }

  /** Base fee of the block that includes a transaction sent at the start of `step`; `published` is the newest one. */
  atInclusion(b: number, step: number, published: number): number {
    if (this.#fee.model === "eip1559") return this.#market!.includedFeeWei[b]! / 1e9;
    if (this.#fee.model === "file")
      return this.#windows!.at(this.#windowStart[b]! + step * this.#stepSeconds + this.#usualInclusion);
    return published;
  }

  arrays(): Record<string, Float64Array> {
    const own = { windowStart: this.#windowStart };
    if (this.#market === undefined) return own;
    return { ...own, baseFeeWei: this.#market.baseFeeWei, logDemand: this.#market.logDemand };
  }
}
