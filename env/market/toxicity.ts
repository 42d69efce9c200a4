import { ConfigError } from "../../src/core/errors.ts";
import { bulkBuyShare } from "./vpin.ts";

/** Memory of the estimators of toxicity. Assumptions: docs/assumptions/toxicity.md. */
export interface ToxicityParameters {
  /** Volume of one bucket, units of the underlying; the paper takes a fiftieth of a day's mean volume. */
  readonly bucketVolume: number;
  /** Buckets in the window of VPIN; the paper takes 50. */
  readonly buckets: number;
  /** Half-life of the fast imbalance, minutes. */
  readonly fastHalfLifeMinutes: number;
  /** Half-life of the slow imbalance and of Kyle's lambda, minutes. */
  readonly slowHalfLifeMinutes: number;
}

/** What the estimators hold before anything can be said. */
export const NEUTRAL = { vpin: 0, vpinBulk: 0.5, imbalance: 0, kyleLambda: 0 } as const;

/** A slack for sums of volumes, so that N equal trades fill a bucket of N. */
const ROUNDING = 1e-12;

/**
 * Estimators of flow toxicity for B environments, from public trades only.
 *
 * `vpin` and `vpinBulk` follow Easley, Lopez de Prado and O'Hara (2012) with buckets of equal volume; a step's volume is split over the
 * borders of buckets. The bulk version classifies each bucket as one bar by Phi(r / sigma), r the bucket's log return (a step's return is split like its volume) and
 * sigma^2 an exponentially weighted mean of r^2 over the buckets before it, weight 2 / (buckets + 1): without information it is 0.5
 * whatever the step. Both are means over the buckets of the window that are complete, and {@link NEUTRAL} until the first one is
 * (the first two, for the bulk version, which needs a sigma).
 *
 * Imbalances are EWM(signed volume) / EWM(volume), in [-1, 1]. `kyleLambda` is the slope of an exponentially weighted regression through the origin of
 * log return on signed volume, stated in bps for one standard deviation of a step's signed volume: EWM(r q) / sqrt(EWM(q^2)).
 */
export class ToxicityEstimators {
  /** In [0, 1]. [B] */
  readonly vpin: Float64Array;
  readonly vpinBulk: Float64Array;
  /** In [-1, 1]. [B] */
  readonly imbalanceFast: Float64Array;
  readonly imbalanceSlow: Float64Array;
  /** Bps for one standard deviation of signed volume. [B] */
  readonly kyleLambda: Float64Array;
  readonly #p: ToxicityParameters;
  readonly #fast: number;
  readonly #slow: number;
  readonly #varianceWeight: number;
  /** Rings of |buy - sell| / bucketVolume of complete buckets, and of the bulk version. [B * buckets] */
  readonly #ring: Float64Array;
  readonly #bulkRing: Float64Array;
  /** Buckets completed since the start. [B] */
  readonly #completed: Float64Array;
  /** The open bucket: volume, signed volume, log return. [B] */
  readonly #volume: Float64Array;
  readonly #signed: Float64Array;
  readonly #return: Float64Array;
  /** EWM of squared bucket returns, and the weight it has gathered (1 in the limit). [B] */
  readonly #square: Float64Array;
  readonly #squareWeight: Float64Array;
  readonly #fastSigned: Float64Array;
  readonly #fastTotal: Float64Array;
  readonly #slowSigned: Float64Array;
  readonly #slowTotal: Float64Array;
  readonly #returnSigned: Float64Array;
  readonly #signedSquare: Float64Array;
  readonly #slowWeight: Float64Array;

  /** @throws ConfigError for volumes or half-lives that are not positive */
  constructor(batch: number, parameters: ToxicityParameters, stepSeconds: number) {
    check(parameters, stepSeconds);
    const array = () => new Float64Array(batch);
    this.vpin = array();
    this.vpinBulk = array();
    this.imbalanceFast = array();
    this.imbalanceSlow = array();
    this.kyleLambda = array();
    this.#p = parameters;
    this.#fast = 0.5 ** (stepSeconds / 60 / parameters.fastHalfLifeMinutes);
    this.#slow = 0.5 ** (stepSeconds / 60 / parameters.slowHalfLifeMinutes);
    this.#varianceWeight = 2 / (parameters.buckets + 1);
    this.#ring = new Float64Array(batch * parameters.buckets);
    this.#bulkRing = new Float64Array(batch * parameters.buckets);
    this.#completed = array();
    this.#volume = array();
    this.#signed = array();
    this.#return = array();
    this.#square = array();
    this.#squareWeight = array();
    this.#fastSigned = array();
    this.#fastTotal = array();
    this.#slowSigned = array();
    this.#slowTotal = array();
    this.#returnSigned = array();
    this.#signedSquare = array();
    this.#slowWeight = array();
    for (let b = 0; b < batch; b++) this.start(b);
  }

  /** Forgets everything in environment b. */
  start(b: number): void {
    const n = this.#p.buckets;
    this.#ring.fill(0, b * n, (b + 1) * n);
    this.#bulkRing.fill(0, b * n, (b + 1) * n);
    const state = this.arrays();
    for (const name in state) if (name !== "ring" && name !== "bulkRing") state[name]![b] = 0;
    this.vpin[b] = NEUTRAL.vpin;
    this.vpinBulk[b] = NEUTRAL.vpinBulk;
    this.imbalanceFast[b] = NEUTRAL.imbalance;
    this.imbalanceSlow[b] = NEUTRAL.imbalance;
    this.kyleLambda[b] = NEUTRAL.kyleLambda;
  }

  /** Takes one simulation step of public trades: volumes bought and sold by aggressors, and the mid's log return. */
  step(b: number, buyVolume: number, sellVolume: number, logReturn: number): void {
    const total = buyVolume + sellVolume;
    const signed = buyVolume - sellVolume;
    const fast = this.#fast;
    const slow = this.#slow;
    const fastSigned = (this.#fastSigned[b] = this.#fastSigned[b]! * fast + signed);
    const fastTotal = (this.#fastTotal[b] = this.#fastTotal[b]! * fast + total);
    const slowSigned = (this.#slowSigned[b] = this.#slowSigned[b]! * slow + signed);
    const slowTotal = (this.#slowTotal[b] = this.#slowTotal[b]! * slow + total);
    this.imbalanceFast[b] = fastTotal > 0 ? fastSigned / fastTotal : 0;
    this.imbalanceSlow[b] = slowTotal > 0 ? slowSigned / slowTotal : 0;
    const covariance = (this.#returnSigned[b] = this.#returnSigned[b]! * slow + logReturn * signed);
    const variance = (this.#signedSquare[b] = this.#signedSquare[b]! * slow + signed * signed);
    const weight = (this.#slowWeight[b] = this.#slowWeight[b]! * slow + 1);
    this.kyleLambda[b] = variance > 0 ? (1e4 * covariance) / Math.sqrt(variance * weight) : 0;
    this.#fill(b, total, signed, logReturn);
  }

  /** The live arrays that hold all state. */
  arrays(): Record<string, Float64Array> {
    return {
      vpin: this.vpin,
      vpinBulk: this.vpinBulk,
      imbalanceFast: this.imbalanceFast,
      imbalanceSlow: this.imbalanceSlow,
      kyleLambda: this.kyleLambda,
      ring: this.#ring,
      bulkRing: this.#bulkRing,
      completed: this.#completed,
      volume: this.#volume,
      signed: this.#signed,
      return: this.#return,
      square: this.#square,
      squareWeight: this.#squareWeight,
      fastSigned: this.#fastSigned,
      fastTotal: this.#fastTotal,
      slowSigned: this.#slowSigned,
      slowTotal: this.#slowTotal,
      returnSigned: this.#returnSigned,
      signedSquare: this.#signedSquare,
      slowWeight: this.#slowWeight,
    };
  }

  /** Puts a step's volume into buckets, closing those that it fills. */
  #fill(b: number, total: number, signed: number, logReturn: number): void {
    if (!(total > 0)) {
      this.#return[b] = this.#return[b]! + logReturn;
      return;
    }
    const size = this.#p.bucketVolume;
    const full = size * (1 - ROUNDING);
    const signedShare = signed / total;
    const returnShare = logReturn / total;
    let left = total;
    let room = size - this.#volume[b]!;
    if (left < room * (1 - ROUNDING)) {
      this.#volume[b] = this.#volume[b]! + left;
      this.#signed[b] = this.#signed[b]! + signed;
      this.#return[b] = this.#return[b]! + logReturn;
      return;
    }
    // What fills the window more than once leaves it again: only the last buckets of a giant trade are looked at.
    const most = (this.#p.buckets + 1) * size;
    let skipped = 0;
    while (left >= room * (1 - ROUNDING)) {
      this.#signed[b] = this.#signed[b]! + room * signedShare;
      this.#return[b] = this.#return[b]! + room * returnShare;
      this.#close(b);
      left = Math.max(0, left - room);
      room = size;
      if (skipped === 0 && left > most) {
        skipped = Math.floor((left - most) / size) + 1;
        left -= skipped * size;
      }
    }
    this.#volume[b] = left < size - full ? 0 : left;
    this.#signed[b] = left * signedShare;
    this.#return[b] = left * returnShare;
    this.#publish(b);
  }

  /** Closes the open bucket of environment b, whose volume is full, and opens an empty one. */
  #close(b: number): void {
    const n = this.#p.buckets;
    const done = this.#completed[b]!;
    const at = b * n + (done % n);
    this.#ring[at] = Math.min(1, Math.abs(this.#signed[b]!) / this.#p.bucketVolume);
    const r = this.#return[b]!;
    const weight = this.#squareWeight[b]!;
    const sigma = weight > 0 ? Math.sqrt(this.#square[b]! / weight) : 0;
    this.#bulkRing[at] = done === 0 ? 0.5 : Math.abs(2 * bulkBuyShare(r, sigma) - 1);
    this.#square[b] = this.#square[b]! + this.#varianceWeight * (r * r - this.#square[b]!);
    this.#squareWeight[b] = weight + this.#varianceWeight * (1 - weight);
    this.#completed[b] = done + 1;
    this.#signed[b] = 0;
    this.#return[b] = 0;
    this.#volume[b] = 0;
  }

  #publish(b: number): void {
    const n = this.#p.buckets;
    const held = Math.min(n, this.#completed[b]!);
    let sum = 0;
    let bulk = 0;
    for (let i = b * n, end = i + held; i < end; i++) {
      sum += this.#ring[i]!;
      bulk += this.#bulkRing[i]!;
    }
    this.vpin[b] = sum / held;
    this.vpinBulk[b] = bulk / held;
  }
}

function check(p: ToxicityParameters, stepSeconds: number): void {
  const refuse = (name: string, value: number, fix: string) => {
    throw new ConfigError(`The toxicity estimators' "${name}" is out of range.`, { which: name, value, fix });
  };
  for (const name of ["bucketVolume", "fastHalfLifeMinutes", "slowHalfLifeMinutes"] as const)
    if (!(p[name] > 0 && Number.isFinite(p[name]))) refuse(name, p[name], "Give a number greater than 0.");
  if (!(Number.isInteger(p.buckets) && p.buckets > 0)) refuse("buckets", p.buckets, "Give a whole number from 1 on.");
  if (!(stepSeconds > 0)) refuse("stepSeconds", stepSeconds, "Give a number of seconds greater than 0.");
}
