import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bandFormula } from "../../agents/baselines/formulas/table.ts";
import { schemaOf } from "../../env/features/schema.ts";
import { type BundleFiles, openBundle, TFJS_FOLDER } from "../../models/format/bundle.ts";
import { onnxModel } from "../../models/format/onnx/policy-graph.ts";
import { contextOf } from "../../models/format/policy-json.ts";
import { TFJS_MODEL, TFJS_SHARD } from "../../models/format/tfjs/files.ts";
import { tfjsModel } from "../../models/format/tfjs/layers-model.ts";
import { ConfigError } from "../core/errors.ts";
import { projectRoot } from "./project.ts";

/** What `export` writes besides a whole bundle. */
export const COPIES = ["onnx", "tfjs", "safetensors", "browser"] as const;
export type CopyFormat = (typeof COPIES)[number];

/** Files that go with every copy: what its numbers mean, and pairs of input and output to check them by. */
const BESIDE = ["policy.json", "golden.json"] as const;

/** Whether a file's name is one that this format writes: what may be replaced in an existing folder. */
export function belongsToCopy(format: CopyFormat, name: string): boolean {
  if (format === "browser") return name === "policy.js" || name === "index.html";
  if ((BESIDE as readonly string[]).includes(name)) return true;
  if (format === "tfjs") return name === TFJS_MODEL || TFJS_SHARD.test(name);
  return name === (format === "onnx" ? "model.onnx" : "weights.safetensors");
}

/**
 * The files of a verified bundle's policy in another format. What the bundle holds is copied; bundles of version 1 hold no such copies, so they
 * are made. Throws a ConfigError naming what cannot be expressed in the format.
 */
export function copyOf(format: CopyFormat, files: BundleFiles, which: string): Record<string, Uint8Array> {
  if (format === "browser") return browserPage(files, which);
  const beside = Object.fromEntries(BESIDE.map((name) => [name, files[name]!]));
  const model =
    format === "safetensors"
      ? { "weights.safetensors": files["weights.safetensors"]! }
      : format === "onnx"
        ? { "model.onnx": files["model.onnx"] ?? madeOnnx(files, which) }
        : tfjsFiles(files, which);
  return { ...model, ...beside };
}

function madeOnnx(files: BundleFiles, which: string): Uint8Array {
  const { policy, values } = openBundle(files, which);
  const { head } = policy;
  const formula =
    head.head === "band"
      ? bandFormula(head.reference.baseline, head.reference.params, contextOf(policy, schemaOf(policy.account)))
      : undefined;
  return onnxModel({ policy, values, formula });
}

function tfjsFiles(files: BundleFiles, which: string): Record<string, Uint8Array> {
  const prefix = `${TFJS_FOLDER}/`;
  const held = Object.entries(files).filter(([name]) => name.startsWith(prefix));
  if (held.length > 0) return Object.fromEntries(held.map(([name, bytes]) => [name.slice(prefix.length), bytes]));
  const { policy, values } = openBundle(files, which);
  return tfjsModel(policy, values);
}

/** One module that needs nothing else, and a page that imports it. */
function browserPage(files: BundleFiles, which: string): Record<string, Uint8Array> {
  const library = join(projectRoot(), "dist", "browser", "greekgym.js");
  if (!existsSync(library))
    throw new ConfigError("The module for browsers has not been built.", {
      which: library,
      fix: "Run npm run build.",
    });
  const { policy } = openBundle(files, which);
  if (policy.architecture.kind !== "mlp")
    throw new ConfigError("Only the policy of a perceptron runs in a page by itself.", {
      which: "architecture.kind",
      value: policy.architecture.kind,
      fix: "Export to tfjs and load the model with TensorFlow.js.",
    });
  const module = browserModule(readFileSync(library, "utf8"), files);
  const encode = new TextEncoder();
  return { "policy.js": encode.encode(module), "index.html": encode.encode(page(policy.id)) };
}

/** An ES module that exports `policy`, the bundle's, beside what the library of dist/browser exports. */
export function browserModule(library: string, files: BundleFiles): string {
  const held = Object.entries(files).map(
    ([name, bytes]) => `${JSON.stringify(name)}: ${JSON.stringify(Buffer.from(bytes).toString("base64"))}`,
  );
  return `${library.trimEnd()}
// The bundle, and its policy.
const files = { ${held.join(", ")} };
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const policy = openPolicy(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, bytes(text)])));
`;
}

/** A page that shows what the policy answers; `id` is its title. */
export function page(id: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${id.replace(/[<&]/g, "")}</title>
<pre id="out" style="white-space: pre-wrap">Loading…</pre>
<script type="module">
  import { policy } from "./policy.js";
  // One row that the policy was tested on: put your own raw features here, null for those that you do not have.
  const row = policy.example;
  const lines = [policy.statement, "", JSON.stringify(row, null, 2), "", JSON.stringify(policy.decide(row), null, 2)];
  document.getElementById("out").textContent = lines.join("\\n");
</script>
</html>
`;
}
