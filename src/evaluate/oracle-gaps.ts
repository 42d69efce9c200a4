import type { ContenderResult, OracleGap } from "../core/contracts/evaluation.ts";
import type { PlayedContender } from "./compare.ts";
import type { Objective } from "./objectives.ts";
import type { ResamplingOptions } from "./statistics/bootstrap.ts";
import { comparePaired } from "./statistics/paired.ts";

export interface GapInput extends ResamplingOptions {
  readonly objective: Objective;
  readonly played: readonly PlayedContender[];
  /** The rows of the table, least objective first. */
  readonly order: readonly ContenderResult[];
}

/** What every tuned rule and everything learned leaves to each oracle: paired differences of the objective, with their own 95% intervals. */
export function oracleGaps(input: GapInput): OracleGap[] {
  const { played, order, objective, ...resampling } = input;
  const costs = (id: string) => ({ id, costs: played.find((c) => c.id === id)!.tables.map((t) => t.costs) });
  const best = order.find((c) => c.kind === "baseline");
  const others = order.filter((c) => c.kind === "learned" || (c.kind === "baseline" && (c.tuned || c === best)));
  const oracles = order.filter((c) => c.kind === "oracle");
  if (others.length === 0) return [];
  return oracles.flatMap((oracle) => {
    const { rows } = comparePaired({
      ...resampling,
      objective,
      focus: costs(oracle.id),
      others: others.map((c) => costs(c.id)),
    });
    const left = rows.map(({ b, difference, ci95 }) => ({
      oracle: oracle.id,
      contender: b,
      difference: -difference,
      ci95: [-ci95[1], -ci95[0]] as const,
    }));
    const whole = left.find((g) => g.contender === best?.id);
    return left.map((gap, i): OracleGap => {
      if (others[i]!.kind !== "learned" || whole === undefined || whole.ci95[0] <= 0) return gap;
      return { ...gap, closes: (whole.difference - gap.difference) / whole.difference };
    });
  });
}
