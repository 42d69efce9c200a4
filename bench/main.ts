import { Bench, type BenchOptions } from "./bench.ts";
import { goals, standing } from "./goals.ts";
import { readMachine } from "./machine.ts";
import type { ResultRow } from "./measure.ts";
import { peersFolder } from "./peers/peer-process.ts";
import { type SuiteRecord, writeRecord } from "./record.ts";
import { isSuite, SUITES } from "./suites.ts";

/** `npm run bench -- [suite…] [--json] [--record] [--quick | --tiny] [--no-rivals]`. Speed is judged here, never by a timed test. */
const FLAGS = ["--json", "--record", "--quick", "--tiny", "--no-rivals"];

const args = process.argv.slice(2);
const usage = (text: string): never => {
  process.stderr.write(`usage: ${text}\n`);
  process.exit(2);
};
const flags = args.filter((a) => a.startsWith("-"));
const unknownFlag = flags.find((flag) => !FLAGS.includes(flag));
if (unknownFlag !== undefined) usage(`no option is called "${unknownFlag}". Known: ${FLAGS.join(", ")}.`);
const names = args.filter((a) => !a.startsWith("-"));
const wanted = (names.length > 0 ? names : Object.keys(SUITES)).map((name) =>
  isSuite(name) ? name : usage(`no suite is called "${name}". Known: ${Object.keys(SUITES).join(", ")}.`),
);
const record = flags.includes("--record");
const size = flags.includes("--tiny") ? "tiny" : flags.includes("--quick") ? "quick" : "full";
if (record && (size !== "full" || flags.includes("--no-rivals")))
  usage("--record takes neither --quick, --tiny nor --no-rivals: what is recorded is quoted.");

const tell = (text: string) => void process.stderr.write(`${text}\n`);
const options: BenchOptions = { size, rivals: !flags.includes("--no-rivals"), tell };
if (options.rivals) tell(`rivals: ${peersFolder()}`);
const began = performance.now();
const runs: SuiteRecord[] = [];
// Once: what this run writes is no change of the program, and its own load is none of the machine's.
const machine = readMachine();
for (const suite of wanted) {
  const bench = new Bench(suite, options);
  try {
    await SUITES[suite](bench);
  } finally {
    bench.close();
  }
  const { results, ratios } = bench;
  const run = { suite, machine, results, ratios, leftOut: Object.fromEntries(bench.leftOut) };
  runs.push(run);
  if (record) tell(`wrote ${writeRecord(process.cwd(), run)}`);
}
tell(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`);

const results = runs.flatMap((run) => run.results);
const ratios = runs.flatMap((run) => run.ratios);
if (flags.includes("--json"))
  process.stdout.write(
    `${JSON.stringify({ machine, results, ratios, leftOut: runs.map((r) => r.leftOut) }, null, 2)}\n`,
  );
else {
  const { cpu, cores, node, load, date } = machine;
  process.stdout.write(`${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)}, ${date}\n`);
  const wide = Math.max(...results.map((r) => r.name.length));
  for (const r of results)
    process.stdout.write(`${r.name.padEnd(wide)} ${figures(r)} ${r.unit} (min, median, max of ${r.n})\n`);
  for (const { name, ours, rival, ratio } of ratios)
    process.stdout.write(`${name}: ${ours} is ${ratio.toPrecision(3)} x ${rival}\n`);
  for (const goal of goals(results).filter((g) => g.reached !== undefined))
    process.stdout.write(
      `${goal.work}, ${goal.measure}: ${goal.reached!.toPrecision(3)} ${goal.unit}${(["must", "aim"] as const)
        .filter((which) => goal[which] !== undefined)
        .map((which) => `, ${which} ${goal.bound} ${goal[which]}: ${standing(goal, which)}`)
        .join("")}\n`,
    );
}

function figures(r: ResultRow): string {
  return [r.min, r.median, r.max].map((x) => x.toPrecision(4).padStart(10)).join(" ");
}
