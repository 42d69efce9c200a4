import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { GreekgymError } from "../src/core/errors.ts";

/** Compiles models/kernel/assembly to WebAssembly and writes it, base64-encoded, as models/kernel/dense.wasm.ts. */

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const kernelFile = join(root, "models/kernel/dense.wasm.ts");

const OPTIONS = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert"];
const TARGET = ["--runtime", "stub", "--enable", "simd", "--use", "abort="];

/** The text of dense.wasm.ts as the sources make it now; undefined where the AssemblyScript compiler is not installed. */
export async function renderKernel(): Promise<string | undefined> {
  const { default: asc } = await import("assemblyscript/asc").catch(() => ({ default: undefined }));
  if (asc === undefined) return undefined;
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["models/kernel/assembly/index.ts", "--outFile", "dense.wasm", ...OPTIONS, ...TARGET],
    {
      readFile: (name, base) => readFile(join(root, base, name), "utf8").catch(() => null),
      writeFile: (_name, contents) => {
        if (typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined)
    throw new GreekgymError("kernel", "The kernel does not compile.", { hints: [stderr.toString()], cause: error });
  const lines =
    Buffer.from(binary)
      .toString("base64")
      .match(/.{1,118}/g) ?? [];
  return [
    "// Generated from models/kernel/assembly by `npm run build:kernel`. Do not edit.",
    "export const denseWasm = `",
    ...lines,
    "`;",
    "",
  ].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = await renderKernel();
  if (text === undefined) process.stderr.write("assemblyscript is not installed: run `npm install` first.\n");
  else await writeFile(kernelFile, text);
  process.exitCode = text === undefined ? 1 : 0;
}
