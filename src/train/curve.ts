import { ContractError } from "../core/errors.ts";
import type { StateTree } from "../core/state.ts";

/** A point of the learning curve. */
export interface CurvePoint {
  readonly step: number;
  /** On select episodes; NaN where nothing was evaluated at that step. */
  readonly objective: number;
  /** Mean return of the last 100 training episodes. */
  readonly meanReturn: number;
}

const COLUMNS = ["step", "objective", "meanReturn"] as const;

/** Points that there is room for at first: more than most trainings have updates. */
const ROOM = 1024;

/** A learning curve that grows by a point an update, in arrays: 24 bytes a point, and none of them for the collector to visit. */
export class Curve implements Iterable<CurvePoint> {
  #length = 0;
  /** The columns one after another, each as long as there is room. */
  #values = new Float64Array(COLUMNS.length * ROOM);

  get length(): number {
    return this.#length;
  }

  push(point: CurvePoint): void {
    const room = this.#values.length / COLUMNS.length;
    if (this.#length === room) {
      const before = this.#values;
      this.#values = new Float64Array(2 * before.length);
      for (let c = 0; c < COLUMNS.length; c++)
        this.#values.set(before.subarray(c * room, (c + 1) * room), 2 * c * room);
    }
    const stride = this.#values.length / COLUMNS.length;
    for (const [c, name] of COLUMNS.entries()) this.#values[c * stride + this.#length] = point[name];
    this.#length++;
  }

  *[Symbol.iterator](): Iterator<CurvePoint> {
    const stride = this.#values.length / COLUMNS.length;
    const at = (c: number, i: number) => this.#values[c * stride + i]!;
    for (let i = 0; i < this.#length; i++) yield { step: at(0, i), objective: at(1, i), meanReturn: at(2, i) };
  }

  /** Each column as an array of its own, as checkpoints hold it. */
  saveState(): StateTree {
    const stride = this.#values.length / COLUMNS.length;
    return Object.fromEntries(
      COLUMNS.map((name, c) => [name, this.#values.slice(c * stride, c * stride + this.#length)]),
    );
  }

  /** The curve of a checkpoint. */
  static of(state: StateTree): Curve {
    const [step, objective, meanReturn] = COLUMNS.map((name) => state[name] as Float64Array);
    if (objective!.length !== step!.length || meanReturn!.length !== step!.length)
      throw new ContractError("The columns of a learning curve are of different lengths.", { which: "curve" });
    const curve = new Curve();
    for (let i = 0; i < step!.length; i++)
      curve.push({ step: step![i]!, objective: objective![i]!, meanReturn: meanReturn![i]! });
    return curve;
  }
}
