import { kernelEngine } from "../models/kernel/engine.ts";
import { referenceEngine } from "../models/kernel/reference.ts";
import type { Engine } from "../src/core/contracts/network.ts";
import { Random } from "../src/core/random.ts";
import { type Bench, own } from "./bench.ts";
import { kernelParts } from "./kernel-parts.ts";
import { rate } from "./measure.ts";
import { SIMD_OPERATIONS, simdPeak } from "./simd-peak.ts";

const WIDTH = 64;
const LAYERS = 2;

function normals(length: number, seed: number): Float32Array {
  const random = new Random(seed, "bench");
  return Float32Array.from({ length }, () => 0.2 * random.normal());
}

/** A network of layers of 64 units and what it is fed. Tanh is what agents use; identity leaves the matrix products bare. */
function work(engine: Engine, batch: number, activation: "tanh" | "identity") {
  const network = engine.mlp([...Array.from({ length: LAYERS }, () => WIDTH), WIDTH], activation);
  network.parameters.values.set(normals(network.parameters.values.length, 1));
  const x = engine.array(batch * WIDTH);
  x.set(normals(batch * WIDTH, 2));
  return { network, x, dy: normals(batch * WIDTH, 3) };
}

const GFLOPS = { name: "", unit: "GFLOP/s", better: "more" } as const;

/**
 * GFLOP/s of 64-64-64 networks: 2 operations a weight and row forward, 4 more backward (tanh and bias not counted), and the share of what
 * 128-bit SIMD can do on this core, measured in the same turns.
 */
export async function kernels(bench: Bench): Promise<void> {
  const seconds = bench.seconds(0.15);
  const rounds = bench.rounds(7);
  const peak = simdPeak();
  for (const batch of [1, 256, 1024])
    for (const pass of ["forward", "forward+backward"] as const) {
      const times = pass === "forward" ? 1 : 3;
      const operations = (times * 2 * LAYERS * WIDTH * WIDTH * batch) / 1e9;
      const cases = [
        { engine: kernelEngine(), activation: "tanh" },
        { engine: kernelEngine(), activation: "identity" },
        { engine: referenceEngine, activation: "tanh" },
      ] as const;
      const contenders = cases.map(({ engine, activation }) => {
        const { network, x, dy } = work(engine, batch, activation);
        const forward = () => network.forward(x, batch);
        const both = () => {
          network.forward(x, batch);
          network.backward(dy, batch);
        };
        return own(`${engine.name}, ${activation}`, () =>
          rate(pass === "forward" ? forward : both, operations, seconds),
        );
      });
      const simd = own("128-bit SIMD peak", () => rate(peak, SIMD_OPERATIONS / 1e9, seconds));
      const name = `${WIDTH}-${WIDTH}-${WIDTH} network, batch ${batch}, ${pass}`;
      const { results } = await bench.compare({
        name,
        quantities: [GFLOPS],
        contenders: [...contenders, simd],
        rounds,
        warmups: 1,
      });
      const of = (contender: string) => results.find((r) => r.contender === contender)!.median;
      for (const activation of ["tanh", "identity"])
        bench.keep(`${name}, share of the SIMD peak`, `kernel, ${activation}`, "%", [
          (100 * of(`kernel, ${activation}`)) / of("128-bit SIMD peak"),
        ]);
    }
  const steps = [referenceEngine, kernelEngine()].map((engine) => {
    const { network } = work(engine, 1, "tanh");
    const optimiser = engine.adam({ learningRate: 1e-6 });
    const parameters = network.parameters.values.length;
    return own(engine.name, () => rate(() => network.step(optimiser), parameters / 1e6, seconds));
  });
  const quantity = { name: "", unit: "million parameters/s", better: "more" } as const;
  await bench.compare({ name: "Adam step", quantities: [quantity], contenders: steps, rounds, warmups: 1 });
  await kernelParts(bench);
}
