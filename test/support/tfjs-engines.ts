import { TFJS_BACKENDS, type TfjsBackend } from "../../models/tfjs/backends.ts";
import { tfjsEngine } from "../../models/tfjs/engine.ts";
import type { Engine } from "../../src/core/contracts/network.ts";

/** An engine on each backend of TensorFlow.js that loads here, and why the others do not: the native one is an optional dependency. */
export async function tfjsEngines(): Promise<{
  engines: Engine[];
  missing: { backend: TfjsBackend; reason: string }[];
}> {
  const engines: Engine[] = [];
  const missing: { backend: TfjsBackend; reason: string }[] = [];
  for (const backend of TFJS_BACKENDS)
    try {
      engines.push(await tfjsEngine({ backend }));
    } catch (error) {
      missing.push({ backend, reason: (error as Error).message.split("\n").at(-1)!.trim() });
    }
  return { engines, missing };
}
