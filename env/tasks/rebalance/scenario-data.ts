import type { OptionChain } from "../../../src/core/contracts/option-chain.ts";
import type { Series } from "../../../src/core/contracts/series.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import type { DateRange } from "../../market/recorded-series.ts";

/** Recorded series that a scenario names, and the part of each that a split may use. */
export interface ScenarioData {
  readonly series: Readonly<Record<string, Series>>;
  readonly ranges?: Readonly<Record<string, DateRange>>;
}

/** A recorded series that a scenario names. Throws a ConfigError where it is missing. */
export function namedSeries(data: ScenarioData | undefined, name: string, which: string): Series {
  const series = data?.series[name];
  if (series === undefined)
    throw new ConfigError(`The recorded series "${name}" is not loaded.`, {
      which,
      value: name,
      fix: "Give the folder of recorded data with --data <dir> or GREEKGYM_DATA.",
    });
  return series;
}

/** The option chain that a scenario names. Throws a ConfigError where it is missing or the series is no chain. */
export function namedChain(data: ScenarioData | undefined, name: string, which: string): OptionChain {
  const series = namedSeries(data, name, which);
  if (!("kind" in series && series.kind === "option-chain"))
    throw new ConfigError(`The recorded series "${name}" is not an option chain.`, {
      which,
      value: name,
      fix: "Name a recorded chain, e.g. deribit_eth_chain_6h.",
    });
  return series as OptionChain;
}
