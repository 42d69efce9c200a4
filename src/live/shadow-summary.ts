import type { PolicyJson } from "../../models/format/policy-json.ts";
import { meanOf, sortedQuantile } from "../evaluate/statistics/quantile.ts";
import type { ShadowSummary } from "../report/input.ts";
import type { LedgerTotals } from "./shadow-account.ts";
import type { ShadowEvent } from "./shadow-runner.ts";

/** Mean and quantiles of a sample; all 0 for an empty one. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  readonly min: number;
  readonly q05: number;
  readonly q25: number;
  readonly q50: number;
  readonly q75: number;
  readonly q95: number;
  readonly max: number;
}

/** Decisions by what both policies did in the same position, after rounding to lots. Sums to the number of decisions. */
export interface AgreementMatrix {
  readonly neither: number;
  readonly onlyIncumbent: number;
  readonly onlyChallenger: number;
  readonly bothSameSide: number;
  readonly bothOppositeSides: number;
  /** The challenger took no decision in the incumbent's position. */
  readonly noDecision: number;
}

/** The figures of `shadow.json`; a superset of what the report shows. Amounts in `unit`. */
export interface ShadowFigures extends ShadowSummary {
  readonly agreementMatrix: AgreementMatrix;
  /** Challenger less incumbent in the same position: delta traded for one unit of book, where either trades. */
  readonly sizeDifference: Spread;
  readonly ledgers: {
    readonly incumbent: LedgerTotals;
    readonly freeRun: LedgerTotals;
    /** Sum over decisions, each from the incumbent's position. */
    readonly anchored: LedgerTotals;
  };
  /** Per decision; never negative. */
  readonly regretPerDecision: Spread;
  /** Per decision: the anchored challenger's profit less the incumbent's. */
  readonly advantagePerDecision: Spread;
  /** Decisions that the challenger did not take on either ledger, each once, and why. */
  readonly noDecisions: { readonly count: number; readonly reasons: Readonly<Record<string, number>> };
  /** Share of the free-running challenger's decisions outside the range that the policy was tested on. */
  readonly outOfEnvelope: { readonly any: number; readonly byFeature: Readonly<Record<string, number>> };
}

const NOTHING: LedgerTotals = { profit: 0, fees: 0, gas: 0, slippage: 0, turnover: 0, rebalances: 0 };

/** Sums the events of a shadow session up. Only decisions whose outcome is known count. */
export class ShadowTally {
  readonly #unit: string;
  readonly #columns: readonly { name: string; at: number; min: number; max: number }[];
  readonly #outside: number[];
  readonly #matrix = {
    neither: 0,
    onlyIncumbent: 0,
    onlyChallenger: 0,
    bothSameSide: 0,
    bothOppositeSides: 0,
    noDecision: 0,
  };
  readonly #sizes: number[] = [];
  readonly #regrets: number[] = [];
  readonly #advantages: number[] = [];
  readonly #reasons: Record<string, number> = {};
  #failures = 0;
  #pending: Extract<ShadowEvent, { type: "decision" }> | undefined;
  #outsideAny = 0;
  #anchored = { ...NOTHING };
  #incumbent = NOTHING;
  #freeRun = NOTHING;

  constructor(policy: PolicyJson, unit: string) {
    this.#unit = unit;
    const seen = new Set(policy.encoder.features);
    this.#columns = policy.features.flatMap(({ name }, at) =>
      seen.has(name) ? [{ name, at, ...policy.envelope.features[name]! }] : [],
    );
    this.#outside = this.#columns.map(() => 0);
  }

  add(event: ShadowEvent): void {
    if (event.type === "decision") {
      this.#pending = event;
      return;
    }
    this.#count(this.#pending!);
    this.#regrets.push(event.regret);
    this.#advantages.push(event.gain.anchored - event.gain.incumbent);
    const a = event.totals.anchored;
    const sum = this.#anchored;
    this.#anchored = {
      profit: sum.profit + a.profit,
      fees: sum.fees + a.fees,
      gas: sum.gas + a.gas,
      slippage: sum.slippage + a.slippage,
      turnover: sum.turnover + a.turnover,
      rebalances: sum.rebalances + a.rebalances,
    };
    this.#incumbent = event.totals.incumbent;
    this.#freeRun = event.totals.freeRun;
  }

  figures(): ShadowFigures {
    const decisions = this.#regrets.length;
    const share = (n: number) => (decisions === 0 ? 0 : n / decisions);
    const { neither, bothSameSide } = this.#matrix;
    return {
      decisions,
      agreement: share(neither + bothSameSide),
      unit: this.#unit,
      pnlAnchored: this.#anchored.profit,
      pnlFreeRun: this.#freeRun.profit,
      regret: this.#regrets.reduce((a, b) => a + b, 0),
      agreementMatrix: { ...this.#matrix },
      sizeDifference: spread(this.#sizes),
      ledgers: { incumbent: this.#incumbent, freeRun: this.#freeRun, anchored: this.#anchored },
      regretPerDecision: spread(this.#regrets),
      advantagePerDecision: spread(this.#advantages),
      noDecisions: { count: this.#failures, reasons: { ...this.#reasons } },
      outOfEnvelope: {
        any: share(this.#outsideAny),
        byFeature: Object.fromEntries(this.#columns.map(({ name }, i) => [name, share(this.#outside[i]!)])),
      },
    };
  }

  #count(d: Extract<ShadowEvent, { type: "decision" }>): void {
    let outside = false;
    this.#columns.forEach(({ at, min, max }, i) => {
      const x = d.features[at]!;
      if (x >= min && x <= max) return;
      this.#outside[i]! += 1;
      outside = true;
    });
    if (outside) this.#outsideAny += 1;
    const reason = d.noDecision?.anchored ?? d.noDecision?.freeRun;
    if (reason !== undefined) {
      this.#failures += 1;
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    }
    // Agreement is about the same position: a failure on the free-run ledger alone says nothing of it.
    if (d.noDecision?.anchored !== undefined) {
      this.#matrix.noDecision += 1;
      return;
    }
    const own = d.incumbent.tradedDelta;
    const other = d.anchored.tradedDelta;
    if (own === 0 && other === 0) this.#matrix.neither += 1;
    else if (other === 0) this.#matrix.onlyIncumbent += 1;
    else if (own === 0) this.#matrix.onlyChallenger += 1;
    else if (own > 0 === other > 0) this.#matrix.bothSameSide += 1;
    else this.#matrix.bothOppositeSides += 1;
    if (own !== 0 || other !== 0) this.#sizes.push(other - own);
  }
}

function spread(values: readonly number[]): Spread {
  if (values.length === 0) return { n: 0, mean: 0, min: 0, q05: 0, q25: 0, q50: 0, q75: 0, q95: 0, max: 0 };
  const sorted = Float64Array.from(values).sort();
  const q = (p: number) => sortedQuantile(sorted, p);
  return {
    n: values.length,
    mean: meanOf(values),
    min: q(0),
    q05: q(0.05),
    q25: q(0.25),
    q50: q(0.5),
    q75: q(0.75),
    q95: q(0.95),
    max: q(1),
  };
}
