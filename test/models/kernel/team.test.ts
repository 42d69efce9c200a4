import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { trainingEngine } from "../../../models/kernel/engine.ts";
import { KernelTeam, type MemberHandle, OTHER_WORK } from "../../../models/kernel/team.ts";
import { spawnThread, threadsToUse } from "../../../src/cli/training-threads.ts";
import type { Engine, Network } from "../../../src/core/contracts/network.ts";
import { GreekgymError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { startThreads } from "../../../src/train/parallel/threads.ts";

const teams: KernelTeam[] = [];
/** A team of the program's own threads. */
function team(workers: number): KernelTeam {
  const { team } = startThreads(workers, spawnThread());
  teams.push(team);
  return team;
}
afterAll(() => {
  for (const t of teams) t.close();
});

const alone = team(1);
const together = [team(2), team(3)];

function fill(array: Float32Array, name: string, scale = 1): Float32Array {
  const random = new Random(1, name);
  for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  return array;
}

function network(engine: Engine, sizes: readonly number[], activation: "tanh" | "relu" = "tanh"): Network {
  const made = engine.mlp(sizes, activation);
  fill(made.parameters.values, `weights ${sizes}`, 0.4);
  return made;
}

/** A hash of the bits: comparing large arrays number by number takes the test runner seconds. */
function bits(...arrays: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex");
}

/** The bits of all numbers that some batches and optimiser steps give, a hash a batch. */
function history(engine: Engine, net: Network, batches: readonly number[]): string[] {
  const all: string[] = [];
  const optimiser = engine.adam({ learningRate: 1e-2 });
  for (const [k, batch] of batches.entries()) {
    const x = fill(engine.array(batch * net.inputs), `x ${batch}`);
    const dy = fill(new Float32Array(batch * net.outputs), `dy ${batch}`);
    net.zeroGradients();
    const y = net.forward(x, batch).slice();
    let dx = new Float32Array(0);
    if (k % 2 === 0) dx = net.backward(dy, batch).slice();
    else net.accumulate(dy, batch);
    const gradients = net.parameters.gradients.slice();
    net.step(optimiser);
    all.push(bits(y, dx, gradients, net.parameters.values));
  }
  return all;
}

/** Batches below and above the shards, the tiles and the size from which threads share. */
const BATCHES = [1, 2, 3, 7, 63, 64, 65, 200, 257, 1000, 130];

describe("a team of threads", () => {
  it("is there: else these tests would compare one thread with itself", () => {
    expect(threadsToUse(3)).toBe(3);
    expect(together.map((t) => t.worthSharing(64))).toEqual([true, true]);
    expect(alone.worthSharing(64)).toBe(false);
  });

  it.each([1, 2, 3, 4, 8, 13])("gives the bits of one thread with %d gradient shards", (shards) => {
    for (const sizes of [
      [5, 17, 3],
      [24, 64, 64, 3],
      [1, 1],
    ])
      for (const activation of ["tanh", "relu"] as const) {
        const one = trainingEngine(shards, alone);
        const expected = history(one, network(one, sizes, activation), BATCHES);
        for (const t of together) {
          const many = trainingEngine(shards, t);
          expect(history(many, network(many, sizes, activation), BATCHES), `${sizes}, ${t.members}`).toEqual(expected);
        }
      }
  });

  it("sums gradients as the config's shards say, in their order", () => {
    const sizes = [3, 9, 2];
    for (const batch of [1, 5, 64, 257]) {
      const x = fill(new Float32Array(batch * 3), "x");
      const dy = fill(new Float32Array(batch * 2), "dy");
      const whole = network(trainingEngine(3, together[1]!), sizes);
      whole.forward(x, batch);
      whole.accumulate(dy, batch);
      // The definition: rows in fours, three even parts, each part's gradients alone, then their sum.
      const sum = new Float32Array(whole.parameters.values.length);
      const fours = Math.ceil(batch / 4);
      for (let s = 0; s < 3; s++) {
        const [from, to] = [s, s + 1].map((i) => Math.min(batch, 4 * Math.floor((fours * i) / 3))) as [number, number];
        const part = network(trainingEngine(1, alone), sizes);
        if (to > from) {
          part.forward(x.slice(3 * from, 3 * to), to - from);
          part.accumulate(dy.slice(2 * from, 2 * to), to - from);
        }
        for (let i = 0; i < sum.length; i++) sum[i]! += part.parameters.gradients[i]!;
      }
      expect(whole.parameters.gradients, `batch ${batch}`).toEqual(sum);
    }
  });

  it("computes on many networks in turn, each as if it were alone", () => {
    const shapes = [
      [4, 8, 2],
      [4, 33, 1],
      [7, 3],
      [24, 64, 64, 3],
    ];
    const shared = trainingEngine(4, together[1]!);
    const nets = shapes.map((sizes) => network(shared, sizes));
    const turns = [100, 300, 64];
    for (const batch of turns)
      for (const net of nets) {
        const x = fill(new Float32Array(batch * net.inputs), "x");
        const dy = fill(new Float32Array(batch * net.outputs), "dy");
        net.forward(x, batch);
        net.accumulate(dy, batch);
      }
    for (const [i, sizes] of shapes.entries()) {
      const single = network(trainingEngine(4, alone), sizes);
      for (const batch of turns) {
        single.forward(fill(new Float32Array(batch * single.inputs), "x"), batch);
        single.accumulate(fill(new Float32Array(batch * single.outputs), "dy"), batch);
      }
      expect(nets[i]!.parameters.gradients).toEqual(single.parameters.gradients);
    }
  });

  it("reads the engine's own arrays, and parts of them, where they are", () => {
    for (const t of [alone, ...together]) {
      const engine = trainingEngine(2, t);
      const net = network(engine, [2, 4, 1]);
      const own = fill(engine.array(2 * 300), "x");
      const dy = fill(new Float32Array(100), "dy");
      const gradients = (x: Float32Array) => {
        net.zeroGradients();
        net.forward(x, 100);
        net.accumulate(dy, 100);
        return net.parameters.gradients.slice();
      };
      for (const part of [own.subarray(0, 200), own.subarray(134, 334), own.subarray(400)])
        expect(gradients(part)).toEqual(gradients(part.slice()));
      // In place: what changes between the passes is seen by the second; a plain array was copied by the first.
      const plain = own.slice(0, 200);
      const before = gradients(plain);
      for (const [x, seen] of [
        [own, true],
        [plain, false],
      ] as const) {
        net.zeroGradients();
        net.forward(x, 100);
        x.fill(0, 0, 200);
        net.accumulate(dy, 100);
        expect(net.parameters.gradients.every((g, i) => g === before[i])).toBe(!seen);
      }
    }
  });

  it("goes on where the memory grows between two jobs: threads see what was there and what came", () => {
    for (const t of together) {
      const engine = trainingEngine(3, t);
      const net = network(engine, [6, 32, 2]);
      const one = trainingEngine(3, alone);
      const expected = history(one, network(one, [6, 32, 2]), [100, 200, 400, 20_000]);
      const own = fill(engine.array(500), "kept");
      const size = t.arena.buffer.byteLength;
      const numbers = history(engine, net, [100, 200, 400, 20_000]);
      engine.array(4_000_000);
      expect(t.arena.buffer.byteLength).toBeGreaterThan(size + 16_000_000);
      expect(numbers).toEqual(expected);
      expect(own).toEqual(fill(new Float32Array(500), "kept"));
      const again = history(engine, network(engine, [6, 32, 2]), [100, 200, 400, 20_000]);
      expect(again).toEqual(expected);
    }
  });
});

/** Work of test/support/team-member.mjs. */
const WORK = { count: OTHER_WORK, throws: OTHER_WORK + 1 };

/** A team of the test's own threads, which do as they are told. */
function unruly(members: number) {
  const counts = new Int32Array(new SharedArrayBuffer(4 * members));
  const workers: Worker[] = [];
  const path = new URL("../../support/team-member.mjs", import.meta.url);
  const made = new KernelTeam(members, (membership): MemberHandle => {
    const worker = new Worker(path, { workerData: { membership, counts, operations: WORK } });
    workers.push(worker);
    let ended: string | undefined;
    worker.on("error", () => undefined);
    worker.on("exit", (code) => {
      ended ??= `it ended with code ${code}`;
    });
    return { failure: () => (counts[0] === 1 ? "the test's own error" : ended) };
  });
  const exits = Promise.all(workers.map((worker) => new Promise<number>((resolve) => worker.on("exit", resolve))));
  return { team: made, counts, workers, exits };
}

const lost = (run: () => void): GreekgymError => {
  try {
    run();
  } catch (error) {
    if (error instanceof GreekgymError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("a team that loses a thread", () => {
  it("says what the thread threw, computes no more with it, and lets the others go", async () => {
    const { team: t, counts, exits } = unruly(3);
    t.run(WORK.count, () => undefined);
    expect([...counts.subarray(1)]).toEqual([1, 1]);
    const error = lost(() => t.run(WORK.throws, () => undefined));
    expect(error.code).toBe("worker");
    expect(error.message).toContain("A training thread was lost: the test's own error");
    expect(error.message).toContain("greekgym resume");
    expect(lost(() => t.run(WORK.count, () => undefined)).code).toBe("worker");
    expect(lost(() => t.forward(0)).code).toBe("worker");
    expect(t.worthSharing(1000)).toBe(false);
    t.close();
    // The leader goes on alone, and neither thread is left.
    expect(await exits).toEqual([1, 0]);
    const net = network(trainingEngine(2, t), [2, 3, 1]);
    expect(net.forward(new Float32Array(400), 200)).toHaveLength(200);
  });

  it("notices one that ended between two jobs", async () => {
    const { team: t, workers, exits } = unruly(2);
    t.run(WORK.count, () => undefined);
    await workers[0]!.terminate();
    expect(lost(() => t.run(WORK.count, () => undefined)).message).toContain("it ended with code 1");
    t.close();
    await exits;
  });

  it("ends its threads when it is closed, whether they have begun or not, once or twice", async () => {
    const { team: t, exits } = unruly(3);
    t.close();
    t.close();
    expect(await exits).toEqual([0, 0]);
  });
});
