import { CHUNK } from "../../agents/ppo.ts";
import { policyContext } from "../../env/tasks/rebalance/feature-config.ts";
import { timing } from "../../env/tasks/rebalance/scenario.ts";
import { ConfigError } from "../core/errors.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { TABLE_COLUMNS } from "../evaluate/rollout.ts";
import { selectedFeatures } from "./deployment.ts";

/** The kernel engine's memory is addressed by 32 bits: networks, their optimisers' state, and observations where networks read them. */
const ENGINE_BYTES = 2 ** 32;

/** A field of the config and the memory that it alone makes necessary, in bytes: a lower bound. */
interface Need {
  readonly field: string;
  readonly value: unknown;
  readonly bytes: number;
  /** True where the engine's memory must hold it. */
  readonly engine: boolean;
}

const FLOAT32 = 4;
const FLOAT64 = 8;

/** Values, gradients and Adam's two moments, and the activations of the hidden layers for one batch. */
function networkBytes(inputs: number, hidden: readonly number[], batch: number): number {
  let parameters = 0;
  let width = inputs;
  for (const size of hidden) {
    parameters += (width + 1) * size;
    width = size;
  }
  return FLOAT32 * (4 * parameters + batch * hidden.reduce((sum, size) => sum + size, 0));
}

function needs(experiment: Experiment): Need[] {
  const { agent, train, compare, tune, scenario } = experiment;
  const { schema } = policyContext(scenario);
  // Nothing is known here of the size of a model of one's own.
  const own = agent.network.model !== undefined;
  const engine = agent.network.engine === "kernel";
  const inputs = selectedFeatures(experiment, schema).length;
  const table = (field: string, episodes: number): Need => ({
    field,
    value: episodes,
    bytes: episodes * TABLE_COLUMNS * FLOAT64,
    engine: false,
  });
  const tables = [
    table("train.selectEpisodes", train.selectEpisodes),
    table("compare.episodes", compare.episodes),
    table("tune.episodes", tune.episodes),
  ];
  if (agent.algorithm === "deep-hedging") {
    const { paths, minibatches } = agent.deepHedging;
    const hiddenSizes = own ? [] : agent.deepHedging.hiddenSizes;
    const part = paths / minibatches;
    const rows = part * timing(scenario).decisions;
    return [
      {
        field: "agent.deepHedging.hiddenSizes",
        value: hiddenSizes,
        bytes: networkBytes(inputs, hiddenSizes, part),
        engine,
      },
      {
        field: "agent.deepHedging.paths",
        value: paths,
        bytes: rows * (FLOAT64 * schema.features.length + FLOAT32 * inputs),
        engine: false,
      },
      ...tables,
    ];
  }
  const { rolloutSteps, minibatches } = agent.ppo;
  const hiddenSizes = own ? [] : agent.ppo.hiddenSizes;
  const rows = rolloutSteps * train.envs;
  const together = Math.min(CHUNK, Math.ceil(rows / minibatches));
  return [
    {
      field: "agent.ppo.hiddenSizes",
      value: hiddenSizes,
      // Actor and critic.
      bytes: 2 * networkBytes(inputs, hiddenSizes, 1),
      engine,
    },
    {
      field: "agent.ppo.rolloutSteps",
      value: rolloutSteps,
      bytes: FLOAT32 * rows * inputs + 2 * FLOAT32 * together * hiddenSizes.reduce((a, b) => a + b, 0),
      engine,
    },
    ...tables,
  ];
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Three digits and a unit of 1000s. */
function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(3)).toLocaleString("en")} ${UNITS[power]}`;
}

/**
 * Throws a ConfigError naming the field where training would need more memory than the engine can address or the machine has. Before anything
 * is tuned; counts only what is certain, so that what passes may still be too much.
 * @param machineBytes memory of the machine, or of what this process may use of it
 */
export function checkMemory(experiment: Experiment, machineBytes: number): void {
  const all = needs(experiment);
  const refuse = ({ field, value }: Need, bytes: number, limit: number, whose: string) =>
    new ConfigError(`Training needs at least ${size(bytes)} of memory, and ${whose} ${size(limit)}.`, {
      which: field,
      value,
      fix: `Lower ${field}.`,
    });
  const dearest = (of: readonly Need[]) => of.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const total = (of: readonly Need[]) => of.reduce((sum, n) => sum + n.bytes, 0);
  const engine = all.filter((n) => n.engine);
  if (total(engine) > ENGINE_BYTES) throw refuse(dearest(engine), total(engine), ENGINE_BYTES, "an engine can address");
  if (total(all) > machineBytes) throw refuse(dearest(all), total(all), machineBytes, "the machine has");
}
