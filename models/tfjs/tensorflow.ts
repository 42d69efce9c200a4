import type * as core from "@tensorflow/tfjs-core";
import type * as layers from "@tensorflow/tfjs-layers";
import { ConfigError } from "../../src/core/errors.ts";
import type { TfjsBackend } from "./backends.ts";
import { addChainedOperations } from "./chained-operations.ts";
import { replaceOrthogonal } from "./orthogonal.ts";

/** TensorFlow.js as one namespace: operations and layers. */
export type TensorFlow = Omit<typeof core, "default"> & Omit<typeof layers, "default">;

/** Loads `@tensorflow/tfjs-node`. Not by its literal name: it is an optional dependency, which bundlers and the compiler may not find. */
const NATIVE = "@tensorflow/tfjs-node";
const importNative = (): Promise<unknown> => import(/* @vite-ignore */ NATIVE);

const loaders: Record<TfjsBackend, (native: () => Promise<unknown>) => Promise<unknown>> = {
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
  wasm: () => import("@tensorflow/tfjs-backend-wasm"),
  tensorflow: (native) => {
    restoreIsNullOrUndefined();
    return native();
  },
};

/**
 * Loads TensorFlow.js and starts a backend. Nothing of it is loaded before.
 * @throws ConfigError where the backend does not load, with the cause and what to do.
 */
export async function loadTensorFlow(backend: TfjsBackend, native = importNative): Promise<TensorFlow> {
  try {
    // Before the layers: they use the chained operations that are added here.
    const operations = await import("@tensorflow/tfjs-core");
    // The banners that backends print; the checks of arguments stay.
    operations.enableProdMode();
    addChainedOperations(operations);
    await loaders[backend](native);
    const tf = { ...operations, ...(await import("@tensorflow/tfjs-layers")) };
    replaceOrthogonal(tf);
    if (!(await tf.setBackend(backend))) throw new Error(`the backend "${backend}" refused to start`);
    return tf;
  } catch (cause) {
    throw new ConfigError("A backend of TensorFlow.js does not load.", {
      which: "agent.network.backend",
      value: backend,
      fix: backend === "tensorflow" ? NATIVE_FIX : "Install the packages again: npm ci.",
      hints: [`Cause: ${firstLine(cause)}`],
      cause,
    });
  }
}

const NATIVE_FIX =
  "Use the backend wasm, which needs no native library, or install the native one (npm install @tensorflow/tfjs-node@4.22.0); `greekgym doctor` says whether it loads.";

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).trim().split("\n")[0]!;

/**
 * tfjs-node 4.22.0 calls util.isNullOrUndefined, which Node.js 23 removed: it is put back for it. Elsewhere than in Node.js there is
 * nothing to mend.
 */
function restoreIsNullOrUndefined(): void {
  if (typeof process === "undefined") return;
  const util = process.getBuiltinModule?.("util") as unknown as Record<string, unknown> | undefined;
  if (util !== undefined) util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
}
