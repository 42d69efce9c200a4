import { ConfigError } from "../core/errors.ts";

/** Options that several commands share: one name, one meaning. */
export const JSON_OPTION = { type: "boolean", default: false, describe: "One JSON document on stdout" } as const;
export const OUT_OPTION = { type: "string", default: "runs", describe: "Folder of runs" } as const;
export const DATA_OPTION = { type: "string", describe: "Folder of recorded data (or GREEKGYM_DATA)" } as const;
export const SCENARIO_OPTION = { type: "string", demandOption: true, describe: "Experiment file" } as const;
export const WORKERS_OPTION = { type: "number", describe: "Threads; never changes a result" } as const;

/** A list of `path=value`; made anew for each command, since yargs keeps the default. */
export const setOption = () =>
  ({ type: "string", array: true, default: [] as string[], describe: "path=value, overrides the file" }) as const;

/** Throws a ConfigError unless the flag, where given, is a whole number of at least `low`. */
export function expectWhole(value: number | undefined, flag: string, low: number): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= low))
    throw new ConfigError("This flag takes a whole number.", {
      which: flag,
      value,
      fix: `Use ${low} or more.`,
    });
}
