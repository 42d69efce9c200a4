import { z } from "zod";
import { INTENT, INTENT_FIELDS, INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Policy } from "../../src/core/contracts/policy.ts";
import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import type { PolicyJson } from "./policy-json.ts";

/** Raw feature rows and the intents that the policy answers with: what another engine or program must reproduce. */
export interface Golden {
  /** F, numbers of a row, and S*INTENT_WIDTH, numbers of its intents. */
  readonly width: number;
  readonly outputs: number;
  readonly count: number;
  /** [count*F] */
  readonly rows: Float64Array;
  /** [count*S*INTENT_WIDTH] */
  readonly intents: Float64Array;
}

/** A bundle with fewer pairs is refused. */
export const GOLDEN_MINIMUM = 256;
/** Absolute or relative: a pair fails where it differs by more than both. */
export const GOLDEN_TOLERANCE = 1e-5;
const FORMAT = "greekgym-golden";
const VERSION = 1;

const goldenJson = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  features: z.array(z.string()).min(1),
  slots: z.int().positive(),
  rows: z.array(z.array(z.number())).min(GOLDEN_MINIMUM),
  intents: z.array(z.array(z.number())).min(GOLDEN_MINIMUM),
});

/** Asks a policy without memory for the intents of `count` rows [count*F]: all features available, no mask. */
export function intentsOf(
  policy: Policy,
  rows: Float64Array,
  count: number,
  width: number,
  slots: number,
): Float64Array {
  if (policy.memoryWidth !== 0)
    throw new ContractError("Golden rows are for policies without memory.", {
      which: `${policy.id}.memoryWidth`,
      value: policy.memoryWidth,
      fix: "Bundles of this version hold policies without recurrent state.",
    });
  const out = new Float64Array(count * slots * INTENT_WIDTH);
  policy.decide(count, rows, new Uint8Array(width).fill(1), new Float64Array(0), new Uint8Array(0), out);
  return out;
}

/** The text of `golden.json`: one row a line. -0 is written as 0, as JSON knows no other. */
export function goldenText(golden: Golden, features: readonly string[]): string {
  const line = (a: Float64Array, width: number) =>
    Array.from({ length: golden.count }, (_, i) => JSON.stringify([...a.subarray(i * width, (i + 1) * width)])).join(
      ",\n",
    );
  const slots = golden.outputs / INTENT_WIDTH;
  return `{"features":${JSON.stringify(features)},
"format":"${FORMAT}",
"intents":[
${line(golden.intents, golden.outputs)}
],
"rows":[
${line(golden.rows, golden.width)}
],
"slots":${slots},
"version":${VERSION}}
`;
}

/** Reads `golden.json`. Throws a CorruptFileError naming file, field, value and fix. */
export function parseGolden(text: string, features: readonly string[], slots: number, which: string): Golden {
  const bad = (field: string, value: unknown) =>
    new CorruptFileError("The bundle's golden pairs are malformed.", {
      which: `${which}: ${field}`,
      value,
      fix: "Export the policy again.",
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad("the file", "not JSON");
  }
  const result = goldenJson.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw bad(path.map(String).join("."), message);
  }
  const { rows, intents } = result.data;
  const outputs = slots * INTENT_WIDTH;
  if (result.data.features.join() !== features.join()) throw bad("features", result.data.features);
  if (result.data.slots !== slots) throw bad("slots", result.data.slots);
  if (rows.length !== intents.length) throw bad("intents", intents.length);
  rows.forEach((row, i) => {
    if (row.length !== features.length) throw bad(`rows[${i}]`, row.length);
    if (intents[i]!.length !== outputs) throw bad(`intents[${i}]`, intents[i]!.length);
  });
  return {
    width: features.length,
    outputs,
    count: rows.length,
    rows: Float64Array.from(rows.flat()),
    intents: Float64Array.from(intents.flat()),
  };
}

/**
 * Runs the policy over the golden rows. Throws a CorruptFileError at the first intent that differs by more than 1e-5, absolute (in delta for
 * one unit of book: the size of a book must not decide) and relative: this engine does not compute the policy that was exported.
 */
export function checkGolden(
  golden: Golden,
  description: PolicyJson,
  policy: Policy,
  engine: string,
  which: string,
): void {
  const { slots } = description.account;
  const { bookSize } = description.context;
  const answers = intentsOf(policy, golden.rows, golden.count, golden.width, slots.length);
  const unitDelta = slots.map((_, s) => description.features.findIndex((f) => f.name === `slot${s}_unit_delta`));
  for (let i = 0; i < answers.length; i++) {
    const row = Math.floor(i / golden.outputs);
    const slot = Math.floor((i % golden.outputs) / INTENT_WIDTH);
    const field = i % INTENT_WIDTH;
    const wanted = golden.intents[i]!;
    let absolute = GOLDEN_TOLERANCE;
    if (field === INTENT.change) {
      // Options are traded in units for one unit of book, whatever their delta.
      const delta = slots[slot]!.kind === "option" ? 1 : Math.abs(golden.rows[row * golden.width + unitDelta[slot]!]!);
      absolute *= bookSize / (delta === 0 ? 1 : delta);
    }
    // Written so that NaN fails.
    if (Math.abs(answers[i]! - wanted) <= Math.max(absolute, GOLDEN_TOLERANCE * Math.abs(wanted))) continue;
    throw new CorruptFileError("The policy does not give its golden outputs on this engine.", {
      which: `${which}: row ${row}, slot ${slot}, ${INTENT_FIELDS[field]}`,
      value: answers[i],
      fix: `The bundle says ${wanted}: use another engine than ${engine}, or export the policy again with this version.`,
    });
  }
}
