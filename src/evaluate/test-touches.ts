import { z } from "zod";
import { ContractError, CorruptFileError } from "../core/errors.ts";
import { canonicalHash, canonicalJson } from "../core/hash.ts";

/**
 * The log of looks at test seeds (docs/design.md §5.2): JSON lines, each bound to the one before it by a hash, so that a look cannot be taken
 * back unseen. Everything here works on the file's text; the caller reads it and writes it atomically.
 */
const hex = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits");
const TouchSchema = z.strictObject({
  previousHash: hex,
  hash: hex,
  scenario: z.string().min(1),
  scenarioHash: z.string().min(1),
  episodes: z.number().int().positive(),
  seed: z.union([z.number(), z.string()]),
  contenders: z.array(z.string()),
  /** When, as an ISO 8601 time. */
  at: z.string().min(1),
});

export type TestTouch = z.output<typeof TouchSchema>;
/** What the caller knows of a look; the hashes are added here. */
export type NewTestTouch = Omit<TestTouch, "previousHash" | "hash">;

/** The `previousHash` of the first line. */
export const FIRST_HASH = "0".repeat(64);

function hashOf(touch: Omit<TestTouch, "hash">): string {
  return canonicalHash(touch);
}

function broken(what: string, file: string, line: number, value?: unknown): CorruptFileError {
  return new CorruptFileError(
    what,
    {
      which: `${file}, line ${line}`,
      ...(value === undefined ? {} : { value }),
      fix: "Restore the file from version control; lines are only ever added, by compare --final.",
    },
    "test-touches",
  );
}

/**
 * Reads and verifies the whole log.
 * @param text the file's text; empty where there is no file yet @param file its name, for errors
 * @throws CorruptFileError naming the first line that is malformed, changed, moved or missing its predecessor
 */
export function parseTestTouches(text: string, file = "experiments/test-touches.jsonl"): readonly TestTouch[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else if (text !== "") throw broken("The log of test touches ends in a half-written line.", file, lines.length);
  const touches: TestTouch[] = [];
  let previousHash = FIRST_HASH;
  for (const [index, line] of lines.entries()) {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw broken("A line of the log of test touches is not JSON.", file, index + 1, line);
    }
    const parsed = TouchSchema.safeParse(json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw broken(
        `A line of the log of test touches is malformed: ${issue.path.join(".") || "line"}: ${issue.message}.`,
        file,
        index + 1,
        line,
      );
    }
    const { hash, ...rest } = parsed.data;
    if (hashOf(rest) !== hash)
      throw broken("A line of the log of test touches was changed after it was written.", file, index + 1, hash);
    if (rest.previousHash !== previousHash)
      throw broken(
        "The chain of test touches is broken: a line was removed, inserted or moved.",
        file,
        index + 1,
        rest.previousHash,
      );
    touches.push(parsed.data);
    previousHash = hash;
  }
  return touches;
}

/** Returns the log's text with one more line, after verifying what is there. The caller writes it atomically. */
export function appendTestTouch(text: string, touch: NewTestTouch, file?: string): string {
  const touches = parseTestTouches(text, file);
  const body = { ...touch, previousHash: touches.at(-1)?.hash ?? FIRST_HASH };
  const line: TestTouch = { ...body, hash: hashOf(body) };
  const checked = TouchSchema.safeParse(line);
  if (!checked.success)
    throw new ContractError("A test touch to be written is malformed.", {
      which: checked.error.issues[0]!.path.join("."),
      value: touch,
      fix: checked.error.issues[0]!.message,
    });
  return `${text}${canonicalJson(line)}\n`;
}

/** How often the test seeds of one scenario (by hash, so by version) have been looked at. */
export function countTestTouches(touches: readonly TestTouch[], scenarioHash: string): number {
  return touches.filter((touch) => touch.scenarioHash === scenarioHash).length;
}
