import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { trainingEngine } from "../../../models/kernel/engine.ts";
import type { KernelTeam } from "../../../models/kernel/team.ts";
import { clipGlobalNorm } from "../../../models/optim/clip.ts";
import { spawnThread, threadsToUse } from "../../../src/cli/training-threads.ts";
import type { Engine, Network } from "../../../src/core/contracts/network.ts";
import { Random } from "../../../src/core/random.ts";
import { startThreads } from "../../../src/train/parallel/threads.ts";

const teams: KernelTeam[] = [];
function team(workers: number): KernelTeam {
  const { team } = startThreads(workers, spawnThread());
  teams.push(team);
  return team;
}
afterAll(() => {
  for (const t of teams) t.close();
});

const alone = team(1);
const several = [team(2), team(3)];

function fill(array: Float32Array, name: string, scale = 1): Float32Array {
  const random = new Random(1, name);
  for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  return array;
}

function network(engine: Engine, sizes: readonly number[]): Network {
  const made = engine.mlp(sizes, "tanh");
  fill(made.parameters.values, `weights ${sizes}`, 0.4);
  return made;
}

function bits(...arrays: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex");
}

/** More networks than one job takes; the largest has parameters enough for several pieces of a step. */
const SIZES = [[5, 160, 160, 3], [5, 7, 1], [5, 64, 64, 2], ...Array.from({ length: 9 }, (_, i) => [5, 3 + i, 1])];

/** The bits after some gradient steps of all networks at once, in chunks as learners do, clipped and not. */
function history(engine: Engine, sizes: readonly (readonly number[])[]): string[] {
  const nets = sizes.map((s) => network(engine, s));
  const optimisers = nets.map(() => engine.adam({ learningRate: 1e-2 }));
  const together = engine.together!;
  const sets = nets.map(({ parameters }) => parameters);
  return [1, 64, 300, 65, 40, 500].map((batch, k) => {
    const dys = nets.map((net) => fill(new Float32Array(batch * net.outputs), `dy ${batch} ${net.outputs}`));
    for (const net of nets) net.zeroGradients();
    const ys: Float32Array[] = [];
    for (const chunk of [0, 1]) {
      const x = fill(engine.array(batch * 5), `x ${batch} ${chunk}`);
      together(() => {
        for (const [i, net] of nets.entries()) ys[i] = net.forward(x, batch);
      });
      together(() => {
        for (const [i, net] of nets.entries()) net.accumulate(dys[i]!, batch);
      });
    }
    const norm = clipGlobalNorm(sets, k % 2 === 0 ? 0.5 : 1e9, together);
    together(() => {
      for (const [i, net] of nets.entries()) net.step(optimisers[i]!);
    });
    const gradients = sets.map((set) => set.gradients);
    return `${norm} ${bits(...ys, ...gradients, ...sets.map((set) => set.values))}`;
  });
}

/** The same without `together`. */
function plainHistory(engine: Engine, sizes: readonly (readonly number[])[]): string[] {
  return history({ ...engine, together: (work) => work() }, sizes);
}

/** What some calls inside `together` come to: the same for one thread and for several. */
type Calls = (engine: Engine, a: Network, b: Network, x: Float32Array) => unknown;

function outcome(engine: Engine, calls: Calls): string {
  const [a, b] = [network(engine, [5, 30, 2]), network(engine, [2, 9, 1])];
  const x = fill(engine.array(5 * 128), "x");
  a.forward(x, 128);
  a.accumulate(fill(new Float32Array(2 * 128), "dy"), 128);
  const found = calls(engine, a, b, x);
  return `${found} ${bits(a.parameters.gradients, a.parameters.values, b.parameters.gradients, b.parameters.values)}`;
}

const ORDERS: Record<string, Calls> = {
  "a step after a pass that is still to be done, of gradients that no team computed": (engine, a, _, x) => {
    a.forward(x, 3);
    a.accumulate(fill(new Float32Array(6), "few"), 3);
    let y!: Float32Array;
    engine.together!(() => {
      y = a.forward(x, 128);
      a.step(engine.adam({ learningRate: 0.1 }));
    });
    return bits(y);
  },
  "a norm that is read inside": (engine, a, b) => {
    let norm = 0;
    engine.together!(() => {
      norm = clipGlobalNorm([a.parameters, b.parameters], 0.5, engine.together);
    });
    return norm;
  },
  "a network on another's output": (engine, a, b, x) => {
    let y!: Float32Array;
    engine.together!(() => {
      y = b.forward(a.forward(x, 128), 128);
    });
    return bits(y);
  },
  "gradients read inside, after they are set to 0": (engine, a) => {
    let sum = 0;
    engine.together!(() => {
      a.step(engine.adam({ learningRate: 0.1 }));
      a.zeroGradients();
      sum = a.parameters.gradients.reduce((s, g) => s + g, 0);
    });
    return sum;
  },
  "gradients written inside": (engine, a, _, x) => {
    engine.together!(() => {
      a.forward(x, 128);
      a.accumulate(fill(new Float32Array(2 * 128), "more"), 128);
      a.parameters.gradients.fill(1);
      a.step(engine.adam({ learningRate: 0.1 }));
    });
    return 0;
  },
  "an error in the work": (engine, a, _, x) => {
    a.zeroGradients();
    try {
      engine.together!(() => {
        a.forward(x, 128);
        a.accumulate(fill(new Float32Array(2 * 128), "more"), 128);
        throw new RangeError("of the work");
      });
    } catch (error) {
      return (error as Error).message;
    }
    return "no error";
  },
};

describe("what a team computes together", () => {
  it("is computed by several threads: else these tests would compare one with itself", () => {
    expect(threadsToUse(3)).toBe(3);
    expect(several.map((t) => t.worthSharing(64))).toEqual([true, true]);
  });

  it.each(Object.entries(ORDERS))("is what one thread makes of %s", (_, calls) => {
    for (const shards of [1, 3]) {
      const engine = trainingEngine(shards, alone);
      const expected = outcome({ ...engine, together: (work) => work() }, calls);
      for (const t of [alone, ...several])
        expect(outcome(trainingEngine(shards, t), calls), `${t.members} threads, ${shards} shards`).toBe(expected);
    }
  });

  it("is done by the leader alone once the team is closed", () => {
    const own = team(2);
    const calls: Calls = (engine, a, _, x) => {
      own.close();
      clipGlobalNorm([a.parameters], 0.5, engine.together);
      a.step(engine.adam({ learningRate: 0.1 }));
      let y!: Float32Array;
      engine.together!(() => {
        y = a.forward(x, 128);
      });
      return bits(y);
    };
    expect(outcome(trainingEngine(2, own), calls)).toBe(outcome(trainingEngine(2, alone), calls));
  });

  it.each([1, 2, 3, 4])("has the bits of one call after another, with %d shards", (shards) => {
    for (const sizes of [SIZES.slice(0, 2), SIZES]) {
      const expected = plainHistory(trainingEngine(shards, alone), sizes);
      expect(new Set(expected).size).toBe(expected.length);
      expect(history(trainingEngine(shards, alone), sizes)).toEqual(expected);
      for (const t of several) {
        expect(history(trainingEngine(shards, t), sizes), `${t.members} threads`).toEqual(expected);
        expect(plainHistory(trainingEngine(shards, t), sizes), `${t.members} threads`).toEqual(expected);
      }
    }
  });

  it("keeps the order of what needs another's result", () => {
    const run = (engine: Engine, together: (work: () => void) => void) => {
      const [a, b] = [network(engine, [5, 30, 2]), network(engine, [5, 9, 1])];
      const optimiser = engine.adam({ learningRate: 0.1 });
      const [x, other] = [fill(engine.array(5 * 128), "x"), fill(engine.array(5 * 128), "other")];
      const [da, db] = [fill(new Float32Array(256), "da"), fill(new Float32Array(128), "db")];
      let y = new Float32Array(0) as Float32Array;
      together(() => {
        a.forward(other, 128);
        a.forward(x, 128);
        b.forward(x, 128);
        // The same network twice in a row, each time for another gradient.
        a.accumulate(da, 128);
        b.accumulate(db, 128);
        b.accumulate(
          db.map((d) => -3 * d),
          128,
        );
        a.step(optimiser);
        a.zeroGradients();
        b.step(optimiser);
        // Too few rows for a team, after steps that are still to be done.
        b.forward(x, 3);
        y = a.forward(other, 128);
      });
      return bits(y, b.forward(x, 3), a.parameters.gradients, b.parameters.gradients, a.parameters.values);
    };
    for (const shards of [1, 3]) {
      const expected = run(trainingEngine(shards, alone), (work) => work());
      for (const t of several) {
        const engine = trainingEngine(shards, t);
        expect(run(engine, engine.together!)).toBe(expected);
      }
    }
  });

  it("takes one inside another as part of it", () => {
    for (const t of several) {
      const engine = trainingEngine(2, t);
      const [a, b] = [network(engine, [5, 30, 2]), network(engine, [5, 9, 1])];
      const x = fill(engine.array(5 * 128), "x");
      const expected = bits(a.forward(x, 128).slice(), b.forward(x, 128));
      x.fill(0);
      a.forward(x, 128);
      fill(x, "x");
      let [ya, yb] = [x, x];
      engine.together!(() => {
        ya = a.forward(x, 128);
        engine.together!(() => {
          yb = b.forward(x, 128);
        });
      });
      expect(bits(ya, yb)).toBe(expected);
    }
  });
});

describe("gradients set to 0", () => {
  it.each([1, 3])("are 0 when read, and what is added next stands alone, with %d shards", (shards) => {
    for (const t of [alone, ...several]) {
      const engine = trainingEngine(shards, t);
      const net = network(engine, [5, 30, 2]);
      const x = fill(engine.array(5 * 128), "x");
      const dy = fill(new Float32Array(2 * 128), "dy");
      const once = () => {
        net.forward(x, 128);
        net.accumulate(dy, 128);
      };
      once();
      const expected = net.parameters.gradients.slice();
      expect(expected.some((g) => g !== 0)).toBe(true);
      net.zeroGradients();
      expect(net.parameters.gradients.every((g) => g === 0)).toBe(true);
      once();
      expect(net.parameters.gradients).toEqual(expected);
      net.zeroGradients();
      once();
      net.zeroGradients();
      once();
      expect(net.parameters.gradients).toEqual(expected);
      once();
      net.parameters.gradients.forEach((g, i) => void expect(g / expected[i]!).toBeCloseTo(2, 4));
      // Written by hand, then added to.
      net.parameters.gradients.fill(0);
      once();
      expect(net.parameters.gradients).toEqual(expected);
    }
  });
});
