/** What a reader of an error needs: the field or thing, the value that was found, and how to mend it. */
export interface ErrorDetails {
  /** The field, file or object that is wrong, e.g. `scenario.market.price.volatility` or `runs/x/policy/policy.json`. */
  which?: string;
  /** The value that was found. */
  value?: unknown;
  /** How to mend it, as one imperative sentence. */
  fix?: string;
  /** Further lines, e.g. `Did you mean "delta-band"?`. */
  hints?: readonly string[];
  cause?: unknown;
}

/** The exit codes of the command line (docs/design.md §8). */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined)
    return String(value);
  try {
    const text = JSON.stringify(value);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return String(value);
  }
}

/**
 * The base of every error that greekgym throws on purpose.
 * `code` is stable and documented in docs/errors.md; the message says what happened, which thing, the value and the fix.
 */
export class GreekgymError extends Error {
  readonly code: string;
  readonly short: string;
  readonly which: string | undefined;
  readonly value: unknown;
  readonly fix: string | undefined;
  readonly hints: readonly string[];
  /** The exit code that the command line ends with. */
  readonly exitCode: number;

  constructor(code: string, short: string, details: ErrorDetails = {}, exitCode: number = EXIT.failed) {
    const lines = [short];
    if (details.which !== undefined) lines.push(`  where: ${details.which}`);
    if ("value" in details) lines.push(`  value: ${show(details.value)}`);
    if (details.fix !== undefined) lines.push(`  fix:   ${details.fix}`);
    for (const hint of details.hints ?? []) lines.push(`  ${hint}`);
    super(lines.join("\n"), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.short = short;
    this.which = details.which;
    this.value = details.value;
    this.fix = details.fix;
    this.hints = details.hints ?? [];
    this.exitCode = exitCode;
  }
}

/** A config, flag or argument is wrong: the command line ends with exit code 2. */
export class ConfigError extends GreekgymError {
  constructor(short: string, details: ErrorDetails = {}, code = "config") {
    super(code, short, details, EXIT.usage);
  }
}

/** Recorded data is missing or malformed; `which` names file and line. */
export class DataError extends GreekgymError {
  constructor(short: string, details: ErrorDetails = {}, code = "data") {
    super(code, short, details);
  }
}

/** A file that we wrote does not check out: truncated, tampered with, or of another format version. */
export class CorruptFileError extends GreekgymError {
  constructor(short: string, details: ErrorDetails = {}, code = "corrupt") {
    super(code, short, details);
  }
}

/** Something was called against its contract: a wrong shape, a step after the end, an unknown intent. */
export class ContractError extends GreekgymError {
  constructor(short: string, details: ErrorDetails = {}, code = "contract") {
    super(code, short, details);
  }
}

/** The user or another process stopped the work; what was done is saved. Exit code 130. */
export class InterruptedError extends GreekgymError {
  constructor(short: string, details: ErrorDetails = {}) {
    super("interrupted", short, details, EXIT.interrupted);
  }
}

/** Edit distance with transpositions (optimal string alignment), for suggestions only. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, rows[i - 2]![j - 2]! + 1);
      row.push(d);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** Returns the nearest of `known` to `word`, or undefined when none is near enough to be a slip of the hand. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const d = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** Hints for an unknown name: the nearest known one, and the list. */
export function didYouMean(word: string, known: readonly string[]): string[] {
  const near = nearest(word, known);
  const hints: string[] = [];
  if (near !== undefined) hints.push(`Did you mean "${near}"?`);
  if (known.length > 0 && known.length <= 40) hints.push(`Known: ${known.join(", ")}.`);
  return hints;
}

/** Throws a ContractError unless the array has exactly the length that its shape asks for. */
export function expectLength(array: { length: number }, length: number, name: string): void {
  if (array.length !== length)
    throw new ContractError(`"${name}" has the wrong length.`, {
      which: name,
      value: array.length,
      fix: `Pass an array of length ${length}.`,
    });
}
