import { binSalt, binWord, IndexedRandom, uniformOf } from "../../src/core/random.ts";
import { checkFlowParameters, type FlowParameters, shareOn, transientVariance } from "./flow-parameters.ts";
import { FLOW_IN, FLOW_IN_COUNT, FLOW_OUT, type FlowTrades, flowTrades } from "./flow-trades.ts";

export type { FlowParameters } from "./flow-parameters.ts";

/**
 * First index of the flow's draws; the bin is the simulation step. Candidate i of a step owns the indices FLOW_STREAM + 4 (i + 2) + j,
 * the latent states those of "candidates" -2 (information) and -1 (bursts): in all FLOW_STREAM to FLOW_STREAM + 4 MAX_CANDIDATES + 7.
 */
export const FLOW_STREAM = 4096;
const INFORMATION = FLOW_STREAM;
const BURST = FLOW_STREAM + 4;
const FIRST_CANDIDATE = FLOW_STREAM + 8;

/** Bins of the simulated past before step 0. A caller may use bins from -1 down to above this one for a past of its own. */
const PAST_BIN = -1_000_000;
/** The past is simulated in so many pieces, and holds about so many trades at most. */
const PAST_PIECES = 16;
const PAST_TRADES = 512;
/** Which span of time is simulated. */
const STEP = 0;
const PAST = 1;

/** The trades of one step, in order, until any flow of the process is advanced again. Ground truth flags are for scoring, never for agents. */
export interface Tape {
  count: number;
  /** Seconds since the start of the step. */
  readonly seconds: Float64Array;
  /** 1 = the aggressor bought, -1 = sold. */
  readonly sign: Int8Array;
  readonly volume: Float64Array;
  readonly informed: Uint8Array;
}

/**
 * Order flow of B environments: uninformed buys and sells excite themselves and each other (bivariate Hawkes process, exponential kernel),
 * latent information events add informed trades on one side, latent bursts add uninformed trades on one side. Simulated event by
 * event by thinning (Ogata, 1981). A trade of volume v moves the price by sign * bps * sqrt(v / meanSize): the efficient price for good
 * where it is informed (Kyle, 1985), a transient component that decays where it is not (Obizhaeva and Wang, 2013).
 * Nothing is allocated in a step. Every draw is indexed by (key, step, index).
 */
export class OrderFlow {
  /** Move of the efficient log price in the last step. [B] */
  readonly permanent: Float64Array;
  /** Transient component x of the log price after the step. [B] */
  readonly transient: Float64Array;
  /** Volumes of the last step, units of the underlying. [B] */
  readonly buyVolume: Float64Array;
  readonly sellVolume: Float64Array;
  readonly informedVolume: Float64Array;
  /** Number of trades in the last step. [B] */
  readonly trades: Float64Array;
  /** Steps since the start that reached the bound on candidates. [B] */
  readonly capped: Float64Array;
  /** Minutes for which the information event still lasts after the step, 0 = none: ground truth. [B] */
  readonly informationLeft: Float64Array;
  /** Tape of the environment that was advanced last. */
  readonly last: Tape;
  readonly #informationSign: Float64Array;
  readonly #burstLeft: Float64Array;
  readonly #burstSign: Float64Array;
  /** Excited part of the intensity of buys and of sells, trades a minute. [B] */
  readonly #excitedBuy: Float64Array;
  readonly #excitedSell: Float64Array;

  readonly #p: FlowParameters;
  /** Minutes of a step, and of a piece of the past. [2] */
  readonly #minutes: Float64Array;
  /** A uniform draw below this says that no information event (no burst) starts in a step or a piece of the past. [2] each */
  readonly #noEvent: Float64Array;
  readonly #noBurst: Float64Array;
  readonly #informedRate: number;
  readonly #burstRate: number;
  readonly #eventRate: number;
  readonly #startRate: number;
  readonly #simulator: FlowTrades;
  /** The law's part of the simulator's input. */
  readonly #law: Float64Array;
  readonly #transientSd: number;

  /** @throws ConfigError for parameters without a stationary law, or too many trades a step */
  constructor(batch: number, parameters: FlowParameters, stepSeconds: number, simulator: FlowTrades = flowTrades()) {
    checkFlowParameters(parameters, stepSeconds);
    const p = parameters;
    const array = () => new Float64Array(batch);
    this.permanent = array();
    this.transient = array();
    this.buyVolume = array();
    this.sellVolume = array();
    this.informedVolume = array();
    this.trades = array();
    this.capped = array();
    this.informationLeft = array();
    this.#informationSign = array();
    this.#burstLeft = array();
    this.#burstSign = array();
    this.#excitedBuy = array();
    this.#excitedSell = array();
    this.#simulator = simulator;
    const { seconds, sign, volume, informed } = simulator;
    this.last = { count: 0, seconds, sign, volume, informed };
    this.#p = p;
    const perMinute = p.tradesPerHour / 60;
    this.#informedRate = p.informedTradesPerHour / 60;
    this.#burstRate = p.burstTradesPerHour / 60;
    this.#eventRate = p.informationEventsPerDay / 1440;
    this.#startRate = p.burstsPerDay / 1440;
    const decay = 1 / p.decayMinutes;
    const law = {
      base: (perMinute * (1 - p.branching)) / 2,
      same: p.branching * (1 - p.crossShare) * decay,
      cross: p.branching * p.crossShare * decay,
      decay,
      recovery: Math.LN2 / p.transientHalfLifeMinutes,
      power: -1 / p.sizeTail,
      smallest: (p.meanSize * (p.sizeTail - 1)) / p.sizeTail,
      informedSize: p.informedSize,
      burstSize: p.burstSize,
      permanentPerRoot: (p.permanentBps * 1e-4) / Math.sqrt(p.meanSize),
      transientPerRoot: (p.transientBps * 1e-4) / Math.sqrt(p.meanSize),
    };
    this.#law = new Float64Array(FLOW_IN_COUNT - FLOW_IN.base);
    for (const name of Object.keys(law) as (keyof typeof law)[]) this.#law[FLOW_IN[name] - FLOW_IN.base] = law[name];
    this.#transientSd = Math.sqrt(transientVariance(p));
    // Long enough to forget the mean intensity, with a bound on its cost.
    const forget = Math.max((4 * p.decayMinutes) / (1 - p.branching), p.transientHalfLifeMinutes);
    const busiest = perMinute + this.#informedRate + this.#burstRate;
    const pastMinutes = Math.min(forget, PAST_TRADES / Math.max(busiest, 1e-9)) / PAST_PIECES;
    this.#minutes = Float64Array.of(stepSeconds / 60, pastMinutes);
    // P(none starts), with a margin for the rounding of the exact comparison.
    this.#noEvent = this.#minutes.map((minutes) => 0.999999 * Math.exp(-this.#eventRate * minutes));
    this.#noBurst = this.#minutes.map((minutes) => 0.999999 * Math.exp(-this.#startRate * minutes));
  }

  /**
   * Puts environment b in its stationary law: latent states and x are drawn (x normal with its exact variance), intensities set to their
   * mean, then a past is simulated. Outputs of "the last step" are 0.
   */
  start(b: number, key: number): void {
    const p = this.#p;
    const bin = PAST_BIN - PAST_PIECES;
    this.#startLatent(
      this.informationLeft,
      this.#informationSign,
      b,
      key,
      bin,
      INFORMATION,
      p.informationEventsPerDay,
      p.informationMinutes,
    );
    this.#startLatent(this.#burstLeft, this.#burstSign, b, key, bin, BURST, p.burstsPerDay, p.burstMinutes);
    const excited = (p.tradesPerHour / 120) * p.branching;
    this.#excitedBuy[b] = excited;
    this.#excitedSell[b] = excited;
    this.transient[b] = this.#transientSd * IndexedRandom.normal(key, bin, FIRST_CANDIDATE);
    for (let i = PAST_PIECES - 1; i >= 0; i--) this.#run(b, key, PAST_BIN - i, PAST);
    this.permanent[b] = 0;
    this.buyVolume[b] = 0;
    this.sellVolume[b] = 0;
    this.informedVolume[b] = 0;
    this.trades[b] = 0;
    this.capped[b] = 0;
    this.last.count = 0;
  }

  /** Simulates the trades of environment b between `step` and `step` + 1. */
  advance(b: number, key: number, step: number): void {
    this.#run(b, key, step, STEP);
  }

  /** The live arrays that hold all state; {@link last} is not part of it. */
  arrays(): Record<string, Float64Array> {
    return {
      permanent: this.permanent,
      transient: this.transient,
      buyVolume: this.buyVolume,
      sellVolume: this.sellVolume,
      informedVolume: this.informedVolume,
      trades: this.trades,
      capped: this.capped,
      informationLeft: this.informationLeft,
      informationSign: this.#informationSign,
      burstLeft: this.#burstLeft,
      burstSign: this.#burstSign,
      excitedBuy: this.#excitedBuy,
      excitedSell: this.#excitedSell,
    };
  }

  #startLatent(
    left: Float64Array,
    sign: Float64Array,
    b: number,
    key: number,
    bin: number,
    stream: number,
    perDay: number,
    minutes: number,
  ): void {
    const on = IndexedRandom.uniform(key, bin, stream) < shareOn(perDay, minutes);
    left[b] = on ? -minutes * Math.log(IndexedRandom.uniform(key, bin, stream + 1)) : 0;
    sign[b] = IndexedRandom.uniform(key, bin, stream + 2) < 0.5 ? -1 : 1;
  }

  /**
   * When the next latent episode starts, in minutes from now, given its uniform draw `u`; past the end of the step = not in this step. The duration and
   * direction of one that starts are drawn into `left` (counted from its start) and `sign`.
   */
  #nextStart(
    left: Float64Array,
    sign: Float64Array,
    b: number,
    key: number,
    bin: number,
    stream: number,
    u: number,
    rate: number,
    minutes: number,
    mean: number,
  ): number {
    const start = -Math.log(u) / rate;
    if (start >= minutes) return start;
    left[b] = -mean * Math.log(IndexedRandom.uniform(key, bin, stream + 1));
    sign[b] = IndexedRandom.uniform(key, bin, stream + 2) < 0.5 ? -1 : 1;
    return start;
  }

  #run(b: number, key: number, bin: number, span: typeof STEP | typeof PAST): void {
    const p = this.#p;
    const minutes = this.#minutes[span]!;
    const word = binWord(key, bin);
    const salt = binSalt(bin);
    let informationStart = 0;
    if (this.informationLeft[b]! <= 0 && this.#eventRate > 0) {
      const u = uniformOf(word, salt, key, INFORMATION);
      informationStart = minutes;
      if (u >= this.#noEvent[span]!)
        informationStart = this.#nextStart(
          this.informationLeft,
          this.#informationSign,
          b,
          key,
          bin,
          INFORMATION,
          u,
          this.#eventRate,
          minutes,
          p.informationMinutes,
        );
    }
    const informationEnd = informationStart + this.informationLeft[b]!;
    const informationRate = informationStart < minutes && informationEnd > 0 ? this.#informedRate : 0;
    let burstStart = 0;
    if (this.#burstLeft[b]! <= 0 && this.#startRate > 0) {
      const u = uniformOf(word, salt, key, BURST);
      burstStart = minutes;
      if (u >= this.#noBurst[span]!)
        burstStart = this.#nextStart(
          this.#burstLeft,
          this.#burstSign,
          b,
          key,
          bin,
          BURST,
          u,
          this.#startRate,
          minutes,
          p.burstMinutes,
        );
    }
    const burstEnd = burstStart + this.#burstLeft[b]!;
    const burstRate = burstStart < minutes && burstEnd > 0 ? this.#burstRate : 0;

    const simulator = this.#simulator;
    const { input, output } = simulator;
    input[FLOW_IN.minutes] = minutes;
    input[FLOW_IN.informationStart] = informationStart;
    input[FLOW_IN.informationEnd] = informationEnd;
    input[FLOW_IN.informationRate] = informationRate;
    input[FLOW_IN.informationSign] = this.#informationSign[b]!;
    input[FLOW_IN.burstStart] = burstStart;
    input[FLOW_IN.burstEnd] = burstEnd;
    input[FLOW_IN.burstRate] = burstRate;
    input[FLOW_IN.burstSign] = this.#burstSign[b]!;
    input[FLOW_IN.buy] = this.#excitedBuy[b]!;
    input[FLOW_IN.sell] = this.#excitedSell[b]!;
    input[FLOW_IN.x] = this.transient[b]!;
    const law = this.#law;
    for (let i = 0; i < law.length; i++) input[FLOW_IN.base + i] = law[i]!;
    const counted = simulator.run(word, salt, key, FIRST_CANDIDATE);
    const count = counted < 0 ? -1 - counted : counted;
    this.#excitedBuy[b] = output[FLOW_OUT.buy]!;
    this.#excitedSell[b] = output[FLOW_OUT.sell]!;
    this.transient[b] = output[FLOW_OUT.x]!;
    this.informationLeft[b] = informationStart < minutes ? Math.max(0, informationEnd - minutes) : 0;
    this.#burstLeft[b] = burstStart < minutes ? Math.max(0, burstEnd - minutes) : 0;
    this.permanent[b] = output[FLOW_OUT.permanent]!;
    this.buyVolume[b] = output[FLOW_OUT.bought]!;
    this.sellVolume[b] = output[FLOW_OUT.sold]!;
    this.informedVolume[b] = output[FLOW_OUT.informed]!;
    this.trades[b] = count;
    if (counted < 0) this.capped[b] = this.capped[b]! + 1;
    this.last.count = count;
  }
}
