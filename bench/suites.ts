import type { Bench } from "./bench.ts";
import { env } from "./env.ts";
import { inference } from "./inference.ts";
import { kernels } from "./kernels.ts";
import { memory } from "./memory.ts";
import { train } from "./train.ts";

/** What can be measured, in the order of the report. */
export const SUITES = { kernels, train, env, inference, memory } as const satisfies Readonly<
  Record<string, (bench: Bench) => void | Promise<void>>
>;

export type SuiteName = keyof typeof SUITES;

export function isSuite(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}
