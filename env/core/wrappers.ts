import { ConfigError, didYouMean } from "../../src/core/errors.ts";
import type { StateTree } from "../../src/core/state.ts";
import type { Env, EnvMetadata, Info, NumericArray, ResetOptions, StepResult } from "./env.ts";
import { stateNumber, stateTree } from "./restore.ts";
import { type BoxSpace, box, type Space } from "./spaces.ts";

/** A wrapper as data. A stack is a list of them, the innermost first: it is rebuilt by `wrap(env, specs)`. */
export type WrapperSpec =
  /** Truncates after `maxSteps` steps. */
  | { readonly use: "time-limit"; readonly maxSteps: number }
  /** Clips Box actions to the environment's bounds. */
  | { readonly use: "clip-action" }
  /** Takes Box actions in [low, high] and maps them linearly onto the environment's bounds. */
  | { readonly use: "rescale-action"; readonly low: number; readonly high: number }
  /** Multiplies rewards. */
  | { readonly use: "scale-reward"; readonly factor: number }
  /** Shows a Discrete observation as a float32 vector of zeros and a one. */
  | { readonly use: "one-hot-observation" };

/** An environment around another; `spec()` is the data that it was made from. */
export interface WrappedEnv extends Env {
  readonly inner: Env;
  spec(): WrapperSpec;
}

interface Hooks {
  readonly metadata?: EnvMetadata;
  readonly observationSpace?: Space;
  readonly actionSpace?: Space;
  action?(action: number | NumericArray): number | NumericArray;
  observation?(obs: NumericArray): NumericArray;
  result?(result: StepResult): StepResult;
  onReset?(): void;
  save?(): number;
  load?(value: number): void;
}

class Wrapper implements WrappedEnv {
  readonly inner: Env;
  readonly metadata: EnvMetadata;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #spec: WrapperSpec;
  readonly #hooks: Hooks;

  constructor(inner: Env, spec: WrapperSpec, hooks: Hooks) {
    this.inner = inner;
    this.metadata = hooks.metadata ?? inner.metadata;
    this.observationSpace = hooks.observationSpace ?? inner.observationSpace;
    this.actionSpace = hooks.actionSpace ?? inner.actionSpace;
    this.#spec = spec;
    this.#hooks = hooks;
  }

  spec(): WrapperSpec {
    return { ...this.#spec };
  }

  reset(options?: ResetOptions): { obs: NumericArray; info: Info } {
    const { obs, info } = this.inner.reset(options);
    this.#hooks.onReset?.();
    return { obs: this.#hooks.observation?.(obs) ?? obs, info };
  }

  step(action: number | NumericArray): StepResult {
    const result = this.inner.step(this.#hooks.action?.(action) ?? action);
    if (this.#hooks.observation) result.obs = this.#hooks.observation(result.obs);
    return this.#hooks.result?.(result) ?? result;
  }

  close(): void {
    this.inner.close?.();
  }

  saveState(): StateTree {
    return { inner: this.inner.saveState(), own: this.#hooks.save?.() ?? 0 };
  }

  loadState(state: StateTree): void {
    const own = stateNumber(state, "own");
    this.inner.loadState(stateTree(state, "inner"));
    this.#hooks.load?.(own);
  }
}

function refuse(short: string, which: string, value: unknown, fix: string): never {
  throw new ConfigError(short, { which, value, fix });
}

function boxActions(env: Env, use: string): BoxSpace {
  if (env.actionSpace.kind !== "box")
    refuse(`Wrapper "${use}" needs Box actions.`, env.metadata.id, env.actionSpace.kind, "Leave the wrapper out.");
  return env.actionSpace as BoxSpace;
}

function mapBox(
  space: BoxSpace,
  action: number | NumericArray,
  f: (x: number, low: number, high: number) => number,
): NumericArray {
  const values = typeof action === "number" ? [action] : action;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = f(values[i]!, space.low[i]!, space.high[i]!);
  return out;
}

type HooksFor<U extends WrapperSpec["use"]> = (env: Env, spec: Extract<WrapperSpec, { use: U }>) => Hooks;

const WRAPPERS: { readonly [U in WrapperSpec["use"]]: HooksFor<U> } = {
  "time-limit": (env, { maxSteps }) => {
    if (!Number.isInteger(maxSteps) || maxSteps < 1)
      refuse("The time limit is wrong.", "maxSteps", maxSteps, "Pass an integer of at least 1.");
    let elapsed = 0;
    return {
      metadata: { ...env.metadata, maxSteps: Math.min(maxSteps, env.metadata.maxSteps ?? maxSteps) },
      onReset: () => {
        elapsed = 0;
      },
      result: (result) => {
        elapsed++;
        if (elapsed >= maxSteps) result.truncated = true;
        return result;
      },
      save: () => elapsed,
      load: (value) => {
        elapsed = value;
      },
    };
  },

  "clip-action": (env) => {
    const space = boxActions(env, "clip-action");
    return { action: (a) => mapBox(space, a, (x, low, high) => Math.min(Math.max(x, low), high)) };
  },

  "rescale-action": (env, { low, high }) => {
    const space = boxActions(env, "rescale-action");
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
      refuse("The action range is wrong.", "low, high", [low, high], "Pass finite numbers with low < high.");
    if (![...space.low, ...space.high].every(Number.isFinite))
      refuse(
        'Wrapper "rescale-action" needs finite action bounds.',
        env.metadata.id,
        "infinite bounds",
        "Give the environment's action space finite bounds.",
      );
    return {
      actionSpace: box(low, high, space.shape, space.dtype),
      action: (a) => mapBox(space, a, (x, l, h) => l + ((x - low) / (high - low)) * (h - l)),
    };
  },

  "scale-reward": (_env, { factor }) => {
    if (!Number.isFinite(factor)) refuse("The reward factor is wrong.", "factor", factor, "Pass a finite number.");
    return {
      result: (result) => {
        result.reward *= factor;
        return result;
      },
    };
  },

  "one-hot-observation": (env) => {
    const space = env.observationSpace;
    if (space.kind !== "discrete")
      return refuse(
        'Wrapper "one-hot-observation" needs a Discrete observation.',
        env.metadata.id,
        space.kind,
        "Leave the wrapper out.",
      );
    return {
      observationSpace: box(0, 1, [space.n]),
      observation: (obs) => {
        const out = new Float32Array(space.n);
        out[obs[0]! - space.start] = 1;
        return out;
      },
    };
  },
};

/**
 * Wraps an environment, `specs[0]` innermost. For vectors: `vectorise((i) => wrap(make(i), specs), n, mode)`.
 * @throws ConfigError for an unknown wrapper, a wrong parameter or an environment that the wrapper does not fit.
 */
export function wrap(env: Env, specs: readonly WrapperSpec[]): Env {
  return specs.reduce<Env>((inner, spec) => {
    const hooks = Object.hasOwn(WRAPPERS, spec.use) ? (WRAPPERS[spec.use] as HooksFor<WrapperSpec["use"]>) : undefined;
    if (!hooks)
      throw new ConfigError("The wrapper is unknown.", {
        which: "use",
        value: spec.use,
        fix: "Use a known wrapper.",
        hints: didYouMean(String(spec.use), Object.keys(WRAPPERS)),
      });
    return new Wrapper(inner, spec, hooks(inner, spec));
  }, env);
}

/** The stack around an environment as data, innermost first: `wrap(bare, wrappersOf(env))` rebuilds it. */
export function wrappersOf(env: Env): WrapperSpec[] {
  const specs: WrapperSpec[] = [];
  for (let e: Env = env; e instanceof Wrapper; e = e.inner) specs.unshift(e.spec());
  return specs;
}
