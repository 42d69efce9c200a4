import type { Stateful, StateTree } from "../../src/core/state.ts";
import { savedFloats, savedNumber } from "./saved.ts";

const WINDOW = 100;

/** Undiscounted returns and lengths of the episodes that run in B environments, and their means over the last 100 ended ones. */
export class EpisodeStatistics implements Stateful {
  readonly #return: Float64Array;
  readonly #length: Float64Array;
  readonly #lastReturns = new Float64Array(WINDOW);
  readonly #lastLengths = new Float64Array(WINDOW);
  #ended = 0;

  constructor(envs: number) {
    this.#return = new Float64Array(envs);
    this.#length = new Float64Array(envs);
  }

  /** Adds one transition of environment b; `done` ends its episode. */
  add(b: number, reward: number, done: boolean): void {
    this.#return[b]! += reward;
    this.#length[b]! += 1;
    if (!done) return;
    const slot = this.#ended % WINDOW;
    this.#lastReturns[slot] = this.#return[b]!;
    this.#lastLengths[slot] = this.#length[b]!;
    this.#ended++;
    this.#return[b] = 0;
    this.#length[b] = 0;
  }

  /** Episodes ended so far. */
  get ended(): number {
    return this.#ended;
  }

  /** Mean return and length of the last 100 ended episodes; undefined before the first has ended. */
  means(): { return: number; length: number } | undefined {
    const n = Math.min(this.#ended, WINDOW);
    if (n === 0) return undefined;
    let sum = 0;
    let steps = 0;
    for (let i = 0; i < n; i++) {
      sum += this.#lastReturns[i]!;
      steps += this.#lastLengths[i]!;
    }
    return { return: sum / n, length: steps / n };
  }

  saveState(): StateTree {
    return {
      return: this.#return.slice(),
      length: this.#length.slice(),
      lastReturns: this.#lastReturns.slice(),
      lastLengths: this.#lastLengths.slice(),
      ended: this.#ended,
    };
  }

  loadState(state: StateTree): void {
    const envs = this.#return.length;
    const running = savedFloats(state, "return", envs);
    const lengths = savedFloats(state, "length", envs);
    const lastReturns = savedFloats(state, "lastReturns", WINDOW);
    const lastLengths = savedFloats(state, "lastLengths", WINDOW);
    const ended = savedNumber(state, "ended");
    this.#return.set(running);
    this.#length.set(lengths);
    this.#lastReturns.set(lastReturns);
    this.#lastLengths.set(lastLengths);
    this.#ended = ended;
  }
}
