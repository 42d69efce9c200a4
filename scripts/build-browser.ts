import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Bundles src/live/browser.ts and all that it imports into dist/browser/greekgym.js: one ES module that a page imports. */

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The module's text as the sources make it now. */
export async function renderBrowserModule(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/live/browser.ts"],
    outfile: "greekgym.js",
    write: false,
    bundle: true,
    minify: true,
    // A node: module among the imports ends the build.
    platform: "browser",
    target: "es2022",
    // Under one name inside the module, so that an exported policy can be written behind it in the same file (src/cli/export-formats.ts).
    format: "iife",
    globalName: "greekgym",
    footer: { js: "export const { openPolicy, fetchPolicy } = greekgym;" },
    legalComments: "none",
    logLevel: "warning",
    plugins: [
      {
        // Half of the file would be zod's messages in fifty languages; English ones are imported by themselves.
        name: "one-language",
        setup: ({ onLoad }) =>
          onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export {};", loader: "js" })),
      },
    ],
  });
  return outputFiles[0]!.text;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(root, "dist", "browser");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "greekgym.js"), await renderBrowserModule());
}
