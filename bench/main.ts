import { cpus, loadavg } from "node:os";
import { readProvenance } from "../src/store/provenance.ts";
import * as env from "./env.ts";
import { type BenchmarkRow, suite as kernels } from "./kernels.ts";

/** `npm run bench -- [suite…] [--json]`: min, median and max of each quantity. Speed is judged here, never by a timed test. */
const SUITES: Readonly<Record<string, () => BenchmarkRow[]>> = { kernels, env: env.suite };

const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((a) => !a.startsWith("--"));
const unknown = wanted.find((name) => !Object.hasOwn(SUITES, name));
if (unknown !== undefined) {
  process.stderr.write(`usage: no suite is called "${unknown}". Known: ${Object.keys(SUITES).join(", ")}.\n`);
  process.exit(2);
}

const results = (wanted.length > 0 ? wanted : Object.keys(SUITES)).flatMap((name) =>
  SUITES[name]!().map(({ name: row, unit, values }) => {
    const sorted = [...values].sort((a, b) => a - b);
    return {
      name: `${name}: ${row}`,
      unit,
      n: sorted.length,
      min: sorted[0]!,
      median: sorted[Math.floor(sorted.length / 2)]!,
      max: sorted.at(-1)!,
    };
  }),
);
const { gitSha, gitDirty, node, cpu, cores } = readProvenance(process.cwd(), "none");
const machine = { cpu, cores, node, gitSha, gitDirty, load: loadavg()[0], date: new Date().toISOString().slice(0, 10) };
if (json) process.stdout.write(`${JSON.stringify({ machine, results, ratios: [] }, null, 2)}\n`);
else {
  process.stdout.write(`${cpu}, ${cpus().length} cores, ${node}, load ${loadavg()[0]!.toFixed(1)}, ${machine.date}\n`);
  for (const r of results)
    process.stdout.write(
      `${r.name.padEnd(52)} ${[r.min, r.median, r.max].map((x) => x.toPrecision(4).padStart(10)).join(" ")} ${r.unit} (min, median, max of ${r.n})\n`,
    );
}
