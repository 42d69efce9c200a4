import type { NumericArray, ResetOptions, VectorEnv, VectorInfo, VectorStepResult } from "../../env/core/env.ts";
import { box, discrete, type Space } from "../../env/core/spaces.ts";
import type { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ActionHead } from "../../models/heads/head.ts";
import { INTENT_WIDTH } from "../core/contracts/intent.ts";
import type { StateTree } from "../core/state.ts";

/** The rebalance task as a learner sees it: raw features in, the action head's outputs as actions. The head turns them into intents. */
export class HeadedEnv implements VectorEnv {
  readonly inner: RebalanceEnv;
  readonly singleActionSpace: Space;
  readonly actionMask?: () => Uint8Array;
  readonly #head: ActionHead;
  readonly #intents: Float64Array;

  constructor(inner: RebalanceEnv, head: ActionHead) {
    this.inner = inner;
    this.#head = head;
    this.#intents = new Float64Array(inner.numEnvs * inner.scenario.slots.length * INTENT_WIDTH);
    if (head.kind === "discrete") {
      this.singleActionSpace = discrete(head.size);
      if (head.mask !== undefined) {
        const mask = new Uint8Array(inner.numEnvs * head.size);
        this.actionMask = () => {
          head.mask!(inner.numEnvs, inner.features, mask);
          return mask;
        };
      }
    } else this.singleActionSpace = box(Array.from(head.low), Array.from(head.high), [head.size]);
  }

  get metadata() {
    return this.inner.metadata;
  }

  get numEnvs(): number {
    return this.inner.numEnvs;
  }

  get singleObservationSpace(): Space {
    return this.inner.singleObservationSpace;
  }

  reset(options?: ResetOptions): { obs: NumericArray; info: VectorInfo } {
    return this.inner.reset(options);
  }

  step(actions: NumericArray): VectorStepResult {
    this.#head.toIntents(this.inner.numEnvs, actions, this.inner.features, this.#intents);
    return this.inner.step(this.#intents);
  }

  saveState(): StateTree {
    return this.inner.saveState();
  }

  loadState(state: StateTree): void {
    this.inner.loadState(state);
  }
}
