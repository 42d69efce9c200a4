import { normalTail } from "../../src/core/normal.ts";
import { marketKernel } from "../kernel/kernel.ts";

/** Tails of the normal law, many at a time; one is shared by all of a process, whose calls never overlap. */
export interface NormalTails {
  /** Numbers that one call may hold. */
  readonly most: number;
  /** In: a, 0 or more. */
  readonly a: Float64Array;
  /** Out: exp(-a² / 2). */
  readonly e: Float64Array;
  /** Out: the probability beyond a. */
  readonly p: Float64Array;
  /** Works on the first n numbers. */
  run(n: number): void;
}

const MOST = 256;

/** In plain TypeScript: what env/kernel/assembly/normal-tails.ts says again, to the same bits. */
export function plainNormalTails(most = MOST): NormalTails {
  const a = new Float64Array(most);
  const e = new Float64Array(most);
  const p = new Float64Array(most);
  const run = (n: number) => {
    for (let i = 0; i < n; i++) {
      e[i] = Math.exp(-0.5 * a[i]! * a[i]!);
      p[i] = normalTail(a[i]!, e[i]!);
    }
  };
  return { most, a, e, p, run };
}

/** By the kernel, where it starts. */
export function kernelNormalTails(): NormalTails | undefined {
  const kernel = marketKernel();
  if (kernel === undefined) return undefined;
  const numbers = (at: number) => new Float64Array(kernel.memory.buffer, at, MOST);
  const { tailsIn, tailsDensity, tailsOut, normalTails } = kernel;
  return { most: MOST, a: numbers(tailsIn()), e: numbers(tailsDensity()), p: numbers(tailsOut()), run: normalTails };
}

let shared: NormalTails | undefined;

/** The tails of this process. */
export function normalTails(): NormalTails {
  shared ??= kernelNormalTails() ?? plainNormalTails();
  return shared;
}
