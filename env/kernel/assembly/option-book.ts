import { expOfPair, logOfPair } from "./elementary";
import { tailsOfPair } from "./normal-tails";

/** Options that one call may hold. */
const MOST: i32 = 128;

/** In, by option: strike, seconds left, volatility, 1 a call and -1 a put, quantity. Out: log(spot / strike). [f64 each] */
const STRIKE = memory.data(MOST * 8, 16);
const SECONDS = memory.data(MOST * 8, 16);
const VOLATILITY = memory.data(MOST * 8, 16);
const SIGN = memory.data(MOST * 8, 16);
const QUANTITY = memory.data(MOST * 8, 16);
const LOG = memory.data(MOST * 8, 16);
/** Out: price and Greeks of one unit of each option, and of the book. [8 f64 each] */
const GREEKS = memory.data(MOST * 64, 16);
const TOTALS = memory.data(64, 16);

export function bookStrike(): usize {
  return STRIKE;
}
export function bookSeconds(): usize {
  return SECONDS;
}
export function bookVolatility(): usize {
  return VOLATILITY;
}
export function bookSign(): usize {
  return SIGN;
}
export function bookQuantity(): usize {
  return QUANTITY;
}
export function bookLog(): usize {
  return LOG;
}
export function bookGreeks(): usize {
  return GREEKS;
}
export function bookTotals(): usize {
  return TOTALS;
}

/** env/options/black-scholes.ts. */
const PDF_AT_ZERO: f64 = 0.3989422804014327;
const STILL: f64 = 1e-100;
const FAR: f64 = 40;
/** The positive normal numbers, whose logarithms logOfPair takes. */
const LEAST: f64 = 2.2250738585072014e-308;
const GREATEST: f64 = 1.7976931348623157e308;

// @ts-ignore: decorator
@inline
function regular(x: v128): bool {
  return i64x2.all_true(v128.and(f64x2.ge(x, f64x2.splat(LEAST)), f64x2.le(x, f64x2.splat(GREATEST))));
}

/** Between the passes: years left and their root, e^-(yield t), spot and strike discounted to now, side, total volatility, d1. */
const T = memory.data(MOST * 8, 16);
const ROOT = memory.data(MOST * 8, 16);
const CARRY = memory.data(MOST * 8, 16);
const S = memory.data(MOST * 8, 16);
const K = memory.data(MOST * 8, 16);
const PUT = memory.data(MOST * 8, 16);
const DEVIATION = memory.data(MOST * 8, 16);
const D1 = memory.data(MOST * 8, 16);
/** e^(-d1²/2), and the probabilities beyond |d1| and |d2|. */
const E = memory.data(MOST * 8, 16);
const P1 = memory.data(MOST * 8, 16);
const P2 = memory.data(MOST * 8, 16);

/**
 * Values a book of n options, two at a time, to the bits of env/options/black-scholes.ts, greeksInto. Returns 0, its results to be left alone, where an option is
 * worth a forward or nothing or has terms that are no positive numbers. An odd last option needs a neighbour of usable terms. Each option is one long
 * chain of operations: short passes let the processor work on several at once.
 */
export function optionBook(n: i32, spot: f64, rate: f64, dividendYield: f64, secondsPerYear: f64): i32 {
  const end = <usize>n << 3;
  if (!place(end, spot, rate, dividendYield, secondsPerYear)) return 0;
  for (let at: usize = 0; at < end; at += 16) {
    const d1 = v128.load(D1 + at);
    const a1 = f64x2.abs(d1);
    const a2 = f64x2.abs(f64x2.sub(d1, v128.load(DEVIATION + at)));
    const e1 = expOfPair(f64x2.mul(f64x2.mul(f64x2.splat(-0.5), a1), a1));
    const e2 = expOfPair(f64x2.mul(f64x2.mul(f64x2.splat(-0.5), a2), a2));
    v128.store(E + at, e1);
    v128.store(P1 + at, tailsOfPair(a1, e1));
    v128.store(P2 + at, tailsOfPair(a2, e2));
  }
  finish(end, spot, rate, dividendYield);
  return 1;
}

/** Logarithms, and where each option stands; false where one is not usual. */
function place(end: usize, spot: f64, rate: f64, dividendYield: f64, secondsPerYear: f64): bool {
  const plain = rate == 0 && dividendYield == 0;
  const spots = f64x2.splat(spot);
  const zero = f64x2.splat(0);
  for (let at: usize = 0; at < end; at += 16) {
    const strike = v128.load(STRIKE + at);
    const moneyness = f64x2.div(spots, strike);
    if (!regular(moneyness)) return false;
    const log = logOfPair(moneyness);
    v128.store(LOG + at, log);
    const t = f64x2.max(f64x2.div(v128.load(SECONDS + at), f64x2.splat(secondsPerYear)), zero);
    const root = f64x2.sqrt(t);
    let carry = f64x2.splat(1);
    let s = spots;
    let k = strike;
    let x = log;
    if (!plain) {
      if (dividendYield != 0) {
        carry = expOfPair(f64x2.mul(f64x2.splat(-dividendYield), t));
        s = f64x2.mul(spots, carry);
      }
      if (rate != 0) k = f64x2.mul(strike, expOfPair(f64x2.mul(f64x2.splat(-rate), t)));
      const forward = f64x2.div(s, k);
      if (!regular(forward)) return false;
      x = logOfPair(forward);
    }
    const deviation = f64x2.mul(v128.load(VOLATILITY + at), root);
    const half = f64x2.mul(f64x2.splat(0.5), deviation);
    const limit = f64x2.mul(f64x2.add(f64x2.splat(FAR), half), deviation);
    const spreads = v128.and(f64x2.ge(deviation, f64x2.splat(STILL)), f64x2.le(f64x2.abs(x), limit));
    if (!i64x2.all_true(spreads)) return false;
    v128.store(T + at, t);
    v128.store(ROOT + at, root);
    v128.store(CARRY + at, carry);
    v128.store(S + at, s);
    v128.store(K + at, k);
    // The side that is out of the money: a sign bit stands for -1.
    v128.store(PUT + at, v128.and(f64x2.gt(x, zero), f64x2.splat(-0.0)));
    v128.store(DEVIATION + at, deviation);
    v128.store(D1 + at, f64x2.add(f64x2.div(x, deviation), half));
  }
  return true;
}

/** Values of the units, and their sums. */
function finish(end: usize, spot: f64, rate: f64, dividendYield: f64): void {
  const spots = f64x2.splat(spot);
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  const minus = f64x2.splat(-0.0);
  const rates = f64x2.splat(rate);
  const yields = f64x2.splat(dividendYield);
  let total0 = zero;
  let total2 = zero;
  let total4 = zero;
  let total6 = zero;
  for (let at: usize = 0; at < end; at += 16) {
    const s = v128.load(S + at);
    const k = v128.load(K + at);
    const t = v128.load(T + at);
    const root = v128.load(ROOT + at);
    const carry = v128.load(CARRY + at);
    const put = v128.load(PUT + at);
    const deviation = v128.load(DEVIATION + at);
    const volatility = v128.load(VOLATILITY + at);
    const sign = v128.load(SIGN + at);
    const d1 = v128.load(D1 + at);
    const d2 = f64x2.sub(d1, deviation);
    const p1 = v128.load(P1 + at);
    const p2 = v128.load(P2 + at);
    let n1 = v128.bitselect(f64x2.sub(one, p1), p1, f64x2.gt(v128.xor(d1, put), zero));
    let n2 = v128.bitselect(f64x2.sub(one, p2), p2, f64x2.gt(v128.xor(d2, put), zero));
    let value = f64x2.sub(f64x2.mul(s, n1), f64x2.mul(k, n2));
    value = f64x2.max(v128.xor(value, put), zero);
    // The other side by parity.
    const other = f64x2.ne(sign, v128.xor(one, put));
    const parity = f64x2.add(value, f64x2.mul(sign, f64x2.sub(s, k)));
    value = v128.bitselect(parity, value, other);
    n1 = v128.bitselect(f64x2.sub(one, n1), n1, other);
    n2 = v128.bitselect(f64x2.sub(one, n2), n2, other);
    const density = f64x2.mul(carry, f64x2.mul(f64x2.splat(PDF_AT_ZERO), v128.load(E + at)));
    const vega = f64x2.mul(f64x2.mul(spots, density), root);
    const fall = f64x2.mul(f64x2.mul(f64x2.mul(f64x2.splat(-0.5), volatility), spots), density);
    const income = f64x2.sub(f64x2.mul(f64x2.mul(yields, s), n1), f64x2.mul(f64x2.mul(rates, k), n2));
    const theta = f64x2.add(f64x2.div(fall, root), f64x2.mul(sign, income));
    const delta = f64x2.mul(f64x2.mul(sign, carry), n1);
    const gamma = f64x2.div(density, f64x2.mul(spots, deviation));
    const rho = f64x2.mul(f64x2.mul(f64x2.mul(sign, k), t), n2);
    const vanna = f64x2.div(f64x2.mul(v128.xor(density, minus), d2), volatility);
    const volga = f64x2.div(f64x2.mul(f64x2.mul(vega, d1), d2), volatility);
    const to = GREEKS + (at << 3);
    let q = v128.load64_splat(QUANTITY + at);
    total0 = add(total0, q, to, v128.shuffle<f64>(value, delta, 0, 2));
    total2 = add(total2, q, to + 16, v128.shuffle<f64>(gamma, vega, 0, 2));
    total4 = add(total4, q, to + 32, v128.shuffle<f64>(theta, rho, 0, 2));
    total6 = add(total6, q, to + 48, v128.shuffle<f64>(vanna, volga, 0, 2));
    if (at + 8 == end) break;
    q = v128.load64_splat(QUANTITY + at, 8);
    total0 = add(total0, q, to + 64, v128.shuffle<f64>(value, delta, 1, 3));
    total2 = add(total2, q, to + 80, v128.shuffle<f64>(gamma, vega, 1, 3));
    total4 = add(total4, q, to + 96, v128.shuffle<f64>(theta, rho, 1, 3));
    total6 = add(total6, q, to + 112, v128.shuffle<f64>(vanna, volga, 1, 3));
  }
  v128.store(TOTALS, total0);
  v128.store(TOTALS, total2, 16);
  v128.store(TOTALS, total4, 32);
  v128.store(TOTALS, total6, 48);
}

/** Writes two numbers of a unit; returns the total with `quantity` times them. */
// @ts-ignore: decorator
@inline
function add(total: v128, quantity: v128, to: usize, unit: v128): v128 {
  v128.store(to, unit);
  return f64x2.add(total, f64x2.mul(quantity, unit));
}
