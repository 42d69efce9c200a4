import { parseContender } from "../../agents/baselines/contender.ts";
import { createBaseline, isBaseline } from "../../agents/baselines/registry.ts";
import type { Budget } from "../core/contracts/evaluation.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError } from "../core/errors.ts";
import type { Split } from "../core/random.ts";
import type { PlayedContender } from "./compare.ts";
import type { Experiment } from "./experiment.ts";
import type { Job, JobPool } from "./jobs.ts";
import { expectOracle, isOracle } from "./oracles.ts";
import { type EpisodeTable, emptyTable, fillTable, SLICE } from "./rollout.ts";
import type { TunedBaseline } from "./tune-baseline.ts";

const NO_BUDGET: Budget = { steps: 0, trials: 0, coreSeconds: 0 };

/** A rule or an oracle to compare: to be tuned, or at given parameters. `label` is its id in the table. */
export interface RuleEntry {
  readonly label: string;
  readonly id: string;
  readonly params?: Readonly<Record<string, number>>;
}

/** Reads contender texts that name rules: `delta-band`, `delta-band(halfWidth=0.1)`. A text that stands twice is refused. */
export function ruleEntries(texts: readonly string[], which: string): RuleEntry[] {
  const entries = texts.map((text) => {
    if (isOracle(text.trim())) return { label: text.trim(), id: text.trim() };
    const { id, params } = parseContender(text);
    return params === undefined ? { label: id, id } : { label: text.trim(), id, params };
  });
  const labels = entries.map((e) => e.label);
  const twice = labels.find((l, i) => labels.indexOf(l) !== i);
  if (twice !== undefined)
    throw new ConfigError("A contender is named twice.", { which, value: twice, fix: "Name it once." });
  return entries;
}

/** Throws a ConfigError for an oracle among the entries that this market does not have, saying why. */
export function expectOracles(entries: readonly RuleEntry[], experiment: Experiment, context: PolicyContext): void {
  for (const { id } of entries) if (isOracle(id)) expectOracle(id, experiment, context);
}

/** Tunes the entries that ask for it. `onProgress` hears how many are done. */
export async function tuneEntries(
  pool: JobPool,
  entries: readonly RuleEntry[],
  onProgress: (done: number, total: number) => void,
): Promise<TunedBaseline[]> {
  const open = entries.filter((e) => e.params === undefined);
  let done = 0;
  onProgress(0, open.length);
  return pool.run(
    open.map((e) => ({ kind: "tune" as const, id: e.id })),
    () => onProgress(++done, open.length),
  );
}

/** Plays every rule on the same episodes of a split. */
export async function playEntries(
  pool: JobPool,
  context: PolicyContext,
  entries: readonly RuleEntry[],
  tuned: readonly TunedBaseline[],
  split: Split,
  seed: number,
  from: number,
  episodes: number,
  onProgress: (done: number, total: number) => void,
): Promise<PlayedContender[]> {
  const byId = new Map(tuned.map((t) => [t.id, t]));
  const complete = entries.map((e) => {
    const params = e.params ?? byId.get(e.id)!.params;
    return { ...e, params: isOracle(e.id) ? params : createBaseline(e.id, params, context).params };
  });
  const tables = await playTables(
    pool,
    complete.map(({ id, params }) => ({ id, params, split, seed })),
    from,
    episodes,
    onProgress,
  );
  return complete.map((e, i) => {
    const t = entries[i]!.params === undefined ? byId.get(e.id) : undefined;
    return {
      id: e.label,
      kind: isOracle(e.id) ? "oracle" : "baseline",
      tuned: t !== undefined && Object.keys(t.params).length > 0,
      params: e.params,
      budget: t?.budget ?? NO_BUDGET,
      tables: [tables[i]!],
    };
  });
}

/** Who plays, and where. */
type Player = Omit<Extract<Job, { kind: "play" }>, "kind" | "from" | "episodes">;

/**
 * A table of the same episodes for each player. All play a slice before anybody plays the next, so that a thread remembers the market of one
 * slice only, and no more than one slice of results is on its way. `onProgress` hears how many players' worth of episodes are done.
 */
export async function playTables(
  pool: JobPool,
  players: readonly Player[],
  from: number,
  episodes: number,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<EpisodeTable[]> {
  const whole = players.map(() => emptyTable(episodes));
  const slices = Math.ceil(episodes / SLICE);
  let done = 0;
  onProgress(0, players.length);
  for (let s = 0; s < slices; s++) {
    const at = s * SLICE;
    const slice = { from: from + at, episodes: Math.min(SLICE, episodes - at) };
    const played = await pool.run(
      players.map((player) => ({ kind: "play" as const, ...player, ...slice })),
      () => onProgress(Math.floor(++done / slices), players.length),
    );
    for (const [p, table] of played.entries()) whole[p] = fillTable(whole[p]!, table, at);
  }
  return whole;
}

/** True where a text names a rule (with or without parameters) or an oracle, not a run or a bundle. */
export function namesRule(text: string): boolean {
  const id = text.split("(")[0]!.trim();
  return isBaseline(id) || isOracle(id);
}
