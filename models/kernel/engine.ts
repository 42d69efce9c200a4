import type { Engine } from "../../src/core/contracts/network.ts";
import { ContractError } from "../../src/core/errors.ts";
import { Adam, type AdamOptions } from "../optim/adam.ts";
import { Arena } from "./arena.ts";
import { kernelDistribution } from "./distributions.ts";
import { KernelGru } from "./gru.ts";
import { KernelLayerNorm } from "./layer-norm.ts";
import { KernelMlp } from "./mlp.ts";
import { KernelNormaliser } from "./normaliser.ts";
import { kernelAdamBackend } from "./parameters.ts";
import type { KernelTeam } from "./team.ts";

const kernel: Engine = {
  name: "kernel",
  mlp: (sizes, activation) => new KernelMlp(new Arena(), sizes, activation, { shards: 1 }),
  array: (length) => new Float32Array(length),
  gru: (inputs, hidden) => new KernelGru(new Arena(), inputs, hidden),
  layerNorm: (width, epsilon) => new KernelLayerNorm(new Arena(), width, epsilon),
  distribution: kernelDistribution,
  normaliser: (width) => new KernelNormaliser(width),
  adam: (options: AdamOptions) => new Adam(kernelAdamBackend, options),
};

/** The WebAssembly SIMD engine: the default. The same inputs give the same bits on every machine. */
export function kernelEngine(): Engine {
  return kernel;
}

/**
 * The kernel engine for training: all its networks and arrays lie in the memory that a team of threads shares. The gradients of a batch are summed in
 * `shards` parts, then together in their order: `shards` is part of the experiment, and a team of any size gives the same bytes.
 */
export function trainingEngine(shards: number, team: KernelTeam): Engine {
  // A team hands out pieces by a number of few bits (models/kernel/assembly/team.ts).
  if (!Number.isInteger(shards) || shards < 1 || shards > 128)
    throw new ContractError("There must be 1 to 128 gradient shards.", { which: "shards", value: shards });
  const { arena } = team;
  return {
    ...kernel,
    name: team.arithmetic === "relaxed" ? "kernel-relaxed" : kernel.name,
    mlp: (sizes, activation) => new KernelMlp(arena, sizes, activation, { shards, team }),
    gru: (inputs, hidden) => new KernelGru(arena, inputs, hidden),
    layerNorm: (width, epsilon) => new KernelLayerNorm(arena, width, epsilon),
    array: (length) => arena.give(length),
    together: (work) => team.together(work),
    gather: (from, width, rows, to) => arena.gather(from, width, rows, to),
  };
}
