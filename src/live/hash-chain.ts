import { canonicalJson, sha256Hex } from "../core/hash.ts";

/** The hash before the first line of a chain. */
export const CHAIN_START = "0".repeat(16);

/** A record of a chain: what is said, and its place. */
export type ChainRecord = Readonly<Record<string, unknown>> & { readonly seq: number };

/**
 * Lines of canonical JSON in which each carries the hash of the one before it: a changed, lost or moved line is found and can be named.
 * `hash` is the first 16 hexadecimal digits of the SHA-256 of the line's record without `hash` itself; 64 bits are enough against accidents
 * and casual edits, and keep a minute of market short.
 */
export class HashChain {
  #last = CHAIN_START;
  #seq = 0;

  /** The next line, without its end. Throws a ContractError for a value that JSON cannot say (NaN). */
  line(record: Readonly<Record<string, unknown>>): string {
    const linked = { ...record, prev: this.#last, seq: this.#seq };
    const hash = chainHash(linked);
    this.#last = hash;
    this.#seq += 1;
    return canonicalJson({ ...linked, hash });
  }

  /** The hash of the last line: what a copy of the whole chain is known by. */
  get head(): string {
    return this.#last;
  }
}

function chainHash(linked: object): string {
  return sha256Hex(canonicalJson(linked)).slice(0, 16);
}

/** What is wrong with a line that should follow `prev` as number `seq`; its record where nothing is. */
export function readChainLine(
  text: string,
  seq: number,
  prev: string,
): { readonly record: ChainRecord & { readonly hash: string } } | { readonly wrong: string; readonly value: unknown } {
  let record: ChainRecord & { readonly hash: string; readonly prev: string };
  try {
    record = JSON.parse(text);
  } catch {
    return { wrong: "it is not JSON", value: text };
  }
  if (typeof record !== "object" || record === null) return { wrong: "it is not a record", value: record };
  const { hash, ...linked } = record;
  if (record.seq !== seq) return { wrong: `its number should be ${seq}`, value: record.seq };
  if (record.prev !== prev) return { wrong: "it does not follow the line before it", value: record.prev };
  if (chainHash(linked) !== hash) return { wrong: "its contents do not fit its hash", value: hash };
  // Spaces or a longer form of the same number would pass the hash.
  if (canonicalJson(record) !== text) return { wrong: "it is not in canonical form", value: text };
  return { record };
}
