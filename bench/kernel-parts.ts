import { plainDistribution } from "../models/distributions/make.ts";
import { kernelDistribution } from "../models/kernel/distributions.ts";
import { kernelEngine } from "../models/kernel/engine.ts";
import { KernelNormaliser } from "../models/kernel/normaliser.ts";
import { referenceEngine } from "../models/kernel/reference.ts";
import { RunningNormaliser } from "../models/normalizer/running.ts";
import type { DistributionSpec } from "../src/core/contracts/distribution.ts";
import type { Engine } from "../src/core/contracts/network.ts";
import { Random } from "../src/core/random.ts";
import { type Bench, own } from "./bench.ts";
import { relaxedEngines } from "./engines.ts";
import { rate } from "./measure.ts";

const ROWS = 1024;
const MILLION_ROWS = { name: "", unit: "million rows/s", better: "more" } as const;

const HEADS: Readonly<Record<string, DistributionSpec>> = {
  "categorical, 2 choices": { kind: "categorical", choices: [2] },
  "categorical, 3 x 4 x 3 choices": { kind: "categorical", choices: [3, 4, 3] },
  "gaussian, 3 components": { kind: "gaussian", actions: 3, logStd: -0.3 },
  "squashed gaussian, 3 components": { kind: "squashed", actions: 3, logStd: -0.3 },
};

/** What a minibatch asks of a policy: log-probability and entropy, then their gradients. */
function headWork(make: typeof plainDistribution, spec: DistributionSpec): () => void {
  const distribution = make(spec);
  const { outputs, actions } = distribution;
  const random = new Random(1, "bench");
  const y = Float32Array.from({ length: ROWS * outputs }, () => random.normal());
  const action = new Float64Array(ROWS * actions);
  distribution.sample(y, ROWS, random, action);
  const [logProbability, entropy] = [new Float64Array(ROWS), new Float64Array(ROWS)];
  const [dLogProbability, dEntropy] = [new Float64Array(ROWS).fill(0.1), new Float64Array(ROWS).fill(-1e-5)];
  const dy = new Float32Array(ROWS * outputs);
  return () => {
    distribution.evaluate(y, action, ROWS, logProbability, entropy);
    distribution.backward(y, action, ROWS, dLogProbability, dEntropy, dy);
  };
}

/** Statistics and standardisation of 512 rows of 30 features, as a rollout asks for at each step. */
function normaliserWork(normaliser: RunningNormaliser): () => void {
  const random = new Random(2, "bench");
  const x = Float64Array.from({ length: 512 * 30 }, () => random.normal());
  const out = new Float32Array(x.length);
  return () => {
    normaliser.update(x, 512);
    normaliser.normaliseInto(out, x, 512, 10);
  };
}

function normals(array: Float32Array, scale: number): Float32Array {
  const random = new Random(3, "bench");
  for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  return array;
}

/** 16 steps of 64 sequences through a GRU of 64 units and back. */
function gruWork(engine: Engine): () => void {
  const gru = engine.gru!(64, 64);
  normals(gru.parameters.values, 0.1);
  const x = normals(engine.array(16 * 64 * 64), 1);
  const dy = normals(new Float32Array(16 * 64 * 64), 1);
  return () => {
    gru.forward(x, 16, 64);
    gru.backward(dy);
  };
}

function layerNormWork(engine: Engine): () => void {
  const network = engine.layerNorm!(64);
  const x = normals(engine.array(ROWS * 64), 1);
  const dy = normals(new Float32Array(ROWS * 64), 1);
  return () => {
    network.forward(x, ROWS);
    network.backward(dy, ROWS);
  };
}

/** A 64-64-64 tanh network forward and back. */
function networkWork(engine: Engine): () => void {
  const network = engine.mlp([64, 64, 64], "tanh");
  normals(network.parameters.values, 0.2);
  const x = normals(engine.array(ROWS * 64), 1);
  const dy = normals(new Float32Array(ROWS * 64), 1);
  return () => {
    network.forward(x, ROWS);
    network.backward(dy, ROWS);
  };
}

/** Kernels beside dense layers: heads of policies, running statistics, GRU, layer norm, and what relaxed SIMD gives. */
export async function kernelParts(bench: Bench): Promise<void> {
  const seconds = bench.seconds(0.15);
  const rounds = bench.rounds(7);
  const measure = async (name: string, rows: number, works: Readonly<Record<string, () => void>>) => {
    const contenders = Object.entries(works).map(([who, work]) => own(who, () => rate(work, rows / 1e6, seconds)));
    await bench.compare({ name, quantities: [MILLION_ROWS], contenders, rounds, warmups: 1 });
  };
  for (const [name, spec] of Object.entries(HEADS))
    await measure(`policy head: ${name}, evaluate and gradients, batch ${ROWS}`, ROWS, {
      kernel: headWork(kernelDistribution, spec),
      "plain TypeScript": headWork(plainDistribution, spec),
    });
  await measure("running statistics: update and normalise 512 rows of 30", 512, {
    kernel: normaliserWork(new KernelNormaliser(30)),
    "plain TypeScript": normaliserWork(new RunningNormaliser(30)),
  });
  const engines = { kernel: kernelEngine(), reference: referenceEngine };
  const each = (work: (engine: Engine) => () => void) => ({
    kernel: work(engines.kernel),
    reference: work(engines.reference),
  });
  await measure("GRU 64 to 64, forward and backward, 16 steps of 64 sequences", 1024, each(gruWork));
  await measure(`layer norm of 64, forward and backward, batch ${ROWS}`, ROWS, each(layerNormWork));
  for (const { engine } of relaxedEngines())
    await measure(`64-64-64 network, forward and backward, batch ${ROWS}, relaxed SIMD`, ROWS, {
      relaxed: networkWork(engine),
      exact: networkWork(engines.kernel),
    });
}
