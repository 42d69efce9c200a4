import { Ppo } from "../agents/ppo.ts";
import type { PpoConfigInput } from "../agents/ppo-config.ts";
import { cartPoleVector } from "../env/tasks/classic/cartpole.ts";
import type { Engine } from "../src/core/contracts/network.ts";
import { type Bench, own } from "./bench.ts";
import { type OurEngine, ourEngines, relaxedEngines } from "./engines.ts";
import { rate } from "./measure.ts";
import {
  JAX_ALL_CORES,
  JAX_ONE_CORE,
  SB3,
  TFJS_NATIVE,
  TFJS_WASM,
  TORCH,
  TORCH_COMPILED,
  TORCH_EAGER,
  TORCH_KEEPING,
} from "./peers/programs.ts";
import { separateTrainings } from "./separate-trainings.ts";
import { TrainingSpeed } from "./training-speed.ts";
import { UpdateLearner } from "./update-learner.ts";

/** Gradient steps on one rollout: collecting it, which the rivals do not do, is then about a hundredth of our time. */
const EPOCHS = 128;

/** CartPole as Stable-Baselines3 and CleanRL are set up here too: 8 copies, 128 steps, 4 epochs of 4 minibatches, both clips. */
const CARTPOLE: PpoConfigInput = {
  rolloutSteps: 128,
  epochs: 4,
  minibatches: 4,
  gamma: 0.99,
  lambda: 0.95,
  clipRange: 0.2,
  clipValueLoss: true,
  entropyCoefficient: 0.01,
  // Ours is the mean of squares, theirs half of it.
  valueCoefficient: 0.25,
  maxGradientNorm: 0.5,
  hiddenSizes: [64, 64],
  activation: "tanh",
  adamEpsilon: 1e-5,
};
const COPIES = 8;
const BUDGET = 500_000;

/** Learning: one gradient step, CartPole end to end, time until it is solved, and what logs and checkpoints cost. */
export async function train(bench: Bench): Promise<void> {
  const batches = bench.size === "full" ? [256, 1024, 4096] : [256];
  for (const batch of batches) await updates(bench, batch);
  await cartPole(bench);
  await until475(bench);
  await logging(bench);
}

/**
 * The learner's own update on one rollout of `batch` rows, whole rollout a minibatch: gather, both forward passes, losses, both backward
 * passes, global norm clip, two Adam steps, and all of PPO's checks and figures. Rivals repeat one step on fixed rows.
 */
async function updates(bench: Bench, batch: number): Promise<void> {
  // A thread that slept through the others' rounds takes a tenth of a second to come up to speed: rounds are several times that.
  const seconds = bench.seconds(0.7);
  const epochs = bench.size === "tiny" ? 2 : EPOCHS;
  const engines = ourEngines();
  const relaxed = relaxedEngines();
  const contender = ({ label, engine }: OurEngine) => {
    const learner = new UpdateLearner(engine, batch, epochs);
    return own(label, () => learner.round(seconds));
  };
  const ours = [...engines.map(contender), ...separateTrainings(batch, epochs, seconds), ...relaxed.map(contender)];
  const rivals = [
    ...(await bench.rivalInTurn(TORCH_EAGER, "torch eager, fused Adam, one thread", `update eager ${batch}`, seconds)),
    ...(await bench.rival(TORCH_KEEPING, "torch with memory kept, eager", `update eager ${batch}`, seconds)),
    ...(await bench.rival(TORCH_COMPILED, "torch.compile, one thread", `update compiled ${batch}`, seconds)),
    ...(await bench.rival(JAX_ONE_CORE, "JAX jit, a call a step, one core", `update step ${batch}`, seconds)),
    ...(await bench.rival(JAX_ONE_CORE, "JAX jit, 50 steps a call, one core", `update scan ${batch}`, seconds)),
    ...(await bench.rival(JAX_ALL_CORES, "JAX jit, a call a step, all cores", `update step ${batch}`, seconds)),
    ...(await bench.rival(TFJS_WASM, "tfjs wasm, one thread", `update ${batch}`, seconds)),
    ...(await bench.rival(TFJS_NATIVE, "tfjs-node native, one thread", `update ${batch}`, seconds)),
  ];
  await bench.compare({
    name: `PPO update, actor and critic 24-64-64-(3,1) tanh, minibatch ${batch}`,
    quantities: [{ name: "", unit: "samples/s", better: "more" }],
    contenders: [...ours, ...rivals],
    // More rounds than elsewhere: a shared host's speed moves within seconds.
    rounds: bench.rounds(11),
    warmups: 1,
  });
  for (const engine of [...engines, ...relaxed]) engine.close();
}

function cartPoleLearner(engine: Engine, seed: number, learningRate: number): Ppo {
  return new Ppo({ env: cartPoleVector(COPIES), config: { ...CARTPOLE, learningRate }, seed, engine });
}

async function cartPole(bench: Bench): Promise<void> {
  const seconds = bench.seconds(1);
  const engines = ourEngines();
  const ours = engines.map(({ label, engine }) => {
    const learner = cartPoleLearner(engine, 1, 2.5e-4);
    return own(label, () => rate(() => void learner.update(), 128 * COPIES, seconds));
  });
  const rivals = [
    ...(await bench.rival(SB3, "Stable-Baselines3, one thread", "cartpole", seconds)),
    ...(await bench.rival(TORCH, "CleanRL-like loop in torch, one thread", "cartpole", seconds)),
    ...(await bench.rival(JAX_ALL_CORES, "PureJaxRL-like, compiled whole, all cores", "cartpole", seconds)),
  ];
  await bench.compare({
    name: `PPO on CartPole, ${COPIES} copies x 128 steps, 4 epochs x 4 minibatches`,
    quantities: [{ name: "", unit: "environment steps/s", better: "more" }],
    contenders: [...ours, ...rivals],
    rounds: bench.rounds(5),
    warmups: 1,
  });
  for (const engine of engines) engine.close();
}

/** One training seed a round. Ours looks at the mean return after each update of 1,024 steps, Stable-Baselines3 after each step. */
async function until475(bench: Bench): Promise<void> {
  const budget = bench.size === "tiny" ? 2048 : BUDGET;
  const engines = ourEngines();
  const ours = engines.map(({ label, engine }) =>
    own(label, (index) => {
      const learner = cartPoleLearner(engine, index + 1, 1e-3);
      const start = performance.now();
      while (learner.steps < budget) {
        const mean = learner.update()["rollout/ep_rew_mean"];
        if (mean !== undefined && mean >= 475) return [(performance.now() - start) / 1000, learner.steps];
      }
      return [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    }),
  );
  // Half a minute a seed: not in a smoke test.
  const slow =
    bench.size === "full" ? await bench.rival(SB3, "Stable-Baselines3, one thread, seeds 1 to 3", "475", 0) : [];
  const compiled =
    bench.size === "full"
      ? await bench.rival(JAX_ALL_CORES, "PureJaxRL-like, without its compilation, all cores", "475", 0)
      : [];
  await bench.compare({
    name: "PPO on CartPole, to a mean return of 475 over 100 training episodes, learning rate 1e-3",
    quantities: [
      { name: "wall time", unit: "s", better: "less" },
      { name: "samples", unit: "environment steps", better: "less" },
    ],
    contenders: [...ours, ...slow, ...compiled],
    rounds: bench.size === "full" ? 5 : 1,
    warmups: 0,
  });
  for (const engine of engines) engine.close();
}

/**
 * The quickstart's training with everything written, and with nothing written, by turns; scoring on select, which is neither, is kept out.
 * The cost is that of each pair of neighbouring rounds: their machine was the same.
 */
async function logging(bench: Bench): Promise<void> {
  const speed = new TrainingSpeed(bench.size === "full" ? 15 : bench.size === "quick" ? 5 : 1);
  const warmups = bench.size === "tiny" ? 0 : 1;
  const speeds = { written: [] as number[], silent: [] as number[] };
  const measure = async (which: keyof typeof speeds) => {
    const value = await speed.measure(which === "written");
    speeds[which].push(value);
    return [value];
  };
  try {
    await bench.compare({
      name: "quickstart's PPO, training loop alone",
      quantities: [{ name: "", unit: "environment steps/s", better: "more" }],
      contenders: [
        own("metrics, TensorBoard and checkpoints", () => measure("written")),
        own("nothing written", () => measure("silent")),
      ],
      rounds: bench.rounds(7),
      warmups,
    });
    const costs = speeds.written.map((all, i) => 100 * (1 - all / speeds.silent[i]!)).slice(warmups);
    bench.keep("cost of full logging and checkpoints", "greekgym", "% of throughput", costs);
  } finally {
    speed.close();
  }
}
