import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { referenceEngine } from "../../../models/kernel/reference.ts";
import type { Engine } from "../../../src/core/contracts/network.ts";
import type { RecurrentNetwork } from "../../../src/core/contracts/recurrent.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

const engines: Engine[] = [referenceEngine, kernelEngine()];

function fill(array: Float32Array, random: Random, scale: number): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  return array;
}

interface Sequences {
  steps: number;
  batch: number;
  x: Float32Array;
  state: Float32Array;
  resets: Uint8Array;
  dy: Float32Array;
}

function sequences(inputs: number, hidden: number, steps: number, batch: number, seed: number): Sequences {
  const random = new Random(seed, "sequences");
  return {
    steps,
    batch,
    x: fill(new Float32Array(steps * batch * inputs), random, 1),
    state: fill(new Float32Array(batch * hidden), random, 0.5),
    resets: Uint8Array.from({ length: steps * batch }, () => (random.uniform() < 0.2 ? 1 : 0)),
    dy: fill(new Float32Array(steps * batch * hidden), random, 1),
  };
}

function network(engine: Engine, inputs: number, hidden: number, seed: number): RecurrentNetwork {
  const gru = engine.gru!(inputs, hidden);
  fill(gru.parameters.values, new Random(seed, "weights"), 0.5);
  return gru;
}

/** Everything that one pass gives. */
function pass(gru: RecurrentNetwork, s: Sequences) {
  gru.zeroGradients();
  const y = gru.forward(s.x, s.steps, s.batch, s.state, s.resets).slice();
  const { dx, dState } = gru.backward(s.dy);
  return { y, dx: dx.slice(), dState: dState.slice(), gradients: gru.parameters.gradients.slice() };
}

/** The definition, in float64: L = sum(dy * y). */
function loss(inputs: number, hidden: number, p: Float32Array, s: Sequences): number {
  const width = 3 * hidden;
  const [b, u] = [inputs * width, (inputs + 1) * width];
  const c = u + hidden * width;
  const logistic = (v: number) => 1 / (1 + Math.exp(-v));
  let sum = 0;
  for (let row = 0; row < s.batch; row++) {
    let h = [...s.state.subarray(row * hidden, (row + 1) * hidden)];
    for (let t = 0; t < s.steps; t++) {
      const at = t * s.batch + row;
      if (s.resets[at]) h = h.map(() => 0);
      const fromX = (j: number) =>
        s.x.subarray(at * inputs, (at + 1) * inputs).reduce((v, x, i) => v + x * p[i * width + j]!, p[b + j]!);
      const start = h;
      const fromH = (j: number) => start.reduce((v, x, i) => v + x * p[u + i * width + j]!, p[c + j]!);
      h = start.map((before, j) => {
        const r = logistic(fromX(j) + fromH(j));
        const z = logistic(fromX(hidden + j) + fromH(hidden + j));
        const n = Math.tanh(fromX(2 * hidden + j) + r * fromH(2 * hidden + j));
        return (1 - z) * n + z * before;
      });
      for (let j = 0; j < hidden; j++) sum += s.dy[at * hidden + j]! * h[j]!;
    }
  }
  return sum;
}

/** Largest |a - b| relative to the largest |b|, or to 1e-3 where b is small. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let scale = 1e-3;
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    scale = Math.max(scale, Math.abs(b[i]!));
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  }
  return worst / scale;
}

describe.each(engines.map((engine) => [engine.name, engine] as const))("the %s engine's GRU", (_name, engine) => {
  it("gives PyTorch's outputs and gradients, a reset in the middle", () => {
    // torch 2.15 float64: nn.GRU(2, 3) stepped three times over two rows, row 1 reset before step 1; weights [3H, in] are ours transposed.
    const gru = engine.gru!(2, 3);
    const [inputs, hidden, width] = [2, 3, 9];
    let n = 0;
    const next = () => (((n++ * 7) % 13) - 6) / 8;
    const { values } = gru.parameters;
    const [b, u, c] = [18, 27, 54];
    for (let j = 0; j < width; j++) for (let i = 0; i < inputs; i++) values[i * width + j] = next();
    for (let j = 0; j < width; j++) for (let i = 0; i < hidden; i++) values[u + i * width + j] = next();
    for (let j = 0; j < width; j++) values[b + j] = next();
    for (let j = 0; j < width; j++) values[c + j] = next();
    const s = {
      steps: 3,
      batch: 2,
      x: Float32Array.from({ length: 12 }, (_, k) => (((k * 5) % 11) - 5) / 4),
      state: Float32Array.from({ length: 6 }, (_, k) => (((k * 3) % 7) - 3) / 4),
      resets: Uint8Array.from([0, 0, 0, 1, 0, 0]),
      dy: Float32Array.from({ length: 18 }, (_, k) => (((k * 4) % 9) - 4) / 4),
    };
    const { y, dx, dState, gradients } = pass(gru, s);
    const torch = {
      y: [
        -0.633754720676, -0.155226760344, 0.578146989243, -0.019645104774, 0.347320149203, -0.125541493422,
        -0.28230106161, -0.007817817881, 0.57121433669, 0.198975530238, 0.105530509052, 0.206451880521, 0.069089954251,
        0.153232570694, 0.593606433298, 0.418572329904, 0.231876162942, 0.381441158585,
      ],
      dx: [
        -0.008577101636, 0.198118933646, -0.11069304711, 0.071364709564, -0.012750741211, 0.234620382961,
        0.074124818636, -0.078978250618, -0.012554709505, -0.225147889426, -0.000932295174, 0.196512248484,
      ],
      dState: [-0.476434975121, -0.259384750768, 0.939091815365, -0.300534246468, 0.382189117021, -0.435918761566],
      dInputWeight: [
        -0.005471487754, -0.000596848025, 0.101413705404, 0.013684620907, 0.019302911421, 0.000829563389,
        -0.03068538835, -0.010951002449, 0.088781453315, -0.021298785549, -0.16467969279, 0.131994639661,
        -0.071777244857, 0.059475783798, 0.302491545491, 0.320382295313, -0.280356575747, -0.129138594567,
      ],
      dHiddenWeight: [
        -0.003962241922, -0.000848869703, 0.004246113997, -0.006709507582, 0.067927571125, -0.08344770411,
        -0.003941170411, 0.009203351755, -0.010164155314, -0.07286512038, 0.011072688789, 0.043303483822,
        -0.00384685884, 0.020689390204, -0.030632954193, -0.1330544275, 0.052053972522, 0.042120907038, 0.057419213855,
        -0.002997180266, -0.044692366568, -0.02948680728, 0.121622904891, -0.190000334767, -0.009581720863,
        -0.01690971467, 0.039166518074,
      ],
      dInputBias: [
        0.006231797121, 0.042273004905, 0.010678679168, 0.122336922576, 0.047955318198, 0.044196508127, -0.330289141338,
        -0.176038903576, 0.201781365874,
      ],
      dHiddenBias: [
        0.006231797121, 0.042273004905, 0.010678679168, 0.122336922576, 0.047955318198, 0.044196508127, -0.084542990872,
        -0.095299216699, 0.054863477081,
      ],
    };
    expect(distance(y, torch.y)).toBeLessThan(1e-6);
    expect(distance(dx, torch.dx)).toBeLessThan(2e-6);
    expect(distance(dState, torch.dState)).toBeLessThan(2e-6);
    const rowsFirst = (from: number, rows: number) =>
      Array.from({ length: rows * width }, (_, k) => gradients[from + (k % rows) * width + Math.floor(k / rows)]!);
    expect(distance(rowsFirst(0, inputs), torch.dInputWeight)).toBeLessThan(2e-6);
    expect(distance(rowsFirst(u, hidden), torch.dHiddenWeight)).toBeLessThan(2e-6);
    expect(distance(gradients.subarray(b, u), torch.dInputBias)).toBeLessThan(2e-6);
    expect(distance(gradients.subarray(c), torch.dHiddenBias)).toBeLessThan(2e-6);
  });

  it("matches central differences of the float64 definition in all parameters, inputs and the initial state", () => {
    const [inputs, hidden] = [3, 5];
    const gru = network(engine, inputs, hidden, 1);
    const s = sequences(inputs, hidden, 4, 3, 1);
    const { dx, dState, gradients } = pass(gru, s);
    const p = gru.parameters.values.slice();
    const difference = (array: Float32Array) =>
      array.map((centre, i) => {
        array[i] = centre + 1e-3;
        const [up, upper] = [array[i]!, loss(inputs, hidden, p, s)];
        array[i] = centre - 1e-3;
        const [down, lower] = [array[i]!, loss(inputs, hidden, p, s)];
        array[i] = centre;
        return (upper - lower) / (up - down);
      });
    expect(distance(gradients, difference(p))).toBeLessThan(1e-4);
    expect(distance(dx, difference(s.x))).toBeLessThan(1e-4);
    expect(distance(dState, difference(s.state))).toBeLessThan(1e-4);
  });

  it("goes on from its own last state as if it had never stopped, in place of zeros where a row is reset", () => {
    const gru = network(engine, 4, 7, 2);
    const s = sequences(4, 7, 6, 5, 2);
    const whole = gru.forward(s.x, 6, 5, s.state, s.resets).slice();
    const first = gru.forward(s.x.slice(0, 60), 3, 5, s.state, s.resets.slice(0, 15)).slice();
    // The view itself is passed back in.
    const last = gru.forward(s.x.slice(0, 60), 3, 5, s.state, s.resets.slice(0, 15)).subarray(70);
    const rest = gru.forward(s.x.slice(60), 3, 5, last, s.resets.slice(15)).slice();
    expect([...first, ...rest]).toEqual([...whole]);
    const fresh = gru.forward(s.x.slice(0, 20), 1, 5).slice();
    const reset = gru.forward(s.x.slice(0, 20), 1, 5, s.state, new Uint8Array(5).fill(1)).slice();
    expect(reset).toEqual(fresh);
    // A reset cuts the gradient too.
    gru.forward(
      s.x,
      6,
      5,
      s.state,
      Uint8Array.from({ length: 30 }, (_, i) => (i < 5 ? 1 : 0)),
    );
    expect([...gru.backward(s.dy).dState].every((d) => d === 0)).toBe(true);
  });

  it("accumulates gradients until they are zeroed, and learns to remember a sign for eight steps", () => {
    const gru = network(engine, 1, 8, 3);
    const optimiser = engine.adam({ learningRate: 0.02 });
    const random = new Random(3, "signs");
    let error = 1;
    for (let k = 0; k < 250; k++) {
      const batch = 32;
      const signs = Float32Array.from({ length: batch }, () => (random.uniform() < 0.5 ? -1 : 1));
      const x = new Float32Array(8 * batch);
      x.set(signs);
      const y = gru.forward(x, 8, batch);
      const dy = new Float32Array(8 * batch * 8);
      error = 0;
      for (let b = 0; b < batch; b++) {
        const at = (7 * batch + b) * 8;
        const d = y[at]! - 0.5 * signs[b]!;
        error += (d * d) / batch;
        dy[at] = (2 * d) / batch;
      }
      gru.zeroGradients();
      gru.backward(dy);
      const once = gru.parameters.gradients.slice();
      if (k === 0) {
        gru.backward(dy);
        const twice = once.map((g) => 2 * g);
        expect(distance(gru.parameters.gradients, twice)).toBeLessThan(1e-6);
        gru.parameters.gradients.set(once);
      }
      gru.step(optimiser);
    }
    expect(error).toBeLessThan(0.01);
  });

  it("refuses wrong sizes, short arrays and a backward without forward", () => {
    expect(() => engine.gru!(0, 3)).toThrow(ContractError);
    const gru = engine.gru!(2, 3);
    expect(() => gru.backward(new Float32Array(6))).toThrow(/Call forward first/);
    expect(() => gru.forward(new Float32Array(3), 2, 1)).toThrow(/"x" is too short/);
    expect(() => gru.forward(new Float32Array(4), 2, 1, new Float32Array(2))).toThrow(/"state" is too short/);
    expect(() => gru.forward(new Float32Array(4), 2, 1, undefined, new Uint8Array(1))).toThrow(/"resets" is too short/);
    expect(() => gru.forward(new Float32Array(4), 0, 1)).toThrow(/at least one step/);
    gru.forward(new Float32Array(4), 2, 1);
    expect(() => gru.backward(new Float32Array(5))).toThrow(/"dy" is too short/);
  });
});

describe("the kernel's GRU", () => {
  it("agrees with the reference on everything, for any shape, in one network that grows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.integer({ min: 0, max: 1e6 }),
        (inputs, hidden, shapes, seed) => {
          const gru = network(kernelEngine(), inputs, hidden, seed);
          const reference = network(referenceEngine, inputs, hidden, seed);
          for (const [steps, batch] of shapes) {
            const s = sequences(inputs, hidden, steps, batch, seed);
            const [found, expected] = [pass(gru, s), pass(reference, s)];
            expect(distance(found.y, expected.y)).toBeLessThan(5e-6);
            for (const which of ["dx", "dState", "gradients"] as const)
              expect(distance(found[which], expected[which]), which).toBeLessThan(5e-5);
          }
        },
      ),
      { seed: 3, numRuns: 60 },
    );
  });

  it("gives a sequence the same bits whatever batch it is in", () => {
    const gru = network(kernelEngine(), 5, 11, 4);
    const s = sequences(5, 11, 3, 9, 4);
    const together = gru.forward(s.x, 3, 9, s.state).slice();
    for (let b = 0; b < 9; b++) {
      const x = new Float32Array(15);
      for (let t = 0; t < 3; t++) x.set(s.x.subarray((t * 9 + b) * 5, (t * 9 + b + 1) * 5), t * 5);
      const alone = gru.forward(x, 3, 1, s.state.slice(b * 11, (b + 1) * 11));
      for (let t = 0; t < 3; t++)
        expect(alone.slice(t * 11, (t + 1) * 11)).toEqual(together.slice((t * 9 + b) * 11, (t * 9 + b + 1) * 11));
    }
  });
});
