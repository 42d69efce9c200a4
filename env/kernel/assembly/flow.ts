import { expOf, expOfPair, logOfPair } from "./elementary";

/** Trades that one call may hold. */
const MOST: i32 = 8192;

/** What a call reads, in the order of env/market/flow-trades.ts's FLOW_IN. [23] */
const IN = memory.data(23 * 8, 16);
/** What a call leaves: intensities of buys and sells, x, the efficient move, volumes bought, sold, informed. [7] */
const OUT = memory.data(7 * 8, 16);
/** The trades: seconds, volume [f64], sign [i8], informed [u8]. */
const SECONDS = memory.data(MOST * 8, 16);
const VOLUME = memory.data(MOST * 8, 16);
/** Uniform draw of the volume, and what it is multiplied by; then the root of the volume. */
const DRAW = memory.data(MOST * 8, 16);
const ROOT = memory.data(MOST * 8, 16);
const SIGN = memory.data(MOST, 16);
const INFORMED = memory.data(MOST, 16);

export function flowIn(): usize {
  return IN;
}
export function flowOut(): usize {
  return OUT;
}
export function flowSeconds(): usize {
  return SECONDS;
}
export function flowVolume(): usize {
  return VOLUME;
}
export function flowSign(): usize {
  return SIGN;
}
export function flowInformed(): usize {
  return INFORMED;
}

// @ts-ignore: decorator
@inline
function mix(h: i32): i32 {
  h ^= h >>> 16;
  h *= 0x85ebca6b;
  h ^= h >>> 13;
  h *= 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** src/core/random.ts, uniformOf. */
// @ts-ignore: decorator
@inline
function uniform(word: i32, salt: i32, keyBits: i32, index: i32): f64 {
  const y = mix(word ^ ((index + 1) * 0x7feb352d) ^ keyBits);
  const high = <u32>mix(y ^ salt) >> 6;
  const low = <u32>mix(word + y * 0x846ca68b) >> 6;
  return (<f64>high * 67108864 + <f64>low + 0.5) * 2.220446049250313e-16;
}

/** e^-z for z >= 0. */
// @ts-ignore: decorator
@inline
function fading(z: f64): f64 {
  if (z >= 0.03) return expOf(-z);
  return 1 - z * (1 - (z / 2) * (1 - (z / 3) * (1 - (z / 4) * (1 - z / 5))));
}

// @ts-ignore: decorator
@inline
function input(i: usize): f64 {
  return load<f64>(IN + (i << 3));
}

/** env/market/flow-trades.ts, plainTrades: the same steps to the same bits. Returns the number of trades, or -1 - it where the bound was reached. */
export function flowTrades(word: i32, salt: i32, key: i32, stream: i32): i32 {
  const keyBits = key >>> 7;
  const minutes = input(0);
  const informationStart = input(1);
  const informationEnd = input(2);
  const informationRate = input(3);
  const informationSign = input(4);
  const burstStart = input(5);
  const burstEnd = input(6);
  const burstRate = input(7);
  const burstSign = input(8);
  let buy = input(9);
  let sell = input(10);
  let x = input(11);
  const base = input(12);
  const same = input(13);
  const cross = input(14);
  const decay = input(15);
  const recovery = input(16);
  const power = input(17);
  const smallest = input(18);
  const informedSize = input(19);
  const burstSize = input(20);
  const permanentPerRoot = input(21);
  const transientPerRoot = input(22);
  let count: i32 = 0;
  let time: f64 = 0;
  let capped = true;
  let next: f64 = 0;
  // Times and sides.
  for (let i: i32 = 0; i < MOST; i++, stream += 4) {
    const bound =
      base + base + buy + sell + (time < informationEnd ? informationRate : 0) + (time < burstEnd ? burstRate : 0);
    // Logarithms of waits, two candidates at a time.
    let log = next;
    if ((i & 1) == 0) {
      const draws = f64x2.replace_lane(
        f64x2.splat(uniform(word, salt, keyBits, stream)),
        1,
        uniform(word, salt, keyBits, stream + 4),
      );
      const logs = logOfPair(draws);
      log = f64x2.extract_lane(logs, 0);
      next = f64x2.extract_lane(logs, 1);
    }
    const wait = -log / bound;
    if (!(time + wait < minutes)) {
      capped = false;
      break;
    }
    time += wait;
    const fall = fading(decay * wait);
    buy *= fall;
    sell *= fall;
    let pick = uniform(word, salt, keyBits, stream + 1) * bound;
    let sign: f64 = 1;
    let informed: i32 = 0;
    let volume = smallest;
    const buys = pick < base + buy;
    pick -= base + buy;
    if (buys || pick < base + sell) {
      sign = select<f64>(1, -1, buys);
      buy += select<f64>(same, cross, buys);
      sell += select<f64>(cross, same, buys);
    } else {
      pick -= base + sell;
      const informedNow = time >= informationStart && time < informationEnd ? informationRate : 0;
      if (pick < informedNow) {
        sign = informationSign;
        informed = 1;
        volume *= informedSize;
      } else if (time >= burstStart && time < burstEnd && pick - informedNow < burstRate) {
        sign = burstSign;
        volume *= burstSize;
      } else continue;
    }
    const at = <usize>count << 3;
    store<f64>(SECONDS + at, time);
    store<f64>(VOLUME + at, volume);
    store<f64>(DRAW + at, uniform(word, salt, keyBits, stream + 2));
    store<i8>(SIGN + count, <i8>sign);
    store<u8>(INFORMED + count, <u8>informed);
    count++;
  }
  // Volumes, two at a time: an odd last one has a made-up neighbour.
  if (count < MOST) store<f64>(DRAW + (<usize>count << 3), 0.5);
  for (let i: i32 = 0; i < count; i += 2) {
    const at = <usize>i << 3;
    const factor = expOfPair(f64x2.mul(f64x2.splat(power), logOfPair(v128.load(DRAW + at))));
    const volume = f64x2.mul(v128.load(VOLUME + at), factor);
    v128.store(VOLUME + at, volume);
    v128.store(ROOT + at, f64x2.sqrt(volume));
  }
  // What they do to the price.
  let xTime: f64 = 0;
  let permanent: f64 = 0;
  let bought: f64 = 0;
  let sold: f64 = 0;
  let informedVolume: f64 = 0;
  for (let i: i32 = 0; i < count; i++) {
    const at = <usize>i << 3;
    const volume = load<f64>(VOLUME + at);
    const sign = <f64>load<i8>(SIGN + i);
    const move = sign * load<f64>(ROOT + at);
    const now = load<f64>(SECONDS + at);
    if (load<u8>(INFORMED + i) == 1) {
      permanent += move * permanentPerRoot;
      informedVolume += volume;
    } else {
      x = x * fading(recovery * (now - xTime)) + move * transientPerRoot;
      xTime = now;
    }
    const buys = sign > 0;
    bought = select<f64>(bought + volume, bought, buys);
    sold = select<f64>(sold, sold + volume, buys);
    store<f64>(SECONDS + at, now * 60);
  }
  const rest = fading(decay * (minutes - time));
  store<f64>(OUT, buy * rest);
  store<f64>(OUT + 8, sell * rest);
  store<f64>(OUT + 16, x * fading(recovery * (minutes - xTime)));
  store<f64>(OUT + 24, permanent);
  store<f64>(OUT + 32, bought);
  store<f64>(OUT + 40, sold);
  store<f64>(OUT + 48, informedVolume);
  return capped ? -1 - count : count;
}
