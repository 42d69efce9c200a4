import { type Dynamics, envFromDynamics, type MakeDynamics, vectorFromDynamics } from "../../core/dynamics.ts";
import type { AutoresetMode, Env, VectorEnv } from "../../core/env.ts";
import { box, discrete } from "../../core/spaces.ts";

/** The 4x4 map, row by row: start, frozen, hole, goal. */
const MAP = "SFFFFHFHFFFHHFFG";
const SIZE = 4;
const STATES = MAP.length;
const ACTIONS = 4;

export interface FrozenLakeOptions {
  /** The wanted direction and its two neighbours are equally likely (default), or the wanted one is certain. */
  readonly slippery?: boolean;
  /** Shows the position as float32 [16] of zeros and a one, for networks, instead of int32 [1]. */
  readonly oneHot?: boolean;
}

/** The cell after moving from `cell` in `direction` (0 left, 1 down, 2 right, 3 up); walls stop. */
function move(cell: number, direction: number): number {
  const row = Math.floor(cell / SIZE);
  const column = cell % SIZE;
  if (direction === 0) return row * SIZE + Math.max(column - 1, 0);
  if (direction === 1) return Math.min(row + 1, SIZE - 1) * SIZE + column;
  if (direction === 2) return row * SIZE + Math.min(column + 1, SIZE - 1);
  return Math.max(row - 1, 0) * SIZE + column;
}

export interface Transition {
  readonly probability: number;
  readonly next: number;
  readonly reward: number;
  readonly terminated: boolean;
}

/** What may follow `action` in `cell`, equal outcomes not merged. Holes and the goal keep their visitor. */
export function frozenLakeTransitions(cell: number, action: number, slippery = true): Transition[] {
  const here = MAP[cell];
  if (here === "H" || here === "G") return [{ probability: 1, next: cell, reward: 0, terminated: true }];
  const directions = slippery ? [(action + 3) % ACTIONS, action, (action + 1) % ACTIONS] : [action];
  return directions.map((direction) => {
    const next = move(cell, direction);
    const there = MAP[next];
    return {
      probability: 1 / directions.length,
      next,
      reward: there === "G" ? 1 : 0,
      terminated: there === "G" || there === "H",
    };
  });
}

/** [16*4] lists of transitions; `cell * 4 + action`. */
export function frozenLakeTable(slippery = true): Transition[][] {
  return Array.from({ length: STATES * ACTIONS }, (_, k) =>
    frozenLakeTransitions(Math.floor(k / ACTIONS), k % ACTIONS, slippery),
  );
}

/**
 * FrozenLake-v1, 4x4, with Gymnasium's dynamics: observation the cell (0 … 15), actions left, down, right, up, reward 1 at the
 * goal, ends in holes and at the goal, truncated after 100 steps.
 */
export function frozenLakeDynamics({ slippery = true, oneHot = false }: FrozenLakeOptions = {}): MakeDynamics {
  const table = frozenLakeTable(slippery);
  return (numEnvs): Dynamics => {
    const state = new Int32Array(numEnvs);
    return {
      id: "FrozenLake-v1",
      maxSteps: 100,
      observationSpace: oneHot ? box(0, 1, [STATES]) : discrete(STATES),
      actionSpace: discrete(ACTIONS),
      state,
      start(b, random) {
        // The start cell is drawn by Gymnasium too; there is one, but the draw separates episodes of one generator.
        random.uint32();
        state[b] = 0;
      },
      advance(actions, live, randoms, rewards, terminated) {
        for (let b = 0; b < numEnvs; b++) {
          if (!live[b]) continue;
          const outcomes = table[state[b]! * ACTIONS + actions[b]!]!;
          const outcome = outcomes[randoms[b]!.integer(outcomes.length)]!;
          state[b] = outcome.next;
          rewards[b] = outcome.reward;
          terminated[b] = outcome.terminated ? 1 : 0;
        }
      },
      observe(b, obs) {
        if (!oneHot) obs[b] = state[b]!;
        else for (let cell = 0; cell < STATES; cell++) obs[b * STATES + cell] = cell === state[b] ? 1 : 0;
      },
    };
  };
}

/** One FrozenLake-v1. A step throws a ContractError before reset, after the end, and for an action outside 0 … 3. */
export function frozenLake(options: FrozenLakeOptions = {}): Env {
  return envFromDynamics(frozenLakeDynamics(options));
}

/** FrozenLake-v1 for B copies: obs Int32Array [B] (or Float32Array [B*16] one-hot), actions [B]. */
export function frozenLakeVector(
  numEnvs: number,
  autoresetMode: AutoresetMode = "same-step",
  options: FrozenLakeOptions = {},
): VectorEnv {
  return vectorFromDynamics(frozenLakeDynamics(options), numEnvs, autoresetMode);
}
