import { describe, expect, it } from "vitest";
import { vectorParameters } from "../../../models/distributions/distribution.ts";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { referenceEngine } from "../../../models/kernel/reference.ts";
import type { Network, ParameterSet } from "../../../src/core/contracts/network.ts";
import { ContractError, CorruptFileError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

const engines = [referenceEngine, kernelEngine()].map((engine) => [engine.name, engine] as const);

function fill(array: Float32Array, random: Random): void {
  for (let i = 0; i < array.length; i++) array[i] = random.normal();
}

describe.each(engines)("Adam of the %s engine", (_name, engine) => {
  it("follows the paper's recursion, in float64, over ten steps", () => {
    const network = engine.mlp([3, 2], "tanh");
    const n = network.parameters.values.length;
    const random = new Random(1, "adam");
    fill(network.parameters.values, random);
    const value = Float64Array.from(network.parameters.values);
    const [m, v] = [new Float64Array(n), new Float64Array(n)];
    const optimiser = engine.adam({ learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-5 });
    for (let t = 1; t <= 10; t++) {
      fill(network.parameters.gradients, random);
      const g = network.parameters.gradients.slice();
      network.step(optimiser);
      for (let i = 0; i < n; i++) {
        m[i] = 0.8 * m[i]! + 0.2 * g[i]!;
        v[i] = 0.95 * v[i]! + 0.05 * g[i]! ** 2;
        value[i]! -= (0.01 * (m[i]! / (1 - 0.8 ** t))) / (Math.sqrt(v[i]! / (1 - 0.95 ** t)) + 1e-5);
      }
    }
    for (let i = 0; i < n; i++) expect(network.parameters.values[i]).toBeCloseTo(value[i]!, 5);
  });

  it("decays weights apart from the gradient's step (AdamW), at the learning rate of the moment", () => {
    const network = engine.mlp([3, 2], "tanh");
    const n = network.parameters.values.length;
    const random = new Random(6, "adamw");
    fill(network.parameters.values, random);
    const value = Float64Array.from(network.parameters.values);
    const [m, v] = [new Float64Array(n), new Float64Array(n)];
    const optimiser = engine.adam({ learningRate: 0.01, weightDecay: 0.3, epsilon: 1e-5 });
    for (let t = 1; t <= 10; t++) {
      optimiser.learningRate = 0.01 / t;
      fill(network.parameters.gradients, random);
      const g = network.parameters.gradients.slice();
      network.step(optimiser);
      for (let i = 0; i < n; i++) {
        m[i] = 0.9 * m[i]! + 0.1 * g[i]!;
        v[i] = 0.999 * v[i]! + 0.001 * g[i]! ** 2;
        value[i]! *= 1 - (0.01 / t) * 0.3;
        value[i]! -= ((0.01 / t) * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-5);
      }
    }
    for (let i = 0; i < n; i++) expect(network.parameters.values[i]).toBeCloseTo(value[i]!, 5);
    expect(() => engine.adam({ learningRate: 1, weightDecay: -1 })).toThrow(/weightDecay/);
  });

  it("gives what PyTorch 2.15's AdamW gives", () => {
    // p = torch.tensor([...], dtype=torch.float64); torch.optim.AdamW([p], lr=0.01, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.1), 5 steps.
    const network = engine.mlp([4, 1], "tanh");
    const { values, gradients } = network.parameters;
    values.set([0.5, -1.25, 2, 0.001, -3]);
    const optimiser = engine.adam({ learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-5, weightDecay: 0.1 });
    for (let t = 1; t <= 5; t++) {
      gradients.set([0.1 * t, -0.2, 0.3 * (-1) ** t, 0, 1 / t]);
      network.step(optimiser);
    }
    const torch = [
      0.4480389230639426, -1.193864882436492, 2.003391747523279, 0.000995009990004999, -3.0278107520296507,
    ];
    for (const [i, value] of torch.entries())
      expect(Math.abs(network.parameters.values[i]! / value - 1)).toBeLessThan(1e-6);
  });

  it("only shrinks weights whose gradient stays 0, and leaves them alone without decay", () => {
    for (const weightDecay of [0, 0.5]) {
      const network = engine.mlp([2, 2], "tanh");
      network.parameters.values.fill(2);
      const optimiser = engine.adam({ learningRate: 0.1, weightDecay });
      for (let k = 0; k < 3; k++) network.step(optimiser);
      for (const w of network.parameters.values) expect(w).toBeCloseTo(2 * (1 - 0.1 * weightDecay) ** 3, 6);
    }
  });

  it("moves each parameter by the learning rate against its gradient in the first step", () => {
    const network = engine.mlp([1, 1], "tanh");
    network.parameters.gradients.set([5, -0.01]);
    network.step(engine.adam({ learningRate: 0.1 }));
    expect(network.parameters.values[0]).toBeCloseTo(-0.1, 6);
    expect(network.parameters.values[1]).toBeCloseTo(0.1, 6);
  });

  it("goes on bit for bit in a new process from a saved state, with several parameter sets", () => {
    const make = (): ParameterSet[] => [
      engine.mlp([5, 7], "relu").parameters,
      vectorParameters("log_std", new Float32Array(3)),
    ];
    const first = make();
    const random = new Random(2, "adam");
    const a = engine.adam({ learningRate: 0.01 });
    const step = (optimiser: typeof a, sets: ParameterSet[], gradients: Float32Array[]) => {
      for (const [i, set] of sets.entries()) {
        set.gradients.set(gradients[i]!);
        optimiser.update(set);
      }
    };
    const draw = () =>
      first.map((set) => {
        const g = new Float32Array(set.values.length);
        fill(g, random);
        return g;
      });
    for (let k = 0; k < 3; k++) step(a, first, draw());
    const saved = a.saveState();
    const second = make();
    for (const [i, set] of second.entries()) set.values.set(first[i]!.values);
    const b = engine.adam({ learningRate: 1 });
    b.loadState(saved);
    for (let k = 0; k < 3; k++) {
      const gradients = draw();
      step(a, first, gradients);
      step(b, second, gradients);
    }
    for (const [i, set] of second.entries()) expect(set.values).toEqual(first[i]!.values);
    expect(b.saveState()).toEqual(a.saveState());
    expect(saved).not.toEqual(a.saveState());
    // Loading into an optimiser that is in use goes back.
    a.loadState(saved);
    expect(a.saveState()).toEqual(saved);
  });

  it("refuses states and options that do not fit, and is then unchanged", () => {
    const network = engine.mlp([2, 2], "tanh");
    const optimiser = engine.adam({ learningRate: 0.1 });
    network.parameters.gradients.fill(1);
    network.step(optimiser);
    const before = optimiser.saveState();
    const other = engine.adam({ learningRate: 0.5 });
    engine.mlp([3, 3], "tanh").step(other);
    expect(() => optimiser.loadState(other.saveState())).toThrow(ContractError);
    expect(() => optimiser.loadState({ learningRate: 0.1, sets: [{ steps: 1 }] })).toThrow(CorruptFileError);
    expect(() => optimiser.loadState({ learningRate: 0.1, sets: 3 })).toThrow(CorruptFileError);
    expect(optimiser.saveState()).toEqual(before);
    const late = engine.adam({ learningRate: 0.1 });
    late.loadState(other.saveState());
    expect(() => network.step(late)).toThrow(/another size/);
    expect(() => engine.adam({ learningRate: -1 })).toThrow(ContractError);
    expect(() => engine.adam({ learningRate: 1, beta2: 1 })).toThrow(ContractError);
    expect(() => engine.adam({ learningRate: 1, epsilon: 0 })).toThrow(ContractError);
  });
});

describe("Adam", () => {
  it.each([0, 0.01])("gives the same bits in both engines, tails included (weight decay %d)", (weightDecay) => {
    for (const sizes of [
      [1, 1],
      [2, 1],
      [5, 7],
      [17, 5, 3],
    ]) {
      const random = new Random(3, "adam");
      const networks = [referenceEngine.mlp(sizes, "tanh"), kernelEngine().mlp(sizes, "tanh")] as const;
      const optimisers = [
        referenceEngine.adam({ learningRate: 3e-4, epsilon: 1e-5, weightDecay }),
        kernelEngine().adam({ learningRate: 3e-4, epsilon: 1e-5, weightDecay }),
      ] as const;
      const start = new Float32Array(networks[0].parameters.values.length);
      fill(start, random);
      for (const network of networks) network.parameters.values.set(start);
      for (let k = 0; k < 20; k++) {
        const g = new Float32Array(start.length);
        fill(g, random);
        for (const i of [0, 1] as const) {
          networks[i].parameters.gradients.set(g);
          networks[i].step(optimisers[i]);
        }
      }
      expect(networks[1].parameters.values).toEqual(networks[0].parameters.values);
      expect(networks[0].parameters.values).not.toEqual(start);
      expect(optimisers[1].saveState()).toEqual(optimisers[0].saveState());
    }
  });

  it("fits a function that a linear map cannot: exclusive or", () => {
    const network: Network = kernelEngine().mlp([2, 8, 1], "tanh");
    const random = new Random(4, "xor");
    for (let i = 0; i < network.parameters.values.length; i++) network.parameters.values[i] = random.normal();
    const optimiser = kernelEngine().adam({ learningRate: 0.05 });
    const x = new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]);
    const target = [0, 1, 1, 0];
    for (let k = 0; k < 400; k++) {
      const y = network.forward(x, 4);
      const dy = Float32Array.from(target, (t, i) => y[i]! - t);
      network.zeroGradients();
      network.backward(dy, 4);
      network.step(optimiser);
    }
    const y = network.forward(x, 4);
    for (const [i, t] of target.entries()) expect(Math.abs(y[i]! - t)).toBeLessThan(0.05);
  });
});
