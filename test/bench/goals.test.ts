import { describe, expect, it } from "vitest";
import { type Goal, goals, standing } from "../../bench/goals.ts";
import type { ResultRow } from "../../bench/measure.ts";

const row = (measurement: string, contender: string, median: number, quantity = ""): ResultRow => ({
  ...{ name: "", suite: "train", measurement, quantity, contender, ours: true, version: "", unit: "", n: 1 },
  ...{ min: median, median, max: median },
});
const goal = (list: readonly Goal[], work: string, measure: string) =>
  list.find((g) => g.work === work && g.measure === measure)!;

describe("goals", () => {
  const update = "PPO update, actor and critic 24-64-64-(3,1) tanh, minibatch 256";
  const until = "PPO on CartPole, to a mean return of 475 over 100 training episodes, learning rate 1e-3";
  const list = goals([
    row(update, "greekgym, one core", 300),
    row(update, "greekgym, two workers", 480),
    row(update, "torch eager, fused Adam, one thread", 100),
    row(until, "greekgym, one core", 3, "wall time"),
    row(until, "greekgym, two workers", 2, "wall time"),
    row(until, "Stable-Baselines3, one thread, seeds 1 to 3", 30, "wall time"),
  ]);

  it("are held against medians of the rival that they name", () => {
    const eager = goal(list, "PPO update, minibatch 256, one core", "torch eager, fused Adam");
    expect([eager.reached, standing(eager, "must"), standing(eager, "aim")]).toEqual([3, "met", undefined]);
    const two = goal(list, "PPO update, minibatch 256, two workers", "one core");
    expect([two.reached, standing(two, "must"), standing(two, "aim")]).toEqual([1.6, "missed", "missed"]);
  });

  it("take the better of ours where the work may use two cores", () => {
    expect(goal(list, "CartPole to a mean return of 475", "Stable-Baselines3").reached).toBe(15);
  });

  it("say so where a rival did not take part", () => {
    const jax = goal(list, "PPO update, minibatch 1024, two workers", "JAX jit, a call a step, all cores");
    expect([jax.reached, standing(jax, "aim")]).toEqual([undefined, "not measured"]);
  });
});
