import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../core/contracts/network.ts";
import type { Series } from "../core/contracts/series.ts";
import { dataOfSplit, type Experiment, judgedSplit } from "../evaluate/experiment.ts";
import { type ReplayResult, replaySession } from "../live/replay.ts";
import { recordSession } from "../live/session.ts";
import { writeSession } from "../live/session-file.ts";

/** Added to the seed of the comparison: the shadow session is an episode on which no contender was judged. */
const SEED_OFFSET = 1_000_000;

/** Records one session from the simulator into a run's folder and runs its policy over it, in shadow beside the reference rule. */
export function shadowRecordedSession(
  dir: string,
  policy: string,
  engine: Engine,
  experiment: Experiment,
  series: Readonly<Record<string, Series>>,
): ReplayResult {
  const split = judgedSplit(experiment, false);
  const session = join(dir, "session.jsonl");
  const out = join(dir, "shadow");
  const lines = recordSession({
    experiment,
    data: dataOfSplit(experiment, split, series),
    split,
    seed: experiment.compare.seed + SEED_OFFSET,
    episode: 0,
  });
  writeSession(session, lines);
  // Ours from an earlier attempt at the end of this run; the journal of a replay is never appended to.
  rmSync(out, { recursive: true, force: true });
  return replaySession({ bundle: policy, session, engine, out });
}
