/**
 * Writes the README's table of the quickstart from a finished run:
 *   npx tsx scripts/readme-results.ts runs/<id> "2 shared cores (AMD EPYC)"
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EvaluationResult } from "../src/core/contracts/evaluation.ts";
import { ConfigError } from "../src/core/errors.ts";
import { writeFileAtomic } from "../src/store/atomic.ts";
import { readManifest } from "../src/store/manifest.ts";

const [run, machine] = process.argv.slice(2);
if (run === undefined || machine === undefined)
  throw new ConfigError("An argument is missing.", {
    which: "arguments",
    value: process.argv.slice(2),
    fix: "Give the run's folder and a name for the machine.",
  });

const evaluationPath = join(run, "evaluation.json");
const evaluation = JSON.parse(readFileSync(evaluationPath, "utf8")) as EvaluationResult;
const { provenance, seed } = readManifest(run);
const { objective, contenders, paired, verdict, episodes, split } = evaluation;
const signed = (x: number) => `${x > 0 ? "+" : ""}${x.toFixed(1)}`;
const against = new Map(paired.filter((p) => p.a === verdict.contender).map((p) => [p.b, p]));

/** The rules of the README's text, and the best one whatever it is. */
const shown = new Set([evaluation.best.baseline, "composite", "gas-aware", "interval", "delta-band", "never", "delta"]);
const rows = [...contenders]
  .sort((a, b) => a.objective - b.objective)
  .filter((c) => c.kind !== "baseline" || shown.has(c.id))
  .map((c) => {
    const p = against.get(c.id);
    const difference =
      p === undefined ? "" : `${signed(p.difference)} (${p.simultaneousCi95.map(signed).join(" to ")})`;
    const label =
      c.kind === "learned"
        ? `**${c.id}**`
        : `${c.id}${c.kind === "oracle" ? ", which nobody can trade" : c.tuned ? ", tuned" : ""}`;
    return `| ${label} | ${c.objective.toFixed(1)} | ${c.mean.toFixed(1)} | ${c.sd.toFixed(1)} | ${difference} |`;
  });

const date = statSync(evaluationPath).mtime.toISOString().slice(0, 10);
const commit = `${provenance.gitSha?.slice(0, 10) ?? "unknown"}${provenance.gitDirty ? " with changes" : ""}`;
const k = objective.k === undefined ? "" : ` with k = ${objective.k}`;
const block = [
  "<!-- measured: quickstart -->",
  "",
  `\`npm start\` on ${date}, ${machine}, Node ${provenance.node.replace("v", "")}, commit ${commit}, seed ${seed}, ${episodes} ${split} episodes; ${objective.name}${k}, ${objective.unit}:`,
  "",
  `| contender | objective | mean | sd | ${verdict.contender} minus it, 95% over all rules |`,
  "| --- | --: | --: | --: | --: |",
  ...rows,
  "",
  `Verdict: ${verdict.sentence}`,
  "",
  "<!-- /measured -->",
].join("\n");

const readme = readFileSync("README.md", "utf8");
const place = /<!-- measured: quickstart -->[\s\S]*?<!-- \/measured -->/;
if (!place.test(readme))
  throw new ConfigError("The README has no place for this table.", {
    which: "README.md",
    fix: "Put <!-- measured: quickstart --> and <!-- /measured --> where it belongs.",
  });
writeFileAtomic(
  "README.md",
  readme.replace(place, () => block),
);
process.stderr.write("wrote README.md\n");
