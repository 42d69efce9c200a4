import { INTENT_WIDTH, writeTrade } from "../../../src/core/contracts/intent.ts";
import { expectLength } from "../../../src/core/errors.ts";
import type { StateTree } from "../../../src/core/state.ts";
import type {
  AutoresetMode,
  Env,
  NumericArray,
  ResetOptions,
  StepResult,
  VectorEnv,
  VectorInfo,
  VectorStepResult,
} from "../../core/env.ts";
import { type BoxSpace, box } from "../../core/spaces.ts";
import { RebalanceEnv, type RebalanceOptions } from "./rebalance-env.ts";

/**
 * The rebalance task with plain actions, for learners that know no intents: Box [-1, 1]^S, element s the change of slot s in units of
 * the underlying for one unit of book (1 = buy as many coins as the book has units).
 */
export class TradeActions implements VectorEnv {
  readonly inner: RebalanceEnv;
  readonly singleActionSpace: BoxSpace;
  readonly #intents: Float64Array;

  constructor(inner: RebalanceEnv) {
    const S = inner.scenario.slots.length;
    this.inner = inner;
    this.singleActionSpace = box(-1, 1, [S]);
    this.#intents = new Float64Array(inner.numEnvs * S * INTENT_WIDTH);
  }

  get metadata() {
    return this.inner.metadata;
  }

  get numEnvs(): number {
    return this.inner.numEnvs;
  }

  get singleObservationSpace(): BoxSpace {
    return this.inner.singleObservationSpace;
  }

  reset(options?: ResetOptions): { obs: NumericArray; info: VectorInfo } {
    return this.inner.reset(options);
  }

  /** actions: [B*S], row b*S+s. */
  step(actions: NumericArray): VectorStepResult {
    const { numEnvs, ledger, observation, context } = this.inner;
    const S = ledger.slots;
    expectLength(actions, numEnvs * S, "actions");
    for (let i = 0; i < numEnvs * S; i++) {
      const s = i % S;
      const size = ledger.specifications[s]!.contractSize;
      const coins = actions[i]! * context.bookSize;
      const inverse = context.slots[s]!.kind === "inverse-perpetual";
      const units = inverse ? (coins * observation.slotMark[i]!) / size : coins / size;
      writeTrade(this.#intents, i * INTENT_WIDTH, s, units);
    }
    return this.inner.step(this.#intents);
  }

  saveState(): StateTree {
    return this.inner.saveState();
  }

  loadState(state: StateTree): void {
    this.inner.loadState(state);
  }
}

/** One environment of the same task: a batch of one whose arrays are copied. */
class SingleRebalance implements Env {
  readonly #vector: TradeActions;

  constructor(vector: TradeActions) {
    this.#vector = vector;
  }

  get metadata() {
    return this.#vector.metadata;
  }

  get observationSpace(): BoxSpace {
    return this.#vector.singleObservationSpace;
  }

  get actionSpace(): BoxSpace {
    return this.#vector.singleActionSpace;
  }

  reset(options?: ResetOptions) {
    return { obs: this.#vector.reset(options).obs.slice(), info: {} };
  }

  step(action: number | NumericArray): StepResult {
    const r = this.#vector.step(typeof action === "number" ? Float64Array.of(action) : action);
    return {
      obs: r.obs.slice(),
      reward: r.rewards[0]!,
      terminated: r.terminated[0] === 1,
      truncated: r.truncated[0] === 1,
      info: {},
    };
  }

  saveState(): StateTree {
    return this.#vector.saveState();
  }

  loadState(state: StateTree): void {
    this.#vector.loadState(state);
  }
}

type TaskOptions = Omit<RebalanceOptions, "numEnvs" | "autoresetMode">;

export function rebalance(options: TaskOptions): Env {
  return new SingleRebalance(new TradeActions(new RebalanceEnv({ ...options, numEnvs: 1, autoresetMode: "disabled" })));
}

export function rebalanceVector(options: TaskOptions, numEnvs: number, mode: AutoresetMode): TradeActions {
  return new TradeActions(new RebalanceEnv({ ...options, numEnvs, autoresetMode: mode }));
}
