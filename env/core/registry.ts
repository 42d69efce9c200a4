import { ConfigError, didYouMean } from "../../src/core/errors.ts";
import type { AutoresetMode, Env, VectorEnv } from "./env.ts";
import { vectorise } from "./vectorise.ts";
import { type WrapperSpec, wrap } from "./wrappers.ts";

export type EnvOptions = Readonly<Record<string, unknown>>;

/** How a registered environment is made. Options are checked by the factory, which throws a ConfigError for wrong ones. */
export interface EnvFactory {
  /** One line for `listEnvs`. */
  readonly description: string;
  /** Names of the options that it takes; others are refused. */
  readonly options?: readonly string[];
  make(options: EnvOptions): Env;
  /** The native vector form; without it `makeVector` steps single copies one after the other. */
  makeVector?(numEnvs: number, mode: AutoresetMode, options: EnvOptions): VectorEnv;
}

export interface EnvListing {
  readonly id: string;
  readonly description: string;
  readonly nativeVector: boolean;
}

/** Environments by id, e.g. `CartPole-v1`. A change of dynamics is a new version, never a silent change. */
export interface Registry {
  /** Throws a ConfigError when the id is taken or has no version. */
  register(id: string, factory: EnvFactory): void;
  /** Throws a ConfigError for an unknown id or option. `wrappers[0]` is the innermost. */
  make(id: string, options?: EnvOptions, wrappers?: readonly WrapperSpec[]): Env;
  /** The native vector form where there is one and no wrapper is asked for. `mode` is "same-step" unless given. */
  makeVector(
    id: string,
    numEnvs: number,
    mode?: AutoresetMode,
    options?: EnvOptions,
    wrappers?: readonly WrapperSpec[],
  ): VectorEnv;
  /** Sorted by id. */
  listEnvs(): EnvListing[];
}

function find(factories: ReadonlyMap<string, EnvFactory>, id: string, options: EnvOptions): EnvFactory {
  const factory = factories.get(id);
  if (!factory)
    throw new ConfigError("The environment is unknown.", {
      which: "id",
      value: id,
      fix: "Use a registered id, or register the environment first.",
      hints: didYouMean(id, [...factories.keys()]),
    });
  const known = factory.options ?? [];
  for (const key of Object.keys(options))
    if (!known.includes(key))
      throw new ConfigError(`Environment "${id}" has no option "${key}".`, {
        which: `options.${key}`,
        value: options[key],
        fix: "Remove the option.",
        hints: didYouMean(key, known),
      });
  return factory;
}

/** Makes a registry; the built-in one is in env/registry.ts. */
export function createRegistry(builtIn: Readonly<Record<string, EnvFactory>> = {}): Registry {
  const factories = new Map<string, EnvFactory>();
  const registry: Registry = {
    register(id, factory) {
      if (!/^[A-Za-z0-9_.-]+-v\d+$/.test(id))
        throw new ConfigError("The environment id has no version.", {
          which: "id",
          value: id,
          fix: 'Name it like "Rebalance-v1".',
        });
      if (factories.has(id))
        throw new ConfigError("The environment id is taken.", {
          which: "id",
          value: id,
          fix: "Choose another id, or the next version.",
        });
      factories.set(id, factory);
    },
    make(id, options = {}, wrappers = []) {
      return wrap(find(factories, id, options).make(options), wrappers);
    },
    makeVector(id, numEnvs, mode = "same-step", options = {}, wrappers = []) {
      const factory = find(factories, id, options);
      if (factory.makeVector && wrappers.length === 0) return factory.makeVector(numEnvs, mode, options);
      return vectorise(() => wrap(factory.make(options), wrappers), numEnvs, mode);
    },
    listEnvs() {
      return [...factories]
        .map(([id, f]) => ({ id, description: f.description, nativeVector: f.makeVector !== undefined }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
  for (const [id, factory] of Object.entries(builtIn)) registry.register(id, factory);
  return registry;
}

/** A factory from one function of copies, as the small environments have. */
export function simpleFactory(
  description: string,
  single: () => Env,
  vector: (numEnvs: number, mode: AutoresetMode) => VectorEnv,
): EnvFactory {
  return { description, make: () => single(), makeVector: (numEnvs, mode) => vector(numEnvs, mode) };
}
