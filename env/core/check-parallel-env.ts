import { Random } from "../../src/core/random.ts";
import type { CheckOptions } from "./check-env.ts";
import { checkObservation, checkSpace } from "./check-spaces.ts";
import type { AgentId, NumericArray, ParallelEnv } from "./env.ts";
import { type Finding, Findings, firstDifference, same, throws } from "./findings.ts";
import { sample } from "./space-values.ts";

type Result = ReturnType<ParallelEnv["step"]>;
const RECORDS = ["obs", "rewards", "terminated", "truncated", "infos"] as const;

/** One step's records and who was alive after it, copied; a reset has empty flags. */
type Seen = Result & { readonly agents: readonly AgentId[] };

function names(agents: Iterable<AgentId>): string {
  return `[${[...agents].join(", ")}]`;
}

class ParallelCheck {
  readonly findings = new Findings();
  readonly #make: () => ParallelEnv;
  readonly #seed: number;
  readonly #steps: number;

  constructor(make: () => ParallelEnv, { seed = 1, steps = 60 }: CheckOptions) {
    this.#make = make;
    this.#seed = seed;
    this.#steps = steps;
  }

  run(): Finding[] {
    const f = this.findings;
    f.attempt("reading the spaces", () => this.#spaces());
    f.attempt("an episode", () => this.#episodes());
    f.attempt("the seeding check", () => this.#seeding());
    f.attempt("the check of the step limit", () => this.#limit());
    f.attempt("saveState and loadState", () => this.#saving());
    return f.list();
  }

  #spaces(): undefined {
    const env = this.#make();
    for (const agent of env.possibleAgents) {
      for (const name of ["observationSpace", "actionSpace"] as const) {
        const [once, again] = [env[name](agent), env[name](agent)];
        if (once !== again)
          this.findings.error("same-space-object", `${name}("${agent}") is a new object at every call.`);
        checkSpace(this.findings, `${name}("${agent}")`, once, name === "actionSpace");
      }
    }
  }

  #draw(env: ParallelEnv, random: Random): Record<AgentId, number | NumericArray> {
    // Drawn for all possible agents, so that streams stay aligned whoever is alive.
    const all = env.possibleAgents.map((a) => [a, sample(env.actionSpace(a), random)] as const);
    return Object.fromEntries(all.filter(([a]) => env.agents.includes(a)));
  }

  #keys(what: string, record: object, agents: readonly AgentId[]): undefined {
    const missing = agents.filter((a) => !Object.hasOwn(record, a));
    if (missing.length > 0) this.findings.error("key-sets", `${what} has no entry for ${names(missing)}.`);
  }

  /** Keys, values, and the lives of agents over some episodes. */
  #episodes(): undefined {
    const f = this.findings;
    const env = this.#make();
    const random = new Random(this.#seed, "check-actions");
    const possible = [...env.possibleAgents];
    for (let episode = 0, t = 0; t < this.#steps; episode++) {
      const start = env.reset(episode === 0 ? { seed: this.#seed } : {});
      if (env.agents.length === 0) return f.error("agents-at-reset", "No agent is alive after reset.");
      const unknown = env.agents.filter((a) => !possible.includes(a));
      if (unknown.length > 0)
        return f.error("possible-agents", `${names(unknown)} are alive but not in possibleAgents.`);
      this.#keys("obs of reset", start.obs, env.agents);
      this.#keys("infos of reset", start.infos, env.agents);
      for (const a of env.agents) this.#observation(env, "reset", a, start.obs[a]);
      const gone = new Set<AgentId>();
      for (let first = true; env.agents.length > 0 && t < this.#steps; t++, first = false) {
        const acting = [...env.agents];
        const r = env.step(this.#draw(env, random));
        this.#result(env, r, acting, first);
        for (const a of acting) if (r.terminated[a] || r.truncated[a]) gone.add(a);
        const staying = env.agents.filter((a) => acting.includes(a) && (r.terminated[a] || r.truncated[a]));
        if (staying.length > 0)
          return f.error("agents-leave", `${names(staying)} ended at a step and are still in agents.`);
        const revived = env.agents.filter((a) => !acting.includes(a));
        if (revived.length > 0) return f.error("agents-never-revive", `${names(revived)} came back within an episode.`);
        const lost = acting.filter((a) => !env.agents.includes(a) && !gone.has(a));
        if (lost.length > 0)
          return f.error("agents-end", `${names(lost)} left agents without being terminated or truncated.`);
      }
      if (!same([...env.possibleAgents], possible))
        return f.error("possible-agents-fixed", "possibleAgents changed during an episode.");
      const state = env.state?.();
      if (state && !state.every(Number.isFinite)) f.error("state-finite", "state() has a number that is not finite.");
    }
  }

  #observation(env: ParallelEnv, from: string, agent: AgentId, obs: NumericArray | undefined): undefined {
    const which = `observationSpace("${agent}")`;
    if (obs) checkObservation(this.findings, from, env.observationSpace(agent), obs, 1, which);
  }

  #result(env: ParallelEnv, r: Result, acting: readonly AgentId[], first: boolean): undefined {
    const f = this.findings;
    for (const record of RECORDS) this.#keys(`${record} of step`, r[record], acting);
    for (const a of acting) {
      this.#observation(env, "step", a, r.obs[a]);
      if (Object.hasOwn(r.rewards, a) && !Number.isFinite(r.rewards[a]))
        f.error("reward-finite", `step returned the reward ${r.rewards[a]} for ${a}.`);
      for (const flag of ["terminated", "truncated"] as const)
        if (Object.hasOwn(r[flag], a) && typeof r[flag][a] !== "boolean")
          f.error("flags-boolean", `step returned ${flag} of type ${typeof r[flag][a]} for ${a}.`);
      if (first && r.truncated[a] === true)
        f.error("truncation-at-once", `The first step of an episode was truncated for ${a}.`);
    }
  }

  #goOn(env: ParallelEnv, random: Random, steps: number): Seen[] {
    const out: Seen[] = [];
    for (let t = 0; t < steps; t++) {
      const result =
        env.agents.length > 0
          ? env.step(this.#draw(env, random))
          : { ...env.reset(), rewards: {}, terminated: {}, truncated: {} };
      out.push(structuredClone({ ...result, agents: [...env.agents] }));
    }
    return out;
  }

  #seeding(): undefined {
    const f = this.findings;
    const seed = this.#seed;
    const [one, two] = [this.#make(), this.#make()];
    if (!same(one.reset({ seed }).obs, two.reset({ seed }).obs))
      return f.error("seed-determinism", `Two environments reset with seed ${seed} start differently.`);
    const actions = () => new Random(seed, "check-actions");
    const a = this.#goOn(one, actions(), this.#steps);
    const split = firstSplit(a, this.#goOn(two, actions(), this.#steps));
    if (split) return f.error("step-determinism", `Seed ${seed} and the same actions differed in ${split}.`);
    one.reset({ seed });
    const again = firstSplit(a, this.#goOn(one, actions(), this.#steps));
    if (again) f.error("re-seed-determinism", `One environment re-seeded with ${seed} differed in ${again}.`);
  }

  #limit(): undefined {
    const env = this.#make();
    const limit = env.metadata.maxSteps;
    if (limit === undefined || limit > 20_000) return;
    const random = new Random(this.#seed, "check-limit");
    for (let episode = 0; episode < 5; episode++) {
      env.reset({ seed: this.#seed + episode });
      for (let t = 1; env.agents.length > 0; t++) {
        const r = env.step(this.#draw(env, random));
        if (t < limit && Object.values(r.truncated).includes(true))
          return this.findings.error("max-steps", `Truncated at step ${t}, before metadata.maxSteps = ${limit}.`);
        if (t >= limit && env.agents.length > 0)
          return this.findings.error("max-steps", `Agents live on after step ${t}, metadata.maxSteps = ${limit}.`);
      }
    }
  }

  #saving(): undefined {
    const f = this.findings;
    const seed = this.#seed;
    const env = this.#make();
    env.reset({ seed });
    this.#goOn(env, new Random(seed, "check-before"), 5);
    const saved = env.saveState();
    const before = structuredClone(saved);
    const on = this.#goOn(env, new Random(seed, "check-after"), this.#steps);
    if (!same(saved, before))
      return f.error("saved-state-copy", "saveState returned an object that changed when the environment went on.");
    const fresh = this.#make();
    fresh.loadState(saved);
    const split = firstSplit(on, this.#goOn(fresh, new Random(seed, "check-after"), this.#steps));
    if (split) return f.error("save-load", `After loadState a new environment went on differently: ${split}.`);
    if (!throws(() => fresh.loadState({ not: "a state" })))
      f.error("load-misfit", "loadState accepted a state of another kind.");
  }
}

function firstSplit(a: readonly Seen[], b: readonly Seen[]): string | undefined {
  for (let t = 0; t < a.length; t++) {
    const field = firstDifference(a[t]!, b[t]!, [...RECORDS, "agents"]);
    if (field) return `${field} at step ${t + 1}`;
  }
  return undefined;
}

/**
 * Checks a parallel environment against the contract of env/core/env.ts (PettingZoo's parallel API): key sets, agents that leave
 * and never revive, stable space objects, seeding, the exact step limit, saved states. A good one gives an empty list.
 */
export function checkParallelEnv(make: () => ParallelEnv, options: CheckOptions = {}): Finding[] {
  return new ParallelCheck(make, options).run();
}
