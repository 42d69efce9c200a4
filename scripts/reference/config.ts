import { experimentJsonSchema } from "../../src/cli/experiment-schema.ts";

/** The parts of a JSON schema that are read here. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const branches = (node: Node) => node.oneOf ?? node.anyOf ?? [];
const isObject = (node: Node) => node.properties !== undefined;
/** A union whose options are objects told apart by a constant, e.g. `model`. */
const isChoice = (node: Node) => branches(node).length > 0 && branches(node).every(isObject);

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((v) => `\`${String(v)}\``).join(", ");
  if (branches(node).length > 0 && !isChoice(node)) return branches(node).map(typeOf).join(" or ");
  if (isChoice(node) || isObject(node)) return "mapping";
  if (node.type === "array")
    return `list of ${node.items === undefined || isObject(node.items) ? "mappings" : typeOf(node.items)}`;
  if (node.type === "integer") return "whole number";
  if (node.type === "string" && node.pattern?.includes("(s|m|h|d)")) return "text such as `5m`, `2h`";
  if (node.type === "string" && node.pattern !== undefined) return "date";
  return { string: "text", boolean: "`true`, `false`", null: "`null`" }[node.type ?? ""] ?? node.type ?? "any";
}

/** JSON schema writes the limits of a safe integer where there is no other. */
const real = (bound: number | undefined) =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;

function rangeOf(node: Node): string {
  const parts: string[] = [];
  for (const n of [node, ...(isChoice(node) ? [] : branches(node))]) {
    if (real(n.minimum) !== undefined) parts.push(`≥ ${n.minimum}`);
    if (real(n.exclusiveMinimum) !== undefined) parts.push(`> ${n.exclusiveMinimum}`);
    if (real(n.maximum) !== undefined) parts.push(`≤ ${n.maximum}`);
    if (real(n.exclusiveMaximum) !== undefined) parts.push(`< ${n.exclusiveMaximum}`);
    if (n.minItems !== undefined) parts.push(`at least ${n.minItems}`);
    if (n.maxItems !== undefined) parts.push(`at most ${n.maxItems}`);
  }
  return parts.join(", ");
}

function defaultOf(node: Node, required: boolean): string {
  if (node.const !== undefined) return "";
  if (required) return "**required**";
  if (node.default === undefined) return "";
  const text = JSON.stringify(node.default);
  // A mapping's own keys have their defaults in a table below.
  return text === "{}" ? "" : `\`${text}\``;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** A section for a mapping, then one for each mapping in it that has not had one; `seen` holds where it was. */
function sections(path: string, node: Node, level: number, note = "", seen = new Map<string, string>()): string[] {
  const below: string[] = [];
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const required = node.required?.includes(key) ?? false;
    const at = path === "" ? key : `${path}.${key}`;
    const inner = child.type === "array" && child.items !== undefined ? child.items : child;
    const where = inner === child ? at : `${at}[]`;
    const shape = JSON.stringify({ ...inner, description: "" });
    const before = seen.get(shape);
    const options = before !== undefined ? [] : isChoice(inner) ? branches(inner) : isObject(inner) ? [inner] : [];
    if (options.length > 0) seen.set(shape, where);
    for (const option of options) {
      const tag = Object.entries(option.properties!).find(([, n]) => n.const !== undefined);
      const suffix = isChoice(inner) && tag !== undefined ? `, ${tag[0]}: ${String(tag[1].const)}` : "";
      below.push(...sections(where, option, Math.min(level + 1, 4), suffix, seen));
    }
    const meaning = [
      child.description ?? (options.length > 0 ? "Keys below." : ""),
      ...(before === undefined ? [] : [`Keys as in \`${before}\`.`]),
    ]
      .join(" ")
      .trim();
    const cells = [`\`${key}\``, typeOf(child), defaultOf(child, required), rangeOf(child), meaning];
    return `| ${cells.map(cell).join(" | ")} |`;
  });
  const title = path === "" ? "The file" : `\`${path}\`${note}`;
  return [
    "",
    `${"#".repeat(level)} ${title}`,
    "",
    "| key | type | default | range | meaning |",
    "|---|---|---|---|---|",
    ...rows,
    ...below,
  ];
}

/** docs/config.md, from the one schema that also checks the files. */
export function renderConfig(): string {
  const lines = [
    "# Experiment files",
    "",
    "<!-- Generated by `npm run docs:generate`. -->",
    "",
    "An experiment is one YAML file. An unknown key is an error that suggests the known one; a wrong value is an error that names file, line, column and what is allowed.",
    "`--set path.to.key=value` overrides a value from the command line; elements of lists are named by their index (`--set scenario.slots.0.halfSpreadBps=2`).",
    "`greekgym schema` prints the same as JSON schema, for editors; `greekgym config explain <file>` says what a file means, with all defaults filled in.",
    ...sections("", JSON.parse(experimentJsonSchema()) as Node, 2),
  ];
  return `${lines.join("\n")}\n`;
}
