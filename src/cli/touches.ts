import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { appendTestTouch, countTestTouches, parseTestTouches } from "../evaluate/test-touches.ts";
import { writeFileAtomic } from "../store/atomic.ts";
import { withBriefLock } from "../store/lock.ts";
import { systemClock } from "./ports.ts";

/** The log of test touches lies beside the experiment file. */
export function touchesPath(experimentPath: string): string {
  return join(dirname(experimentPath), "test-touches.jsonl");
}

/** How often this scenario's test split has been looked at. A broken chain is an error. */
export function touchCount(experimentPath: string, scenarioHash: string): number {
  const path = touchesPath(experimentPath);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return countTestTouches(parseTestTouches(text, path), scenarioHash);
}

/** Appends one touch, before its result is shown, and returns how often this scenario has been looked at. Processes take turns, so none is lost. */
export async function recordTouch(
  experimentPath: string,
  touch: { scenario: string; scenarioHash: string; episodes: number; seed: number; contenders: string[] },
): Promise<number> {
  const path = touchesPath(experimentPath);
  return await withBriefLock(path, () => {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const at = new Date(systemClock.wallMilliseconds()).toISOString();
    writeFileAtomic(path, appendTestTouch(text, { ...touch, at }, path));
    return touchCount(experimentPath, touch.scenarioHash);
  });
}
