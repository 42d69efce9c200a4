import { roundToLots } from "../../env/market/venue-specification.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { LIVE_SOURCES, type LiveSource } from "../core/contracts/features.ts";
import { checkIntent, INTENT, INTENT_KIND, INTENT_WIDTH, writeTrade } from "../core/contracts/intent.ts";
import type { Policy } from "../core/contracts/policy.ts";
import { GreekgymError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { unsupplied } from "../core/live-sources.ts";
import type { SessionHeader } from "./session.ts";
import { RecordedMarket, type Tape } from "./tape.ts";

/** What a ledger has come to, in the objective's unit (turnover: units of the underlying for one unit of book). */
export interface LedgerTotals {
  readonly profit: number;
  readonly fees: number;
  readonly gas: number;
  readonly slippage: number;
  readonly turnover: number;
  readonly rebalances: number;
}

/** One would-have-traded account: the simulator's own environment on the recorded market, and the memory of whoever decides for it. */
export class ShadowAccount {
  readonly env: RebalanceEnv;
  /** The intents of the newest decision. [S*INTENT_WIDTH] */
  readonly intents: Float64Array;
  readonly #policy: Policy;
  readonly #memory: Float64Array;
  readonly #available: Uint8Array;
  readonly #noMask = new Uint8Array(0);
  readonly #features: Float64Array;
  readonly #unitDelta: readonly number[];

  /** @param sources what supplies features; those without a source are 0 to the policy and marked unavailable */
  constructor(header: SessionHeader, tape: Tape, policy: Policy, sources: readonly LiveSource[] = LIVE_SOURCES) {
    const { scenario, split, seed, unit } = header;
    this.env = new RebalanceEnv({
      scenario,
      numEnvs: 1,
      split,
      seed,
      unit,
      autoresetMode: "disabled",
      source: new RecordedMarket(tape),
    });
    this.#policy = policy;
    this.intents = new Float64Array(scenario.slots.length * INTENT_WIDTH);
    this.#memory = new Float64Array(policy.memoryWidth);
    this.#features = new Float64Array(this.env.extractor.width);
    this.#available = new Uint8Array(this.env.extractor.width).fill(1);
    const { schema } = this.env.extractor;
    const names = schema.features.map((f) => f.name);
    for (const { name } of unsupplied(schema, sources)) this.#available[names.indexOf(name)] = 0;
    this.#unitDelta = scenario.slots.map((_, s) => names.indexOf(`slot${s}_unit_delta`));
  }

  /** Puts the account at the start of the session. The episode's number decides which transactions revert, as in the simulator. */
  start(header: SessionHeader): void {
    this.env.reset({ seed: header.seed, options: { firstEpisode: header.episode } });
    this.#memory.fill(0);
  }

  /** Asks the policy for its intents. Errors pass through. */
  decide(): void {
    this.#ask();
  }

  /** As `decide`, but an error or a malformed intent becomes a reason, and nothing is traded. */
  tryDecide(): string | undefined {
    const slots = this.env.scenario.slots.length;
    let reason: string | undefined;
    try {
      this.#ask();
      for (let s = 0; s < slots; s++) checkIntent(this.intents, s * INTENT_WIDTH, slots);
    } catch (error) {
      reason = error instanceof GreekgymError ? error.short : `It threw: ${String(error)}`;
    }
    if (reason !== undefined) for (let s = 0; s < slots; s++) writeTrade(this.intents, s * INTENT_WIDTH, s, 0);
    return reason;
  }

  /** Carries the decision out, up to the next one. */
  settle(): void {
    this.env.step(this.intents);
  }

  /** Delta that the intents trade for one unit of book, after rounding to lots. */
  tradedDelta(): number {
    const { ledger, scenario, context, features } = this.env;
    let sum = 0;
    for (let s = 0; s < scenario.slots.length; s++) {
      const o = s * INTENT_WIDTH;
      if (this.intents[o] !== INTENT_KIND.trade) continue;
      const slot = this.intents[o + INTENT.slot]!;
      const units = roundToLots(this.intents[o + INTENT.change]!, ledger.specifications[slot]!);
      sum += (units * features[this.#unitDelta[slot]!]!) / context.bookSize;
    }
    return sum;
  }

  /** SHA-256 over the bytes of the raw features at this decision, first 16 digits. */
  featuresHash(): string {
    const { buffer, byteOffset, byteLength } = this.env.features;
    return sha256Hex(new Uint8Array(buffer, byteOffset, byteLength)).slice(0, 16);
  }

  totals(): LedgerTotals {
    const { ledger, context } = this.env;
    const unit = this.env.unitUsd(0);
    return {
      profit: ledger.numeraireProfit(0) / unit,
      fees: ledger.totals.fees[0]! / unit,
      gas: ledger.totals.gas[0]! / unit,
      slippage: ledger.totals.slippage[0]! / unit,
      turnover: ledger.totals.turnover[0]! / context.bookSize,
      rebalances: ledger.totals.rebalances[0]!,
    };
  }

  #ask(): void {
    // A copy: a policy that writes to its input must not reach the account.
    this.#features.set(this.env.features);
    for (let f = 0; f < this.#features.length; f++) if (this.#available[f] === 0) this.#features[f] = 0;
    this.#policy.decide(1, this.#features, this.#available, this.#memory, this.#noMask, this.intents);
  }
}
