/**
 * What one core does with 128-bit SIMD at most: a WebAssembly loop of independent multiplications and additions on registers, no memory.
 * Twelve vectors x_i <- x_i * a + b, eight times a turn: with factor and term they fit the sixteen registers, and they are enough to hide the latency of both units.
 * The sums of two neighbours are needed together, so that V8 computes them side by side, two multiplications, then two additions: on Zen 3 that is faster than one of
 * each in turn (45 beside 42 GFLOP/s). Native code whose multiplications wait for nothing reaches 50 (2026-11-23): shares are of what WebAssembly was seen to do.
 */
const CHAINS = 12;
const UNROLLED = 8;
const TURNS = 20_000;

/** Floating-point operations of one call of `simdPeak()()`. */
export const SIMD_OPERATIONS = CHAINS * UNROLLED * TURNS * 4 * 2;

interface Exports {
  run(turns: number): number;
}

/** The module is written byte by byte: it needs no compiler at run time and no file beside it. */
export function simdPeak(): () => void {
  const { Module, Instance } = (
    globalThis as unknown as {
      WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (m: object) => { exports: unknown } };
    }
  ).WebAssembly;
  const { run } = new Instance(new Module(moduleBytes())).exports as Exports;
  return () => {
    if (Number.isNaN(run(TURNS))) throw new Error("the SIMD loop must stay finite");
  };
}

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;

function unsigned(n: number): number[] {
  return n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...unsigned(n >>> 7)];
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...unsigned(body.length), ...body];
}

const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];
const getLocal = (i: number) => [0x20, i];
const setLocal = (i: number) => [0x21, i];
const f32 = (x: number) => [0x43, ...new Uint8Array(new Float32Array([x]).buffer)];
const SPLAT = simd(0x13);
const ADD = simd(0xe4);
const MULTIPLY = simd(0xe6);
const FIRST_LANE = [...simd(0x1f), 0];

function moduleBytes(): Uint8Array {
  const turns = 0;
  const chain = (i: number) => 1 + i;
  const factor = 1 + CHAINS;
  const term = factor + 1;
  const pair = (i: number) => [...getLocal(chain(2 * i)), ...getLocal(chain(2 * i + 1)), ...ADD];
  const code = [
    ...[...f32(0.5), ...SPLAT, ...setLocal(factor), ...f32(0.25), ...SPLAT, ...setLocal(term)],
    ...Array.from({ length: CHAINS }, (_, i) => [...f32(i), ...SPLAT, ...setLocal(chain(i))]).flat(),
    // loop: every chain UNROLLED times, then --turns and again while it is not 0
    ...[0x03, 0x40],
    ...Array.from({ length: UNROLLED * CHAINS }, (_, k) => {
      const i = chain(k % CHAINS);
      return [...getLocal(i), ...getLocal(factor), ...MULTIPLY, ...getLocal(term), ...ADD, ...setLocal(i)];
    }).flat(),
    ...[...getLocal(turns), 0x41, 1, 0x6b, 0x22, turns, 0x0d, 0, 0x0b],
    ...pair(0),
    ...Array.from({ length: CHAINS / 2 - 1 }, (_, i) => [...pair(i + 1), ...ADD]).flat(),
    ...FIRST_LANE,
    0x0b,
  ];
  const body = [1, CHAINS + 2, V128, ...code];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, F32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...Buffer.from("run"), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}
