import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import type { KernelTeam } from "../../../models/kernel/team.ts";
import { GreekgymError } from "../../../src/core/errors.ts";
import { ParallelEnv } from "../../../src/train/parallel/parallel-env.ts";
import type { TrainingThreads } from "../../../src/train/parallel/threads.ts";
import { buildTrainingEnv } from "../../../src/train/training-env.ts";
import { fingerprints, LEARNERS, tinyLearner, tinyOrder, tinyThreads } from "../tiny-learner.ts";

const running: TrainingThreads[] = [];
afterAll(() => {
  for (const { team } of running) team.close();
});

describe.each(Object.entries(LEARNERS))("%s", (_, settings) => {
  it("gives the same bits with 1, 2 and 3 threads, and from a state that any of them saved", () => {
    const order = tinyOrder(settings);
    const threads = [1, 2, 3].map((workers) => tinyThreads(order, workers));
    running.push(...threads);
    const learners = threads.map((t) => tinyLearner(order, t));
    const [one, two, three] = learners as [(typeof learners)[0], (typeof learners)[0], (typeof learners)[0]];
    const metrics = learners.map((learner) => learner.update());
    expect(metrics[1]).toEqual(metrics[0]);
    expect(metrics[2]).toEqual(metrics[0]);
    const halves = learners.map((learner) => learner.saveState());
    const half = fingerprints(halves[0]!);
    expect(fingerprints(halves[1]!)).toEqual(half);
    expect(fingerprints(halves[2]!)).toEqual(half);

    const last = one.update();
    const whole = fingerprints(one.saveState());
    expect(whole).not.toEqual(half);
    // Two goes on from what three saved, three from what one saved, and one, which has gone on, returns to what two saved.
    for (const [learner, state] of [
      [two, halves[2]!],
      [three, halves[0]!],
      [one, halves[1]!],
    ] as const) {
      learner.loadState(state);
      expect(fingerprints(learner.saveState())).toEqual(half);
      expect(learner.update()).toEqual(last);
      expect(fingerprints(learner.saveState())).toEqual(whole);
    }
    for (const { team } of threads) team.close();
  });
});

describe("a training thread that is lost", () => {
  it("is noticed while the leader waits for its step, and the error says how to go on", async () => {
    // The event comes a turn after the thread: those of the tests before first.
    await new Promise((resolve) => setTimeout(resolve));
    const started: Worker[] = [];
    const note = (worker: Worker) => started.push(worker);
    process.on("worker", note);
    const order = tinyOrder([]);
    const threads = tinyThreads(order, 2);
    running.push(threads);
    const env = new ParallelEnv(70, threads, (rows) => buildTrainingEnv(order, rows).env);
    await new Promise((resolve) => setTimeout(resolve));
    process.off("worker", note);
    expect(started).toHaveLength(1);
    const { obs } = env.reset({ seed: 1 });
    expect(obs.some((x) => x !== 0)).toBe(true);
    const exit = new Promise((resolve) => started[0]!.on("exit", resolve));
    void started[0]!.terminate();
    const before = performance.now();
    // It may take a few steps until it has really ended; the leader gets no events meanwhile.
    const play = () => {
      for (;;) env.step(new Float64Array(70 * 2));
    };
    expect(play).toThrow(GreekgymError);
    expect(play).toThrow(/A training thread was lost: .*\n.*greekgym resume/);
    expect(performance.now() - before).toBeLessThan(10_000);
    threads.team.close();
    expect(await exit).toBe(1);
  });

  it("tells what was thrown in it", () => {
    const order = tinyOrder([]);
    // The thread's own order is one that no environment can be made of.
    const threads = tinyThreads({ ...order, reference: { ...order.reference, id: "no-such-rule" } }, 2);
    running.push(threads);
    expect(() => new ParallelEnv(70, threads, (rows) => buildTrainingEnv(order, rows).env)).toThrow(/no-such-rule/);
    threads.team.close();
  });
});

describe("training threads, seed after seed", () => {
  it("end with their team, and its memory is collected", async () => {
    const order = tinyOrder([]);
    const started: Worker[] = [];
    const note = (worker: Worker) => started.push(worker);
    await new Promise((resolve) => setTimeout(resolve));
    process.on("worker", note);
    const trainOne = (seed: number): WeakRef<KernelTeam> => {
      const threads = tinyThreads({ ...order, seed }, 2);
      tinyLearner({ ...order, seed }, threads).update();
      threads.team.close();
      return new WeakRef(threads.team);
    };
    const teams: WeakRef<KernelTeam>[] = [];
    for (let seed = 1; seed <= 4; seed++) {
      teams.push(trainOne(seed));
      await new Promise((resolve) => setTimeout(resolve));
      const thread = started.at(-1)!;
      if (thread.threadId !== -1) expect(await once(thread, "exit")).toEqual([0]);
      expect(thread.threadId).toBe(-1);
    }
    process.off("worker", note);
    expect(started).toHaveLength(4);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    // What the last loop held may still be on the stack; the three before must go.
    for (let k = 0; k < 20 && teams.slice(0, 3).some((team) => team.deref() !== undefined); k++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      collect();
    }
    expect(teams.slice(0, 3).map((team) => team.deref())).toEqual([undefined, undefined, undefined]);
  });
});
