import { type FeatureSchema, featureIndex } from "../../src/core/contracts/features.ts";
import { ConfigError, didYouMean } from "../../src/core/errors.ts";

/** True where the schema has a feature of this name. */
export function hasFeature(schema: FeatureSchema, name: string): boolean {
  return schema.features.some((f) => f.name === name);
}

/** Resolves features to columns by name, once, and remembers which a rule cannot do without. */
export class FeatureReader {
  readonly #index: Readonly<Record<string, number>>;
  readonly #required = new Set<string>();
  readonly #wanted = new Set<string>();

  constructor(schema: FeatureSchema) {
    this.#index = featureIndex(schema);
  }

  /** Names given to `need`. */
  get required(): string[] {
    return [...this.#required];
  }

  /** Names given to `need` or `want`: all that the rule looks at. */
  get names(): string[] {
    return [...this.#wanted];
  }

  /** True where the schema has a feature of this name. */
  has(name: string): boolean {
    return this.#index[name] !== undefined;
  }

  /** Column of a feature that the rule cannot do without. Throws a ConfigError where the schema has none of this name. */
  need(name: string): number {
    this.#required.add(name);
    return this.want(name);
  }

  /** Column of a feature that may be unavailable, in which case it holds 0. Throws a ConfigError where the schema has none of this name. */
  want(name: string): number {
    const at = this.#index[name];
    if (at === undefined)
      throw new ConfigError("A baseline reads a feature that this schema does not have.", {
        which: "features",
        value: name,
        fix: "Use the schema of the environment, or another baseline.",
        hints: didYouMean(name, Object.keys(this.#index)).slice(0, 1),
      });
    this.#wanted.add(name);
    return at;
  }
}
