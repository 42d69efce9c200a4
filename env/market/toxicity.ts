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
 * borders of buckets. The bulk version sees no signs: a step is a bar, and Phi(r / sigma) of its volume counts as bought, r its log return and
 * sigma^2 the exponentially weighted mean of r^2 over the steps before it (slow half-life; in the first step half is bought).
 * Both are means over the complete buckets of the window, and {@link NEUTRAL} until the first one is complete. Without information the bulk version is 0.5 where a bar fills
 * a bucket or more, and about sqrt(2 / (3 pi k)) where a bucket holds k bars.
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
  /** Rings of |buy - sell| / bucketVolume of complete buckets, and of the bulk version. [B * buckets] */
  readonly #ring: Float64Array;
  readonly #bulkRing: Float64Array;
  /** Buckets completed since the start. [B] */
  readonly #completed: Float64Array;
  /** The open bucket: volume, signed volume, and the latter by bulk classification. [B] */
  readonly #volume: Float64Array;
  readonly #signed: Float64Array;
  readonly #bulkSigned: Float64Array;
  /** Weighted sum of squared log returns. [B] */
  readonly #square: Float64Array;
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
    this.#ring = new Float64Array(batch * parameters.buckets);
    this.#bulkRing = new Float64Array(batch * parameters.buckets);
    this.#completed = array();
    this.#volume = array();
    this.#signed = array();
    this.#bulkSigned = array();
    this.#square = array();
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
    const before = this.#slowWeight[b]!;
    const weight = (this.#slowWeight[b] = before * slow + 1);
    this.kyleLambda[b] = variance > 0 ? (1e4 * covariance) / Math.sqrt(variance * weight) : 0;
    const square = this.#square[b]!;
    this.#square[b] = square * slow + logReturn * logReturn;
    if (total > 0) {
      const sigma = before > 0 ? Math.sqrt(square / before) : 0;
      this.#fill(b, total, signed, total * (2 * bulkBuyShare(logReturn, sigma) - 1));
    }
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
      bulkSigned: this.#bulkSigned,
      square: this.#square,
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
  #fill(b: number, total: number, signed: number, bulkSigned: number): void {
    const size = this.#p.bucketVolume;
    let left = total;
    let room = size - this.#volume[b]!;
    if (left < room * (1 - ROUNDING)) {
      this.#volume[b] = this.#volume[b]! + left;
      this.#signed[b] = this.#signed[b]! + signed;
      this.#bulkSigned[b] = this.#bulkSigned[b]! + bulkSigned;
      return;
    }
    const signedShare = signed / total;
    const bulkShare = bulkSigned / total;
    // What fills the window more than once leaves it again: of a giant trade only the last buckets are looked at.
    const most = (this.#p.buckets + 1) * size;
    while (left >= room * (1 - ROUNDING)) {
      this.#close(b, this.#signed[b]! + room * signedShare, this.#bulkSigned[b]! + room * bulkShare);
      left = Math.max(0, left - room);
      room = size;
      if (left > most) left -= (Math.floor((left - most) / size) + 1) * size;
    }
    if (left < size * ROUNDING) left = 0;
    this.#volume[b] = left;
    this.#signed[b] = left * signedShare;
    this.#bulkSigned[b] = left * bulkShare;
    this.#publish(b);
  }

  /** Puts a full bucket into the rings of environment b and opens an empty one. */
  #close(b: number, signed: number, bulkSigned: number): void {
    const n = this.#p.buckets;
    const done = this.#completed[b]!;
    const at = b * n + (done % n);
    this.#ring[at] = Math.min(1, Math.abs(signed) / this.#p.bucketVolume);
    this.#bulkRing[at] = Math.min(1, Math.abs(bulkSigned) / this.#p.bucketVolume);
    this.#completed[b] = done + 1;
    this.#signed[b] = 0;
    this.#bulkSigned[b] = 0;
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
