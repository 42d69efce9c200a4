import type { NumericArray, ResetOptions, VectorEnv, VectorInfo, VectorStepResult } from "../../../env/core/env.ts";
import type { Space } from "../../../env/core/spaces.ts";
import type { KernelTeam } from "../../../models/kernel/team.ts";
import { ContractError } from "../../core/errors.ts";
import type { StateTree } from "../../core/state.ts";
import { EnvPart, type Rows, type SharedRows, sharedRows } from "./env-part.ts";
import { joinRows, takeRows } from "./row-state.ts";
import type { MemberThread, TrainingThreads } from "./threads.ts";
import { WORK } from "./work.ts";

/** What a member needs to build its part. */
export interface EnvOrder {
  readonly rows: Rows;
  readonly shared: SharedRows;
}

/** Rows of member `member` of `members`: as even as it goes. */
export function rowsOf(member: number, members: number, of: number): Rows {
  const from = Math.floor((of * member) / members);
  return { from, count: Math.floor((of * (member + 1)) / members) - from, of };
}

/**
 * A vector environment whose copies are played by a team of threads. For environments whose copies do not depend on the batch that they are
 * in (rebalance-v1: episodes are drawn by number): then results and states are those of the undivided environment, bit for bit.
 */
export class ParallelEnv implements VectorEnv {
  readonly metadata;
  readonly numEnvs: number;
  readonly singleObservationSpace: Space;
  readonly singleActionSpace: Space;
  readonly actionMask?: () => Uint8Array;
  readonly #team: KernelTeam;
  readonly #threads: readonly MemberThread[];
  readonly #part: EnvPart;
  readonly #parts: readonly Rows[];
  readonly #shared: SharedRows;
  /** The leader's share of a step, made once: it is the hottest of all, and V8 compiles a function made anew for every step again and again. */
  readonly #ownStep = () => this.#part.step();

  /** `build` makes the environment of some rows; members do the same with theirs. */
  constructor(copies: number, { team, members }: TrainingThreads, build: (rows: Rows) => VectorEnv) {
    if (copies < team.members)
      throw new ContractError("There are fewer copies of the environment than threads.", {
        which: "train.envs",
        value: copies,
        fix: `Use at least ${team.members} copies, or fewer workers.`,
      });
    this.#team = team;
    this.#threads = members;
    this.#parts = Array.from({ length: team.members }, (_, m) => rowsOf(m, team.members, copies));
    const env = build(this.#parts[0]!);
    this.metadata = env.metadata;
    this.numEnvs = copies;
    this.singleObservationSpace = env.singleObservationSpace;
    this.singleActionSpace = env.singleActionSpace;
    this.#shared = sharedRows(env, copies);
    if (env.actionMask) this.actionMask = () => this.#shared.masks;
    this.#part = new EnvPart(env, this.#shared, this.#parts[0]!);
    this.#order(
      WORK.build,
      (m): EnvOrder => ({ rows: this.#parts[m]!, shared: this.#shared }),
      () => undefined,
    );
  }

  reset({ seed, options }: ResetOptions = {}): { obs: NumericArray; info: VectorInfo } {
    if (options !== undefined)
      throw new ContractError("An environment divided among threads resets whole.", {
        which: "options",
        value: options,
      });
    this.#order(
      WORK.reset,
      () => seed,
      () => this.#part.reset(seed),
    );
    return { obs: this.#shared.obs, info: {} };
  }

  step(actions: NumericArray): VectorStepResult {
    const shared = this.#shared;
    shared.actions.set(actions);
    this.#team.run(WORK.step, this.#ownStep);
    const { obs, rewards, terminated, truncated } = shared;
    const info: VectorInfo = shared.finished.includes(1)
      ? { final_obs: shared.finalObs, _final_obs: shared.finished }
      : {};
    return { obs, rewards, terminated, truncated, info };
  }

  saveState(): StateTree {
    let own: StateTree = {};
    this.#team.run(WORK.save, () => {
      own = this.#part.saveState();
    });
    const others = this.#threads.map(({ port }) => port.take() as StateTree);
    return joinRows(
      [own, ...others],
      this.#parts.map((rows) => rows.count),
    );
  }

  loadState(state: StateTree): void {
    const take = (m: number) => {
      const { from, count, of } = this.#parts[m]!;
      return takeRows(state, from, count, of);
    };
    this.#order(WORK.load, take, () => this.#part.loadState(take(0)));
  }

  /** Sends each member its message, then has all work. */
  #order(work: number, message: (member: number) => unknown, own: () => void): void {
    for (const [i, { port }] of this.#threads.entries()) port.post(message(i + 1));
    this.#team.run(work, own);
  }
}
