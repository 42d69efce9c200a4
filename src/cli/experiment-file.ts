import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { Series } from "../core/contracts/series.ts";
import { ConfigError } from "../core/errors.ts";
import { loadConfig } from "../core/yaml-config.ts";
import { dataRoot, openData } from "../data/series.ts";
import { type Experiment, experimentSchema, recordedSeries } from "../evaluate/experiment.ts";
import { consoleLog } from "./ports.ts";
import { projectRoot } from "./project.ts";

export interface LoadedExperiment {
  readonly experiment: Experiment;
  readonly resolved: string;
  /** As the user wrote it, for commands in reports. */
  readonly path: string;
}

/** Finds an experiment file: as given, or among those that greekgym ships. */
export function locateExperiment(path: string): string {
  if (existsSync(path)) return path;
  const shipped = join(projectRoot(), path);
  if (!isAbsolute(path) && existsSync(shipped)) return shipped;
  throw new ConfigError("The experiment file does not exist.", {
    which: "experiment",
    value: path,
    fix: "Name an existing YAML file, e.g. experiments/quickstart.yaml.",
  });
}

/**
 * `kind` says which split a comparison looks at and whether the look is counted (docs/design.md §5.2), so it belongs to the file, where
 * version control sees it change, not to one command.
 */
function refuseKind(overrides: readonly string[]): void {
  const found = overrides.find((setting) => setting.split("=")[0]!.trim() === "kind");
  if (found !== undefined)
    throw new ConfigError("The kind of an experiment cannot be overridden: it decides which split may be looked at.", {
      which: "--set",
      value: found,
      fix: "Change kind in the experiment file, or copy the file under another name.",
    });
}

/** Reads an experiment file with `--set` overrides. */
export function loadExperiment(path: string, overrides: readonly string[] = []): LoadedExperiment {
  refuseKind(overrides);
  const file = locateExperiment(path);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError("The experiment file cannot be read.", {
      which: file,
      fix: "Check that it is a file and that you may read it.",
      cause,
    });
  }
  const { value, resolved, notes } = loadConfig({ text, path, schema: experimentSchema, overrides });
  for (const note of notes) consoleLog.info(`note: ${note}`);
  return { experiment: value, resolved, path };
}

/** Opens the recorded series that an experiment names, from `--data`, GREEKGYM_DATA or nowhere. */
export function loadSeries(experiment: Experiment, data: string | undefined): Record<string, Series> {
  const names = Object.values(recordedSeries(experiment.scenario));
  if (names.length === 0) return {};
  const root = dataRoot(data, process.env);
  return Object.fromEntries(
    names.map((name) => [name, openData(root === undefined ? undefined : resolve(root), name)]),
  );
}
