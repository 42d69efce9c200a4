import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { GreekgymError } from "../src/core/errors.ts";
import { sha256Hex } from "../src/core/hash.ts";

/** Compiles the kernels' assembly folders to WebAssembly and writes each build, base64-encoded, beside its folder as <name>.wasm.ts. */

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const OPTIONS = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert"];
const TARGET = ["--runtime", "stub", "--enable", "simd", "--use", "abort="];
const SHARED = ["--enable", "threads", "--sharedMemory", "--importMemory", "--maximumMemory", "65536"];

export interface KernelBuild {
  /** Holds `assembly` and the file that is written. */
  readonly folder: string;
  readonly name: string;
  readonly entry: string;
  readonly flags: readonly string[];
}

/**
 * Networks: one build for a memory of one's own, one for a memory that threads share, of the same arithmetic, and for the second memory one whose
 * multiply-adds are relaxed. Environments: one for all.
 */
export const kernelBuilds: readonly KernelBuild[] = [
  { folder: "models/kernel", name: "dense", entry: "index.ts", flags: [] },
  { folder: "models/kernel", name: "shared", entry: "shared.ts", flags: SHARED },
  { folder: "models/kernel", name: "relaxed", entry: "shared.ts", flags: [...SHARED, "--enable", "relaxed-simd"] },
  { folder: "env/kernel", name: "market", entry: "index.ts", flags: [] },
];

export function kernelFile({ folder, name }: KernelBuild): string {
  return join(root, `${folder}/${name}.wasm.ts`);
}

/** The text of a build's file as the sources make it now; undefined where the AssemblyScript compiler is not installed. */
export async function renderKernel({ folder, name, entry, flags }: KernelBuild): Promise<string | undefined> {
  const { default: asc } = await import("assemblyscript/asc").catch(() => ({ default: undefined }));
  if (asc === undefined) return undefined;
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [`${folder}/assembly/${entry}`, "--outFile", `${name}.wasm`, ...OPTIONS, ...TARGET, ...flags],
    {
      readFile: (file, base) => readFile(join(root, base, file), "utf8").catch(() => null),
      writeFile: (_file, contents) => {
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
    `// Generated from ${folder}/assembly by \`npm run build:kernel\`. Do not edit.`,
    `export const ${name}Wasm = \``,
    ...lines,
    "`;",
    `export const ${name}Sha256 = "${sha256Hex(binary)}";`,
    "",
  ].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  for (const build of kernelBuilds) {
    const text = await renderKernel(build);
    if (text === undefined) {
      process.stderr.write("assemblyscript is not installed: run `npm install` first.\n");
      process.exitCode = 1;
      break;
    }
    await writeFile(kernelFile(build), text);
  }
