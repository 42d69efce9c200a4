import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ContractError, CorruptFileError } from "../core/errors.ts";
import type { TunedBaseline } from "../evaluate/tune-baseline.ts";
import { writeFileAtomic } from "../store/atomic.ts";
import { fileError, isMissing } from "../store/file-errors.ts";

/** `tuning.json` in a run directory: the rules tuned so far, so that a resumed run does not tune them again. */
export const TUNING_FILE = "tuning.json";

/** JSON has no infinity, but ruin costs +Infinity and a width may be without bound: those are written as words. */
const number = z.union([
  z.number(),
  z.literal("Infinity").transform(() => Number.POSITIVE_INFINITY),
  z.literal("-Infinity").transform(() => Number.NEGATIVE_INFINITY),
]);
const inWords = (_: string, x: unknown) =>
  x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY ? String(x) : x;
const count = z.int().nonnegative();
const tunedSchema = z.strictObject({
  id: z.string().min(1),
  params: z.record(z.string(), number),
  objective: number,
  budget: z.strictObject({ steps: count, trials: count, coreSeconds: z.number().nonnegative() }),
  atEdge: z.array(z.string()),
});
const fileSchema = z
  .strictObject({ tuned: z.array(tunedSchema) })
  .refine(({ tuned }) => new Set(tuned.map((t) => t.id)).size === tuned.length, {
    path: ["tuned"],
    message: "a rule stands twice",
  });

const FIX = "Delete this file and resume; its rules are then tuned again, to the same values.";

/**
 * The rules that a run has tuned so far; none where the file is not there.
 * @param dir the run's folder
 * @throws CorruptFileError naming file, field and fix
 */
export function readTuning(dir: string): TunedBaseline[] {
  const path = join(dir, TUNING_FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(error, path, "read the tuned rules of a run");
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CorruptFileError("The tuned rules of a run are not JSON.", { which: path, fix: FIX, cause });
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data.tuned;
  const issue = parsed.error.issues[0]!;
  throw new CorruptFileError("The tuned rules of a run are malformed.", {
    which: `${path}: ${issue.path.map(String).join(".") || "the whole"}`,
    value: issue.message,
    fix: FIX,
  });
}

/** Writes all rules tuned so far, in one step. Throws a ContractError for what {@link readTuning} would refuse, e.g. a NaN. */
export function writeTuning(dir: string, tuned: readonly TunedBaseline[]): void {
  const text = JSON.stringify({ tuned }, inWords, 1);
  const parsed = fileSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ContractError("The tuned rules to be written are malformed.", {
      which: issue.path.map(String).join("."),
      value: issue.message,
      fix: "Write each rule once, with numbers that are not NaN.",
    });
  }
  writeFileAtomic(join(dir, TUNING_FILE), `${text}\n`);
}
