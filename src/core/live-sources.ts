import { type FeatureSchema, LIVE_SOURCES, type LiveSource } from "./contracts/features.ts";
import { ConfigError, didYouMean } from "./errors.ts";

/** What whoever runs a policy always has: the time, their own account, and the book that is to be hedged. */
export const OWN_SOURCES: readonly LiveSource[] = ["clock", "account", "book"];

/** The target at which everything is supplied. */
export const SIMULATION = "simulation";

/** Words of which a target is made, joined by commas; `simulation` stands alone. */
export const TARGETS: readonly string[] = [SIMULATION, ...LIVE_SOURCES.filter((s) => !OWN_SOURCES.includes(s))];

/**
 * The live sources of a target such as `deribit-public` or `deribit-public,ethereum-rpc`: those that it names, and one's own.
 * Throws a ConfigError for an unknown source, a repeated one, and company of `simulation`. `which` names the field in the error.
 */
export function sourcesOf(target: string, which = "agent.deploy.target"): readonly LiveSource[] {
  const words = target.split(",").map((w) => w.trim());
  const fail = (short: string, value: string, hints: readonly string[] = []) =>
    new ConfigError(short, {
      which,
      value,
      fix: `Use ${SIMULATION}, or one or more of ${TARGETS.slice(1).join(", ")}, joined by commas.`,
      hints,
    });
  if (words.length === 1 && words[0] === SIMULATION) return LIVE_SOURCES;
  for (const [i, word] of words.entries()) {
    if (word === SIMULATION) throw fail("The simulation supplies everything and is not combined.", target);
    if (OWN_SOURCES.includes(word as LiveSource)) throw fail("This source is always there and is not named.", word);
    if (!TARGETS.includes(word)) throw fail("No source of live data has this name.", word, didYouMean(word, TARGETS));
    if (words.indexOf(word) !== i) throw fail("A source is named twice.", word);
  }
  return LIVE_SOURCES.filter((s) => OWN_SOURCES.includes(s) || words.includes(s));
}

/** A feature that cannot be had, and what is missing to have it. */
export interface Unsupplied {
  readonly name: string;
  readonly missing: readonly LiveSource[];
}

/** Those of the named features (all where none are named) that these sources cannot supply, in the order of the schema. */
export function unsupplied(
  schema: FeatureSchema,
  sources: readonly LiveSource[],
  names?: readonly string[],
): Unsupplied[] {
  return schema.features.flatMap((f) => {
    const missing = f.sources.filter((s) => !sources.includes(s));
    return missing.length > 0 && (names?.includes(f.name) ?? true) ? [{ name: f.name, missing }] : [];
  });
}

/** `base_fee_gwei (ethereum-rpc), oracle_age_hours (oracle)`. */
export function listUnsupplied(features: readonly Unsupplied[]): string {
  return features.map(({ name, missing }) => `${name} (${missing.join(" + ")})`).join(", ");
}
