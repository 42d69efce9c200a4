import { kernelEngine } from "../../models/kernel/engine.ts";
import type { Engine } from "../core/contracts/network.ts";

let engine: Engine | undefined;

/** The engine that commands use: the embedded SIMD kernels. */
export function defaultEngine(): Engine {
  engine ??= kernelEngine();
  return engine;
}
