import { resolve } from "node:path";
import type { Argv } from "yargs";
import { isOptionChain } from "../../core/contracts/option-chain.ts";
import type { Series } from "../../core/contracts/series.ts";
import { ConfigError, EXIT, GreekgymError } from "../../core/errors.ts";
import { chainArbitrage } from "../../data/chain-arbitrage.ts";
import { DATA_SETS, dataRoot, openData } from "../../data/series.ts";
import { DATA_OPTION, JSON_OPTION } from "../options.ts";
import { printJson } from "../output.ts";

export const command = "data";
export const describe = "Check recorded data";

export function builder(yargs: Argv) {
  return yargs
    .command({
      command: "verify",
      describe: "Open each known recorded set: rows, span, SHA-256, gaps",
      builder: (y: Argv) =>
        y
          .option("data", DATA_OPTION)
          .option("json", JSON_OPTION)
          .example("$0 data verify --data ../data", "before a run on recorded data"),
      handler: verify,
    } as never)
    .demandCommand(1, "Name an action: verify.");
}

export function handler(): void {}

/** What a recorded set holds. Times in seconds since 1970. */
function summary(name: string, s: Series) {
  const { times, values } = s;
  const steps = Float64Array.from({ length: Math.max(0, times.length - 1) }, (_, i) => times[i + 1]! - times[i]!);
  // The usual spacing: half of the steps are no longer.
  const spacing = steps.slice().sort()[Math.floor(steps.length / 2)] ?? 0;
  let gaps = 0;
  let missing = 0;
  let longest = 0;
  for (const step of steps)
    if (step > 1.5 * spacing) {
      gaps++;
      missing += Math.round(step / spacing) - 1;
      longest = Math.max(longest, step);
    }
  const date = (t: number) => new Date(t * 1000).toISOString();
  return {
    name,
    ok: true,
    file: s.source,
    rows: times.length,
    from: date(times[0]!),
    to: date(times.at(-1)!),
    spacingSeconds: spacing,
    gaps,
    missingRows: missing,
    longestGapSeconds: longest,
    unit: s.unit,
    lowest: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    highest: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    ...(isOptionChain(s) ? { quotes: s.strike.length, findings: s.findings, arbitrage: chainArbitrage(s) } : {}),
    sha256: s.hash,
  };
}

/** Lines on what only a chain of options has. */
function chainLines({ quotes, findings, arbitrage }: ReturnType<typeof summary>): string[] {
  if (quotes === undefined || arbitrage === undefined) return [];
  const { counts, largest, tolerance, snapshots, snapshotsWithout } = arbitrage;
  const worst =
    largest === undefined
      ? ""
      : `; largest ${largest.kind} ${largest.size.toExponential(1)} at ${new Date(largest.time * 1000).toISOString()}, strikes ${largest.strikes.join(", ")}`;
  return [
    `  quotes   ${quotes}; a row is a snapshot, its value the forward of the nearest expiry beyond 7 days`,
    ...(findings ?? []).map((f) => `           ${f.count} x ${f.kind} (${f.handling}), first at ${f.first}`),
    `  surface  ${snapshotsWithout} of ${snapshots} snapshots without arbitrage beyond ${tolerance}: ${counts.calendar} calendar, ${counts.vertical} vertical, ${counts.butterfly} butterfly (left as recorded)${worst}`,
  ];
}

function verify(args: { data: string | undefined; json: boolean }): void {
  const root = dataRoot(args.data, process.env);
  if (root === undefined || root === "")
    throw new ConfigError("No folder of recorded data was named.", {
      which: "--data",
      fix: "Point --data <dir> or GREEKGYM_DATA at the folder of recorded data.",
    });
  const sets = DATA_SETS.map((name) => {
    try {
      return summary(name, openData(resolve(root), name));
    } catch (error) {
      if (!(error instanceof GreekgymError)) throw error;
      return { name, ok: false as const, error: error.message };
    }
  });
  const ok = sets.every((s) => s.ok);
  if (args.json) printJson({ ok, root: resolve(root), sets });
  else
    for (const s of sets)
      process.stdout.write(
        "error" in s
          ? `${s.name}\n  FAIL ${s.error.replaceAll("\n", "\n  ")}\n`
          : [
              s.name,
              `  file     ${s.file}, ${s.rows} rows every ${s.spacingSeconds} s`,
              `  span     ${s.from} to ${s.to}`,
              `  values   ${s.lowest} to ${s.highest} ${s.unit}`,
              ...chainLines(s),
              `  gaps     ${s.gaps}${s.gaps > 0 ? `, ${s.missingRows} rows missing, the longest ${s.longestGapSeconds} s` : ""}`,
              `  sha256   ${s.sha256}`,
              "",
            ].join("\n"),
      );
  if (!ok) process.exitCode = EXIT.failed;
}
