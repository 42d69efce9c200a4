import type { z } from "zod";
import { describeAllowed, knownKeys, schemasAt } from "../../../src/core/config-schema.ts";
import { ConfigError, didYouMean } from "../../../src/core/errors.ts";

type Path = readonly PropertyKey[];

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      typeof here === "object" && here !== null ? (here as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}

const dotted = (path: Path) => ["scenario", ...path].map(String).join(".");

interface Problem {
  readonly short: string;
  readonly which: string;
  readonly value: unknown;
  readonly fix: string;
  readonly hints: readonly string[];
}

function explain(schema: z.ZodType, issue: z.core.$ZodIssue, data: unknown): Problem {
  const schemas = schemasAt(schema, issue.path, data);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const path = [...issue.path, key];
    return {
      short: `The scenario has an unknown key "${key}".`,
      which: dotted(path),
      value: valueAt(data, path),
      fix: "Remove the key, or correct its name.",
      hints: didYouMean(key, knownKeys(schemas)),
    };
  }
  const value = valueAt(data, issue.path);
  const allowed = describeAllowed(schemas);
  // Our own messages start with a verb or a name; zod's say nothing that the schema does not say better.
  const own = issue.code === "custom" || issue.message.startsWith("expected") || allowed === "";
  return {
    short: issue.code === "custom" ? "The scenario is not consistent." : "A value of the scenario is not allowed.",
    which: dotted(issue.path),
    value,
    fix: own ? sentence(issue.message) : `Give ${allowed}.`,
    hints: typeof value === "string" && issue.code !== "custom" ? didYouMean(value, literals(allowed)) : [],
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

/** The quoted words of an `one of "a", "b"` text. */
function literals(allowed: string): string[] {
  return Array.from(allowed.matchAll(/"([^"]+)"/g), (m) => m[1]!);
}

/** One error for all issues of a scenario: the first with field, value and what is allowed, the others as hints. */
export function scenarioError(schema: z.ZodType, issues: readonly z.core.$ZodIssue[], data: unknown): ConfigError {
  const [first, ...others] = issues.map((issue) => explain(schema, issue, data));
  const { short, which, value, fix, hints } = first!;
  const more = others.map((p) => `Also ${p.which}: ${p.fix}`);
  return new ConfigError(short, { which, value, fix, hints: [...hints, ...more] });
}
