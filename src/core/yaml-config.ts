import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, stringify } from "yaml";
import type { z } from "zod";
import { choices, describeAllowed, knownKeys, schemasAt, variantKeys } from "./config-schema.ts";
import { ConfigError, nearest } from "./errors.ts";

export interface ConfigRequest<S extends z.ZodType> {
  /** YAML 1.2 or JSON. */
  readonly text: string;
  /** The file's name, for messages. */
  readonly path: string;
  readonly schema: S;
  /** `a.b.c=value`, later ones win; each value is one line of YAML. List elements are named by their index: `slots.0.kind=spot`. */
  readonly overrides?: readonly string[];
}

export interface LoadedConfig<S extends z.ZodType> {
  readonly value: z.output<S>;
  /** The whole value with defaults and overrides, as YAML. It loads to the same value where the schema accepts what its transforms return. */
  readonly resolved: string;
  /** What was done beyond the letter of the request, one sentence each: keys that an override made meaningless. */
  readonly notes: readonly string[];
}

type Path = readonly (string | number)[];

interface Problem {
  readonly what: string;
  /** `file:line:column`, or the override it comes from. */
  readonly at: string;
  readonly path: string;
  readonly value?: { readonly found: unknown };
  readonly allowed?: string | undefined;
  readonly suggestion?: string | undefined;
}

const CHECK_HINT = "Correct the entry; `greekgym schema` prints all keys and ranges.";

function dotted(path: Path): string {
  return path.join(".");
}

function show(value: unknown): string {
  const text = typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function line(p: Problem): string {
  const parts = [`${p.at}: ${p.path === "" ? "" : `${p.path}: `}${p.what}`];
  if (p.value !== undefined) parts.push(`Found ${show(p.value.found)}.`);
  if (p.allowed !== undefined) parts.push(`Allowed: ${p.allowed}.`);
  if (p.suggestion !== undefined) parts.push(`Did you mean "${p.suggestion}"?`);
  return parts.join(" ");
}

function refuse(file: string, problems: readonly Problem[]): ConfigError {
  if (problems.length > 1)
    return new ConfigError(`${file} has ${problems.length} problems.`, {
      which: file,
      fix: "Correct each; `greekgym schema` prints all keys and ranges.",
      hints: problems.map(line),
    });
  const p = problems[0]!;
  return new ConfigError(p.what, {
    which: p.path === "" ? p.at : `${p.at} (${p.path})`,
    ...(p.value === undefined ? {} : { value: p.value.found }),
    fix: p.allowed === undefined ? CHECK_HINT : `Allowed: ${p.allowed}.`,
    hints: p.suggestion === undefined ? [] : [`Did you mean "${p.suggestion}"?`],
  });
}

/** What the parser's codes mean to a person; other codes keep the parser's own sentence. */
const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "The key stands here a second time; keep one of them.",
  TAB_AS_INDENT: "A tab indents this line; YAML wants spaces.",
  MULTIPLE_DOCS: "A second document starts here (---); keep one document in a file.",
  NON_STRING_KEY: "A key must be plain text.",
};

/** Where things stand in the text. */
class Positions {
  readonly #doc: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #file: string;

  constructor(doc: Document.Parsed, lines: LineCounter, file: string) {
    this.#doc = doc;
    this.#lines = lines;
    this.#file = file;
  }

  at(offset: number): string {
    const { line: row, col } = this.#lines.linePos(offset);
    return `${this.#file}:${Math.max(row, 1)}:${Math.max(col, 1)}`;
  }

  /** The offsets of a path's key and value, or undefined where the text does not hold it. */
  find(path: Path): { readonly key: number; readonly value: number } | undefined {
    let node: unknown = this.#doc.contents;
    let key = 0;
    for (const segment of path) {
      if (isAlias(node)) node = node.resolve(this.#doc);
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(segment));
        if (pair === undefined) return undefined;
        key = isNode(pair.key) ? (pair.key.range?.[0] ?? key) : key;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(segment)];
        if (node === undefined) return undefined;
        key = isNode(node) ? (node.range?.[0] ?? key) : key;
      } else return undefined;
    }
    return { key, value: isNode(node) ? (node.range?.[0] ?? key) : key };
  }

  /** The place of a path, or of its nearest parent that the text holds. */
  nearest(path: Path, part: "key" | "value"): string {
    for (let n = path.length; n >= 0; n--) {
      const found = this.find(path.slice(0, n));
      if (found !== undefined) return this.at(n === path.length ? found[part] : found.key);
    }
    return this.at(0);
  }
}

interface Override {
  readonly text: string;
  readonly path: Path;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Own properties only: a key called `__proto__` is a key like any other. */
function put(target: Record<string, unknown>, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function get(data: unknown, path: Path): unknown {
  let here = data;
  for (const key of path) here = isContainer(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

/** Sets one `a.b.c=value` in the data; returns what was set, or the problem. */
function override(data: Record<string, unknown>, text: string): Override | Problem {
  const at = `--set ${text}`;
  const equals = text.indexOf("=");
  const keys = text.slice(0, Math.max(equals, 0)).trim().split(".");
  if (equals < 0 || keys.some((k) => k === ""))
    return { what: "This is not of the form path.to.key=value.", at, path: "", allowed: "e.g. --set train.steps=1000" };
  const doc = parseDocument(text.slice(equals + 1), { prettyErrors: false, logLevel: "error", stringKeys: true });
  const wrong = doc.errors[0] ?? doc.warnings[0];
  if (wrong !== undefined)
    return { what: `The value is not YAML: ${wrong.message}.`, at, path: dotted(keys), value: { found: text } };
  const path: (string | number)[] = [];
  let here: Record<string, unknown> = data;
  for (const [i, key] of keys.entries()) {
    if (Array.isArray(here) && !(Number.isInteger(Number(key)) && Number(key) >= 0 && Number(key) <= here.length))
      return {
        what: `The list "${dotted(path)}" has no element "${key}".`,
        at,
        path: dotted(keys),
        allowed: `an index from 0 to ${here.length}`,
      };
    path.push(Array.isArray(here) ? Number(key) : key);
    if (i === keys.length - 1) put(here, key, doc.toJS());
    else {
      const next = Object.hasOwn(here, key) ? here[key] : undefined;
      if (next === undefined || next === null) put(here, key, {});
      else if (!isContainer(next))
        return {
          what: `"${dotted(path)}" is a plain value and has no keys.`,
          at,
          path: dotted(keys),
          value: { found: next },
        };
      here = here[key] as Record<string, unknown>;
    }
  }
  return { text, path };
}

/**
 * Where an override names another variant (`objective.name=entropic`), drops what the text says of the old one and the new one does not know.
 * What was itself set by an override stays, and is refused if it is unknown. Returns a sentence for people, or undefined where nothing was dropped.
 */
function dropForeignKeys(
  schema: z.ZodType,
  data: unknown,
  before: unknown,
  set: Override,
  overrides: readonly Override[],
): string | undefined {
  const path = set.path.slice(0, -1);
  const key = String(set.path.at(-1));
  const node = get(data, path);
  if (!isContainer(node) || Array.isArray(node) || node[key] === before) return undefined;
  const known = variantKeys(schema, path, key, data);
  const tag = node[key];
  put(node, key, before);
  // A key that neither variant knows is a slip of the pen: it stays, and is refused.
  const old = variantKeys(schema, path, key, data) ?? [];
  put(node, key, tag);
  if (known === undefined) return undefined;
  const foreign = Object.keys(node).filter(
    (k) => old.includes(k) && !known.includes(k) && !overrides.some((o) => startsWith(o.path, [...path, k])),
  );
  for (const k of foreign) delete node[k];
  const names = foreign.map((k) => dotted([...path, k])).join(", ");
  return foreign.length === 0 ? undefined : `--set ${set.text} leaves out ${names} of the file, which it does not know`;
}

function startsWith(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((key, i) => String(key) === String(path[i]));
}

/** The branch of a failed union that the writer most likely meant: the one whose own type fits; undefined where that is open. */
function meantBranch(errors: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const fitting = errors.filter(
    (branch) => !branch.some((i) => i.path.length === 0 && (i.code === "invalid_type" || i.code === "invalid_value")),
  );
  // A wrong tag (a literal one level down) rules a branch out, too.
  const tagged = fitting.filter((branch) => !branch.some((i) => i.path.length === 1 && i.code === "invalid_value"));
  return tagged.length === 1 ? tagged[0] : fitting.length === 1 ? fitting[0] : undefined;
}

/** Turns zod's issues into problems with places. */
class Explainer {
  readonly #schema: z.ZodType;
  readonly #data: unknown;
  readonly #positions: Positions;
  readonly #overrides: readonly Override[];

  constructor(schema: z.ZodType, data: unknown, positions: Positions, overrides: readonly Override[]) {
    this.#schema = schema;
    this.#data = data;
    this.#positions = positions;
    this.#overrides = overrides;
  }

  /** An override that set the path or a parent of it wins over the text; one below it counts where the text does not hold the path. */
  #place(path: Path, part: "key" | "value"): string {
    const set = this.#overrides.findLast((o) => startsWith(path, o.path));
    if (set !== undefined) return `--set ${set.text}`;
    if (this.#positions.find(path) === undefined) {
      const below = this.#overrides.findLast((o) => path.length > 0 && startsWith(o.path, path));
      if (below !== undefined) return `--set ${below.text}`;
    }
    return this.#positions.nearest(path, part);
  }

  explain(issue: z.core.$ZodIssue, base: Path = []): Problem[] {
    const path = [...base, ...(issue.path as (string | number)[])];
    const schemas = schemasAt(this.#schema, path, this.#data);
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(schemas);
      return issue.keys.map((key) => ({
        what: `Unknown key "${key}".`,
        at: this.#place([...path, key], "key"),
        path: dotted([...path, key]),
        allowed: known.length === 0 ? "no keys here" : known.join(", "),
        suggestion: nearest(key, known),
      }));
    }
    if (issue.code === "invalid_union") {
      const branch = meantBranch(issue.errors);
      if (branch !== undefined) return branch.flatMap((inner) => this.explain(inner, path));
    }
    const found = get(this.#data, path);
    const parent = get(this.#data, path.slice(0, -1));
    if (path.length > 0 && found === undefined && isContainer(parent))
      return [
        {
          what: `"${path.at(-1)}" is missing.`,
          at: this.#place(path, "key"),
          path: dotted(path),
          allowed: describeAllowed(schemas) || undefined,
        },
      ];
    const literal = schemas.flatMap(choices).filter((c) => typeof c === "string");
    const own =
      issue.code === "custom" || issue.code === "invalid_format" ? issue.message : "This value is not allowed.";
    return [
      {
        what: own,
        at: this.#place(path, "value"),
        path: dotted(path),
        value: { found },
        allowed: issue.code === "custom" ? undefined : describeAllowed(schemas) || undefined,
        suggestion: typeof found === "string" ? nearest(found, literal) : undefined,
      },
    ];
  }
}

/**
 * Reads a config: text → overrides → schema. Returns the value with the schema's defaults, and its resolved text.
 * Throws one ConfigError (exit code 2) that lists every problem found with `file:line:column`, key path, value and what is allowed.
 * A pure function of its arguments: it reads no files and runs in a browser.
 */
export function loadConfig<S extends z.ZodType>(request: ConfigRequest<S>): LoadedConfig<S> {
  const { text, path: file, schema } = request;
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error", stringKeys: true });
  const positions = new Positions(doc, lines, file);
  const syntax = [...doc.errors, ...doc.warnings].map((e) => ({
    what: SYNTAX[e.code] ?? `This is not YAML: ${e.message.replace(/\.$/, "")}.`,
    at: positions.at(e.pos[0]),
    path: "",
  }));
  if (syntax.length > 0) throw refuse(file, syntax);

  let data: unknown;
  try {
    data = doc.toJS();
  } catch (cause) {
    throw new ConfigError("The aliases (*name) of this file cannot be resolved.", {
      which: file,
      fix: "Write the repeated parts out.",
      cause,
    });
  }
  if (data === null || data === undefined)
    throw new ConfigError("The config is empty.", {
      which: file,
      fix: "Write at least the required keys.",
      value: text,
    });
  const problems: Problem[] = [];
  const overrides: Override[] = [];
  const notes: string[] = [];
  if (isContainer(data))
    for (const setting of request.overrides ?? []) {
      const before = get(data, setting.split("=")[0]!.trim().split("."));
      const done = override(data, setting);
      if ("what" in done) {
        problems.push(done);
        continue;
      }
      const note = dropForeignKeys(schema, data, before, done, overrides);
      if (note !== undefined) notes.push(note);
      overrides.push(done);
    }

  const parsed = schema.safeParse(data);
  if (!parsed.success) {
    const explainer = new Explainer(schema, data, positions, overrides);
    problems.push(...parsed.error.issues.flatMap((issue) => explainer.explain(issue)));
  }
  if (problems.length > 0 || !parsed.success) throw refuse(file, problems);
  const resolved = stringify(parsed.data, { lineWidth: 0, aliasDuplicateObjects: false });
  return { value: parsed.data, resolved, notes };
}
