import { type BundleFiles, manifestNames } from "../../models/format/bundle.ts";
import type { PolicyJson } from "../../models/format/policy-json.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import { INTENT, INTENT_KIND, INTENT_WIDTH } from "../core/contracts/intent.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { Policy } from "../core/contracts/policy.ts";
import { ContractError, CorruptFileError, didYouMean } from "../core/errors.ts";
import { policyOf } from "./bundled-policy.ts";

/**
 * Policies in a page. `npm run build` bundles this file with all that it imports into dist/browser/greekgym.js, which needs nothing else: no
 * node: module, no server, no cross-origin isolation.
 */

/** What a page asks of one hedge slot. */
export interface SlotIntent {
  readonly slot: string;
  readonly kind: "none" | "trade";
  /** Instrument units to trade, signed, before rounding to lots. */
  readonly change: number;
}

export interface BrowserPolicy {
  readonly id: string;
  /** What the policy is worth, in one sentence. */
  readonly statement: string;
  /** Raw features in the order of rows, with their units. */
  readonly features: readonly { readonly name: string; readonly unit: string }[];
  /** `kernel`, or `reference` where the page may not compile WebAssembly. */
  readonly engine: string;
  /** SHA-256 of the bundle's manifest. */
  readonly hash: string;
  readonly description: PolicyJson;
  /** One row of raw features by name, of those that the policy was tested on: one at which it trades, where there is one. */
  readonly example: Readonly<Record<string, number>>;
  /** The policy port: whole batches of rows in, intents out. */
  readonly policy: Policy;
  /**
   * Intents for one row of raw features by name; null for one that cannot be had.
   * Throws a ContractError for a feature that is missing, unknown, or not a finite number.
   */
  decide(features: Readonly<Record<string, number | null>>): SlotIntent[];
}

/**
 * Opens a bundle's files and proves that this browser computes what was exported. `which` names the bundle in errors.
 * Throws as `loadPolicy` does: for files that do not check out and golden intents that are not reproduced.
 */
export function openPolicy(files: BundleFiles, which = "policy"): BrowserPolicy {
  const engine = pageEngine();
  const { policy, policyJson, hash, golden } = policyOf(files, which, engine);
  const { features, account } = policyJson;
  const known = new Set(features.map((f) => f.name));
  const trades = (i: number) => golden.intents[i * golden.outputs + INTENT.kind] === INTENT_KIND.trade;
  const shown = Math.max(0, Array.from({ length: golden.count }, (_, i) => trades(i)).indexOf(true));
  const row = new Float64Array(features.length);
  const available = new Uint8Array(features.length);
  const out = new Float64Array(account.slots.length * INTENT_WIDTH);
  const nothing = { memory: new Float64Array(0), mask: new Uint8Array(0) };
  return {
    id: policyJson.id,
    statement: policyJson.statement,
    features,
    engine: engine.name,
    hash,
    description: policyJson,
    example: Object.fromEntries(features.map(({ name }, f) => [name, golden.rows[shown * golden.width + f]!])),
    policy,
    decide(given) {
      const stray = Object.keys(given).find((name) => !known.has(name));
      if (stray !== undefined)
        throw new ContractError("A feature is not one of this policy's.", {
          which: "features",
          value: stray,
          fix: "Pass the features that `policy.features` lists.",
          hints: didYouMean(stray, [...known]),
        });
      features.forEach(({ name, unit }, f) => {
        const value = given[name];
        if (value !== null && !Number.isFinite(value))
          throw new ContractError("A feature is missing or not a finite number.", {
            which: `features.${name}`,
            value,
            fix: `Pass a number [${unit}], or null where it cannot be had.`,
          });
        row[f] = value ?? 0;
        available[f] = value === null ? 0 : 1;
      });
      policy.decide(1, row, available, nothing.memory, nothing.mask, out);
      return account.slots.map(({ name }, s) => ({
        slot: name,
        kind: out[s * INTENT_WIDTH + INTENT.kind] === INTENT_KIND.none ? "none" : "trade",
        change: out[s * INTENT_WIDTH + INTENT.change]!,
      }));
    },
  };
}

/** Fetches a bundle's folder and opens it. `url` is the folder's, relative to the page or absolute. Throws as `openPolicy` does. */
export async function fetchPolicy(url: string): Promise<BrowserPolicy> {
  const folder = url.replace(/\/$/, "");
  const get = async (name: string): Promise<Uint8Array> => {
    const answer = await fetch(`${folder}/${name}`);
    if (!answer.ok)
      throw new CorruptFileError("A file of the bundle cannot be fetched.", {
        which: `${folder}/${name}`,
        value: `${answer.status} ${answer.statusText}`,
        fix: "Serve the bundle's folder whole, as greekgym export writes it.",
      });
    return new Uint8Array(await answer.arrayBuffer());
  };
  const manifest = await get("manifest.json");
  const names = manifestNames(manifest, folder);
  const files = await Promise.all(names.map(async (name) => [name, await get(name)] as const));
  return openPolicy({ ...Object.fromEntries(files), "manifest.json": manifest }, folder);
}

/** The kernels, or the plain engine where a page's security policy or an old browser refuses to compile them. */
function pageEngine(): Engine {
  try {
    const engine = kernelEngine();
    engine.mlp([1, 1], "tanh");
    return engine;
  } catch {
    return referenceEngine;
  }
}
