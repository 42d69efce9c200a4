/**
 * Runs a trained policy beside the rule that it started from, on a recorded session. Give the folder of a policy bundle, e.g.
 * `npx tsx examples/shadow.ts runs/<id>/policy`; without one it only records the session.
 */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { experimentSchema, kernelEngine, loadConfig, recordSession, replaySession, writeSession } from "greekgym";

const path = "experiments/quickstart.yaml";
const { value: experiment } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
const folder = mkdtempSync(join(tmpdir(), "greekgym-shadow-"));
const session = join(folder, "session.jsonl");
writeSession(session, recordSession({ experiment, split: "test", seed: 1, episode: 0 }));
console.log("recorded one session");

const bundle = process.argv[2];
if (bundle !== undefined) {
  const { report } = replaySession({ bundle, session, engine: kernelEngine(), out: join(folder, "shadow") });
  console.log(`beside ${report.incumbent.baseline}: agreed on ${(100 * report.agreement).toFixed(0)}% of decisions`);
}
