import { kernelEngine } from "../models/kernel/engine.ts";
import type { Engine } from "../src/core/contracts/network.ts";

/** Our engine as users run it, by the number of threads that compute. */
export interface OurEngine {
  readonly label: string;
  readonly engine: Engine;
  close(): void;
}

/** One thread. */
export function oneCore(): OurEngine {
  return { label: "greekgym, one core", engine: kernelEngine(), close: () => undefined };
}

/** All ways in which training is measured. */
export function ourEngines(): OurEngine[] {
  return [oneCore()];
}
