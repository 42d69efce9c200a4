import { join } from "node:path";
import { CorruptFileError } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import { checkMetricName, type MetricName } from "../core/metrics.ts";
import { LineFile, readLines } from "./line-file.ts";

/** One line of metrics.jsonl. A value that is not finite is null there. */
export interface MetricsRow {
  readonly step: number;
  readonly values: Readonly<Record<string, number | null>>;
}

/** Figures of the wall clock differ from run to run; they go to timing.jsonl, so that metrics.jsonl is a function of config and seed alone. */
const WALL_CLOCK: ReadonlySet<MetricName> = new Set(["time/fps", "time/time_elapsed", "charts/SPS"]);

function parseRow(text: string, path: string, line: number): MetricsRow {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    row = undefined;
  }
  if (typeof row !== "object" || row === null || !("step" in row) || typeof row.step !== "number")
    throw new CorruptFileError("A line of metrics is malformed.", {
      which: `${path}:${line}`,
      value: text,
      fix: "Remove the line, or restore the file from a copy.",
    });
  const { step, ...values } = row as { step: number } & Record<string, number | null>;
  return { step, values };
}

/** The rows of a metrics file in the order they were written; a torn last line is left out, an absent file has none. */
export function readMetrics(path: string): MetricsRow[] {
  return readLines(path).map((text, i) => parseRow(text, path, i + 1));
}

/** Writes `metrics.jsonl` (and `timing.jsonl`): one JSON object a line, `{"step":…, "<metric>":…}`, keys sorted. */
export class MetricsLog {
  readonly #metrics: LineFile;
  readonly #timing: LineFile;

  /** Opens the two files of a run's folder; a line torn by a crash is cut off. */
  constructor(dir: string) {
    this.#metrics = new LineFile(join(dir, "metrics.jsonl"));
    this.#timing = new LineFile(join(dir, "timing.jsonl"));
  }

  /** Appends one row. Throws a ContractError for an unknown metric, a GreekgymError (code `storage`) for a full disk. */
  append(step: number, values: Readonly<Partial<Record<MetricName, number>>>): void {
    const rows = { metrics: {} as Record<string, number | null>, timing: {} as Record<string, number | null> };
    for (const [name, value] of Object.entries(values)) {
      checkMetricName(name);
      rows[WALL_CLOCK.has(name) ? "timing" : "metrics"][name] = Number.isFinite(value) ? value : null;
    }
    if (Object.keys(rows.metrics).length > 0) this.#metrics.appendLine(canonicalJson({ step, ...rows.metrics }));
    if (Object.keys(rows.timing).length > 0) this.#timing.appendLine(canonicalJson({ step, ...rows.timing }));
  }

  /** Forgets everything after a checkpoint's step, so that a resumed run's file equals an uninterrupted one's. */
  rewindTo(step: number): void {
    for (const file of [this.#metrics, this.#timing])
      file.truncateWhere((line) => parseRow(line, file.path, 1).step <= step);
  }

  sync(): void {
    this.#metrics.sync();
    this.#timing.sync();
  }

  close(): void {
    this.#metrics.close();
    this.#timing.close();
  }
}
