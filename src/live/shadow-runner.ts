import { publishedFields } from "../../env/tasks/rebalance/simulated-market.ts";
import type { LiveSource } from "../core/contracts/features.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { SessionHeader } from "./session.ts";
import { type LedgerTotals, ShadowAccount } from "./shadow-account.ts";
import { type PublishedFrame, Tape } from "./tape.ts";

/** What one ledger says at a decision, before it is carried out. */
export interface LedgerView {
  readonly intents: readonly number[];
  readonly positions: readonly number[];
  /** In the objective's unit. */
  readonly profit: number;
  readonly featuresHash: string;
  /** Delta for one unit of book that the intents trade, after rounding to lots. */
  readonly tradedDelta: number;
}

/** Both policies have decided on the same frozen market. */
export interface ShadowDecision {
  readonly type: "decision";
  readonly decision: number;
  readonly time: number;
  readonly incumbent: LedgerView;
  /** The challenger in the incumbent's position. */
  readonly anchored: LedgerView;
  /** The challenger in its own position. */
  readonly freeRun: LedgerView;
  /** Why the challenger took no decision, by ledger; absent where it took one. */
  readonly noDecision?: { readonly anchored?: string; readonly freeRun?: string };
  /** Raw features on which the challenger decided in its own position. */
  readonly features: Float64Array;
}

/** What a decision came to by the time of the next one, in the objective's unit. */
export interface ShadowOutcome {
  readonly type: "outcome";
  readonly decision: number;
  readonly time: number;
  readonly gain: { readonly incumbent: number; readonly anchored: number; readonly freeRun: number };
  /** Profit that the anchored challenger gave up against the better of the two. */
  readonly regret: number;
  readonly totals: {
    readonly incumbent: LedgerTotals;
    readonly freeRun: LedgerTotals;
    /** Of this decision alone: the anchored ledger starts from the incumbent's each time. */
    readonly anchored: LedgerTotals;
  };
}

export type ShadowEvent = ShadowDecision | ShadowOutcome;

export interface ShadowOptions {
  readonly header: SessionHeader;
  readonly incumbent: Policy;
  readonly challenger: Policy;
  /** A second instance for the free-run ledger where the challenger is not pure; default: the same one, with its own memory. */
  readonly freeRunChallenger?: Policy;
  /** What supplies features: all where it is left out. The others are 0 to every policy and marked unavailable. */
  readonly sources?: readonly LiveSource[];
}

/**
 * Two policies, three ledgers, one market: the incumbent's; the challenger's own, running free; and one in which the challenger starts each
 * decision from the incumbent's account, bit for bit, so that the same decision gives a regret of exactly 0. Fed frame by frame; a challenger
 * that throws or answers NaN takes no decision, and the incumbent's ledger cannot tell.
 */
export class ShadowRunner {
  readonly #header: SessionHeader;
  readonly #tape: Tape;
  readonly #incumbent: ShadowAccount;
  readonly #anchored: ShadowAccount;
  readonly #freeRun: ShadowAccount;
  #decision = 0;
  #before: { incumbent: LedgerTotals; freeRun: LedgerTotals } | undefined;

  constructor({ header, incumbent, challenger, freeRunChallenger = challenger, sources }: ShadowOptions) {
    this.#header = header;
    this.#tape = new Tape(header.steps, publishedFields(header.scenario));
    this.#incumbent = new ShadowAccount(header, this.#tape, incumbent, sources);
    this.#anchored = new ShadowAccount(header, this.#tape, challenger, sources);
    this.#freeRun = new ShadowAccount(header, this.#tape, freeRunChallenger, sources);
  }

  /** Takes the next published frame; returns what happened: the outcome of the last decision, the next decision, or nothing. */
  take(frame: PublishedFrame): ShadowEvent[] {
    this.#tape.publish(frame);
    const { step } = frame;
    const { steps, stepsPerDecision } = this.#incumbent.env.timing;
    if (step === 0) {
      for (const account of [this.#incumbent, this.#anchored, this.#freeRun]) account.start(this.#header);
      return [this.#decide(frame.time)];
    }
    if (step === steps) return [this.#settle(frame.time)];
    return step % stepsPerDecision === 0 ? [this.#settle(frame.time), this.#decide(frame.time)] : [];
  }

  #decide(time: number): ShadowDecision {
    const incumbent = this.#incumbent;
    const anchored = this.#anchored;
    const freeRun = this.#freeRun;
    this.#before = { incumbent: incumbent.totals(), freeRun: freeRun.totals() };
    const features = freeRun.env.features.slice();
    incumbent.decide();
    anchored.env.loadState(incumbent.env.saveState());
    const why = { anchored: anchored.tryDecide(), freeRun: freeRun.tryDecide() };
    const { incumbent: own, freeRun: free } = this.#before;
    return {
      type: "decision",
      decision: this.#decision,
      time,
      incumbent: view(incumbent, own.profit),
      anchored: view(anchored, own.profit),
      freeRun: view(freeRun, free.profit),
      ...(why.anchored === undefined && why.freeRun === undefined
        ? {}
        : {
            noDecision: {
              ...(why.anchored === undefined ? {} : { anchored: why.anchored }),
              ...(why.freeRun === undefined ? {} : { freeRun: why.freeRun }),
            },
          }),
      features,
    };
  }

  #settle(time: number): ShadowOutcome {
    const before = this.#before!;
    for (const account of [this.#incumbent, this.#anchored, this.#freeRun]) account.settle();
    const incumbent = this.#incumbent.totals();
    const freeRun = this.#freeRun.totals();
    const anchored = less(this.#anchored.totals(), before.incumbent);
    const gain = {
      incumbent: incumbent.profit - before.incumbent.profit,
      anchored: anchored.profit,
      freeRun: freeRun.profit - before.freeRun.profit,
    };
    const decision = this.#decision++;
    return {
      type: "outcome",
      decision,
      time,
      gain,
      regret: Math.max(0, gain.incumbent - gain.anchored),
      totals: { incumbent, freeRun, anchored },
    };
  }
}

function view(account: ShadowAccount, profit: number): LedgerView {
  return {
    intents: Array.from(account.intents),
    positions: Array.from(account.env.ledger.position),
    profit,
    featuresHash: account.featuresHash(),
    tradedDelta: account.tradedDelta(),
  };
}

function less(a: LedgerTotals, b: LedgerTotals): LedgerTotals {
  return {
    profit: a.profit - b.profit,
    fees: a.fees - b.fees,
    gas: a.gas - b.gas,
    slippage: a.slippage - b.slippage,
    turnover: a.turnover - b.turnover,
    rebalances: a.rebalances - b.rebalances,
  };
}
