import type { z } from "zod";

/** What a schema allows, in words: read from zod's own definitions, so that an error can name the range, the choices and the keys. */

type Node = z.core.$ZodType;

/** The parts of zod's definitions that are read here; which of them are set depends on `type`. */
interface Definition {
  readonly type: string;
  readonly innerType?: Node;
  readonly getter?: () => Node;
  readonly in?: Node;
  readonly shape?: Readonly<Record<string, Node>>;
  readonly element?: Node;
  readonly keyType?: Node;
  readonly valueType?: Node;
  readonly items?: readonly Node[];
  readonly rest?: Node | null;
  readonly options?: readonly Node[];
  readonly discriminator?: string;
  readonly left?: Node;
  readonly right?: Node;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly format?: string;
  readonly pattern?: RegExp;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
}
interface Check {
  readonly check?: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

function definition(node: Node): Definition {
  return node._zod.def as unknown as Definition;
}

/** Takes off optional, default, nullable, lazy and the like: what is left decides which keys and values are allowed. */
function unwrap(node: Node): Node {
  const d = definition(node);
  const inner = d.innerType ?? (d.type === "lazy" ? d.getter?.() : d.type === "pipe" ? d.in : undefined);
  return inner === undefined ? node : unwrap(inner);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The plain alternatives of a schema: unions are opened, and a discriminated union keeps only the option that the data names. */
function alternatives(node: Node, data: unknown): Node[] {
  const plain = unwrap(node);
  const d = definition(plain);
  if (d.type === "intersection") return [d.left!, d.right!].flatMap((side) => alternatives(side, data));
  if (d.type !== "union") return [plain];
  const options = d.options ?? [];
  if (d.discriminator !== undefined && isRecord(data)) {
    const tag = data[d.discriminator];
    const named = options.filter((o) => o._zod.propValues?.[d.discriminator!]?.has(tag as never));
    if (named.length > 0) return named.flatMap((o) => alternatives(o, data));
  }
  return options.flatMap((o) => alternatives(o, data));
}

/** What a node says of one of its keys or elements; empty where it says nothing. */
function childrenOf(node: Node, key: PropertyKey): Node[] {
  const d = definition(node);
  if (d.type === "object") {
    const child = Object.hasOwn(d.shape!, key) ? d.shape![String(key)] : undefined;
    return child === undefined ? [] : [child];
  }
  if (d.type === "record") return [d.valueType!];
  if (d.type === "array") return [d.element!];
  if (d.type === "tuple") {
    const child = d.items![Number(key)] ?? d.rest;
    return child ? [child] : [];
  }
  return [];
}

/** The schemas that may apply at a path below `root`, given the data read so far: several where a union leaves it open, none where nothing is known. */
export function schemasAt(root: Node, path: readonly PropertyKey[], data: unknown): Node[] {
  let here = alternatives(root, data);
  let value = data;
  for (const key of path) {
    const next = here.flatMap((node) => childrenOf(node, key));
    value = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
    here = next.flatMap((node) => alternatives(node, value));
  }
  return here;
}

/**
 * The keys of the variant that the data names at `path`, where `key` is what tells variants apart there (a discriminated union's `name`, `model`, …)
 * and names a known one; else undefined.
 */
export function variantKeys(
  root: Node,
  path: readonly PropertyKey[],
  key: string,
  data: unknown,
): string[] | undefined {
  const parents = path.length === 0 ? [root] : schemasAt(root, path.slice(0, -1), data);
  const own = path.length === 0 ? parents : parents.flatMap((node) => childrenOf(node, path.at(-1)!));
  const value = path.reduce<unknown>((here, k) => (here as Record<PropertyKey, unknown>)?.[k], data);
  if (!isRecord(value)) return undefined;
  const named = own.flatMap((node) => {
    const d = definition(unwrap(node));
    if (d.type !== "union" || d.discriminator !== key) return [];
    return (d.options ?? []).filter((o) => o._zod.propValues?.[key]?.has(value[key] as never));
  });
  return named.length === 0 ? undefined : knownKeys(named.flatMap((node) => alternatives(node, value)));
}

/** The keys that an object may have where `schemas` apply; empty where any key goes. */
export function knownKeys(schemas: readonly Node[]): string[] {
  const keys = schemas.flatMap((node) => {
    const d = definition(node);
    if (d.type === "object") return Object.keys(d.shape!);
    if (d.type === "record") return choices(unwrap(d.keyType!)).map(String);
    return [];
  });
  return [...new Set(keys)];
}

/** The literal values that a schema allows; empty where it allows others too. */
export function choices(node: Node): unknown[] {
  const d = definition(node);
  if (d.type === "literal") return [...(d.values ?? [])];
  if (d.type === "enum") return Object.values(d.entries ?? {});
  return [];
}

function describeNumber(d: Definition): string {
  let whole = d.format !== undefined && d.format !== "float64" && d.format !== "float32";
  let low: string | undefined;
  let high: string | undefined;
  let step: number | undefined;
  for (const check of d.checks ?? []) {
    const c = check._zod.def;
    if (c.check === "greater_than") low = c.inclusive ? `at least ${c.value}` : `above ${c.value}`;
    else if (c.check === "less_than") high = c.inclusive ? `at most ${c.value}` : `below ${c.value}`;
    else if (c.check === "multiple_of") step = c.value;
    else if (c.check === "number_format" && c.format?.includes("int")) whole = true;
  }
  const range = [low, high].filter((part) => part !== undefined).join(" and ");
  const noun = whole ? "a whole number" : "a number";
  return `${noun}${range === "" ? "" : ` ${range}`}${step === undefined ? "" : `, a multiple of ${step}`}`;
}

function describeLength(d: Definition): string {
  let low: number | undefined;
  let high: number | undefined;
  for (const check of d.checks ?? []) {
    low = check._zod.def.minimum ?? low;
    high = check._zod.def.maximum ?? high;
  }
  if (low !== undefined && high !== undefined) return `${low} to ${high} `;
  if (low !== undefined) return `at least ${low} `;
  return high === undefined ? "" : `at most ${high} `;
}

function describePlain(node: Node): string {
  const d = definition(node);
  switch (d.type) {
    case "number":
      return describeNumber(d);
    case "string":
      return d.pattern !== undefined
        ? `text like ${d.pattern}`
        : describeLength(d) === ""
          ? "text"
          : `text of ${describeLength(d)}characters`;
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return `a list of ${describeLength(d)}values, each ${describeAllowed([d.element!])}`;
    case "tuple":
      return `a list of ${d.items!.length} values: ${d.items!.map((item) => describeAllowed([item])).join(", ")}`;
    case "object": {
      const keys = Object.keys(d.shape!);
      return keys.length === 0 ? "a mapping" : `a mapping with the keys ${keys.join(", ")}`;
    }
    case "record":
      return `a mapping whose values are each ${describeAllowed([d.valueType!])}`;
    default:
      return d.type;
  }
}

/** Says in words what the schemas allow together, e.g. `a number above 0 and at most 1` or `one of "usd", "coin"`. */
export function describeAllowed(schemas: readonly Node[]): string {
  const plain = schemas.flatMap((node) => alternatives(node, undefined));
  const literal = [...new Set(plain.flatMap(choices))];
  const others = [...new Set(plain.filter((node) => choices(node).length === 0).map(describePlain))];
  const words = literal.map((v) => JSON.stringify(v) ?? String(v));
  const parts = words.length > 1 ? [`one of ${words.join(", ")}`, ...others] : [...words, ...others];
  return parts.join(" or ");
}
