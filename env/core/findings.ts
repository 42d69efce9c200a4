import { GreekgymError } from "../../src/core/errors.ts";

/** What a checker found: the rule, how bad it is, and one sentence that names what was seen. */
export interface Finding {
  readonly rule: string;
  /** An error breaks learners or comparisons; a warning is legal and often a slip. */
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** Collects findings: the first one of each rule, since what follows is usually the same fault again. */
export class Findings {
  readonly #byRule = new Map<string, Finding>();

  error(rule: string, message: string): undefined {
    this.#add({ rule, severity: "error", message });
  }

  warning(rule: string, message: string): undefined {
    this.#add({ rule, severity: "warning", message });
  }

  #add(finding: Finding): undefined {
    if (!this.#byRule.has(finding.rule)) this.#byRule.set(finding.rule, finding);
  }

  /** Runs one part of a check; what it throws is a finding of rule `runs`, and the other parts still run. */
  attempt(part: string, run: () => void): undefined {
    try {
      run();
    } catch (error) {
      const text =
        error instanceof GreekgymError ? error.short : error instanceof Error ? error.message : String(error);
      this.error("runs", `${part} threw: ${text}`);
    }
  }

  list(): Finding[] {
    return [...this.#byRule.values()];
  }
}

/** Equal bit for bit, through arrays, typed arrays and plain objects; NaN equals NaN, 0 differs from -0. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a.constructor !== b.constructor) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const [x, y] = [a as ArrayLike<unknown>, b as ArrayLike<unknown>];
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!same(x[i], y[i])) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((k) => Object.hasOwn(b, k) && same((a as never)[k], (b as never)[k]));
}

/** The first of `keys` in which two records differ, or undefined. */
export function firstDifference<T extends object>(a: T, b: T, keys: readonly (keyof T & string)[]): string | undefined {
  return keys.find((key) => !same(a[key], b[key]));
}

/** Does it throw? */
export function throws(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}
