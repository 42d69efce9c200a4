import { join } from "node:path";
import { experimentJsonSchema } from "../src/cli/experiment-schema.ts";
import { projectRoot } from "../src/cli/project.ts";
import { writeFileAtomic } from "../src/store/atomic.ts";
import { renderBenchmarks } from "./reference/benchmarks.ts";
import { renderCli } from "./reference/cli.ts";
import { renderConfig } from "./reference/config.ts";
import { renderErrors } from "./reference/errors.ts";

/** Writes what is generated from the program: reference pages and the JSON schema. A test checks that they are fresh. */
const files: Readonly<Record<string, string>> = {
  "docs/cli.md": await renderCli(),
  "docs/errors.md": renderErrors(),
  "docs/config.md": renderConfig(),
  "docs/benchmarks.md": renderBenchmarks(projectRoot()),
  "experiments/schema.json": experimentJsonSchema(),
};

for (const [path, text] of Object.entries(files)) {
  writeFileAtomic(join(projectRoot(), path), text);
  process.stdout.write(`${path}\n`);
}
