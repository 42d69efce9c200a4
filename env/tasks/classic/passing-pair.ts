import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import type { StateTree } from "../../../src/core/state.ts";
import { expectSeed } from "../../core/batch.ts";
import type { AgentId, EnvMetadata, Info, NumericArray, ParallelEnv, ResetOptions } from "../../core/env.ts";
import { packRandoms, stateArray, unpackRandoms } from "../../core/restore.ts";
import { box, discrete, type Space } from "../../core/spaces.ts";

const CELLS = 7;
const MAX_STEPS = 20;
const AGENTS = ["east", "west"] as const;
const OBSERVATION = box(0, 1, [2]);
const ACTION = discrete(3);

/**
 * Two agents on a line of seven cells, a small example of the parallel contract: "east" wants the right end, "west" the left.
 * Actions 0 left, 1 stay, 2 right. A step costs 0.1, arrival earns 1 and ends that agent; both in one cell cost 0.5 each.
 * Observation [own cell, other's cell] / 6. Truncated after 20 steps.
 */
export class PassingPair implements ParallelEnv {
  readonly metadata: EnvMetadata = { id: "PassingPair-v1", maxSteps: MAX_STEPS };
  readonly possibleAgents: readonly AgentId[] = AGENTS;
  #agents: readonly AgentId[] = [];
  readonly #random = new Random(0, "PassingPair-v1");
  /** Cells of east and west, steps taken, and 1 for each live agent. */
  readonly #state = new Int32Array(5);

  get agents(): readonly AgentId[] {
    return this.#agents;
  }

  observationSpace(_agent: AgentId): Space {
    return OBSERVATION;
  }

  actionSpace(_agent: AgentId): Space {
    return ACTION;
  }

  reset(options: ResetOptions = {}): { obs: Record<AgentId, NumericArray>; infos: Record<AgentId, Info> } {
    expectSeed(options.seed);
    if (options.seed !== undefined) this.#random.loadState(new Random(options.seed, "PassingPair-v1").saveState());
    this.#state.set([this.#random.integer(3), CELLS - 1 - this.#random.integer(3), 0, 1, 1]);
    this.#agents = AGENTS;
    return { obs: this.#observe(AGENTS), infos: { east: {}, west: {} } };
  }

  #observe(agents: readonly AgentId[]): Record<AgentId, NumericArray> {
    const scale = 1 / (CELLS - 1);
    const [east, west] = [this.#state[0]! * scale, this.#state[1]! * scale];
    return Object.fromEntries(agents.map((a) => [a, Float32Array.from(a === "east" ? [east, west] : [west, east])]));
  }

  step(actions: Record<AgentId, number | NumericArray>): ReturnType<ParallelEnv["step"]> {
    const acting = this.#agents;
    if (acting.length === 0)
      throw new ContractError("step() was called before reset() or after the episode's end.", {
        which: this.metadata.id,
        fix: "Call reset() first.",
      });
    for (const agent of acting)
      if (actions[agent] !== 0 && actions[agent] !== 1 && actions[agent] !== 2)
        throw new ContractError("An action is missing or outside the action space.", {
          which: `${this.metadata.id}, actions.${agent}`,
          value: actions[agent],
          fix: "Pass 0, 1 or 2 for every live agent.",
        });
    const state = this.#state;
    AGENTS.forEach((agent, i) => {
      if (state[3 + i]) state[i] = Math.min(Math.max(state[i]! + (actions[agent] as number) - 1, 0), CELLS - 1);
    });
    state[2]! += 1;
    const truncated = state[2]! >= MAX_STEPS;
    const clash = acting.length === 2 && state[0] === state[1];
    const obs = this.#observe(acting);
    const out = { obs, rewards: {}, terminated: {}, truncated: {}, infos: {} } as ReturnType<ParallelEnv["step"]>;
    for (const agent of acting) {
      const i = agent === "east" ? 0 : 1;
      const arrived = state[i] === (i === 0 ? CELLS - 1 : 0);
      out.rewards[agent] = (arrived ? 1 : 0) - 0.1 - (clash ? 0.5 : 0);
      out.terminated[agent] = arrived;
      out.truncated[agent] = truncated;
      out.infos[agent] = {};
      if (arrived || truncated) state[3 + i] = 0;
    }
    this.#agents = AGENTS.filter((_, i) => state[3 + i]);
    return out;
  }

  state(): NumericArray {
    return Float32Array.from([this.#state[0]! / (CELLS - 1), this.#state[1]! / (CELLS - 1)]);
  }

  saveState(): StateTree {
    return { state: this.#state.slice(), random: packRandoms([this.#random]) };
  }

  loadState(tree: StateTree): void {
    const state = stateArray(tree, "state", this.#state);
    const random = stateArray(tree, "random", new Uint32Array(4));
    this.#state.set(state);
    unpackRandoms(random, [this.#random]);
    this.#agents = AGENTS.filter((_, i) => state[3 + i]);
  }
}
