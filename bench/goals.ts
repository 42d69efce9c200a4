import type { ResultRow } from "./measure.ts";

/** What the figures are held against: set before they were taken. */
export interface Goal {
  readonly work: string;
  readonly measure: string;
  readonly unit: string;
  /** Whether `must` and `aim` are least or largest values. */
  readonly bound: "at least" | "at most";
  readonly must?: number;
  readonly aim?: number;
  /** Undefined where the rival did not take part, or the suite was not run. */
  readonly reached: number | undefined;
}

const ONE = "greekgym, one core";
const TWO = "greekgym, two workers";
const APART = "greekgym, two separate trainings";
const RELAXED = "greekgym, relaxed SIMD, one core";

/** The goals with what the results reached. Medians of rounds that took turns. */
export function goals(results: readonly ResultRow[]): Goal[] {
  const row = (measurement: string, contender: string, quantity = "") =>
    results.find(
      (r) => r.measurement.includes(measurement) && r.contender.startsWith(contender) && r.quantity === quantity,
    );
  const median = (measurement: string, contender: string, quantity = "") =>
    row(measurement, contender, quantity)?.median;
  const over = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a / b;
  /** Times as fast as a rival. */
  const ratio = (measurement: string, ours: string, rival: string) =>
    over(median(measurement, ours), median(measurement, rival));
  const atLeast = (work: string, measure: string, reached: number | undefined, must?: number, aim?: number): Goal => ({
    ...{ work, measure, unit: "x", bound: "at least", reached },
    ...(must === undefined ? {} : { must }),
    ...(aim === undefined ? {} : { aim }),
  });

  const jax = "JAX jit, a call a step, one core";
  /** What is asked of an update on one core, whichever multiply-adds it uses. */
  const onOneCore = (work: string, at: string, ours: string, eager: number) => [
    atLeast(work, "torch eager, fused Adam", ratio(at, ours, "torch eager"), eager),
    atLeast(work, "torch with memory kept", ratio(at, ours, "torch with memory kept"), undefined, 1.5),
    atLeast(work, "torch.compile", ratio(at, ours, "torch.compile"), undefined, 1),
    atLeast(work, jax, ratio(at, ours, jax), undefined, 0.7),
  ];
  const updates = [
    { batch: 256, eager: 2, native: 8 },
    { batch: 1024, eager: 1.5, native: undefined },
    { batch: 4096, eager: 1.5, native: 1 },
  ].flatMap(({ batch, eager, native }) => {
    const work = `PPO update, minibatch ${batch}`;
    const at = `minibatch ${batch}`;
    return [
      ...onOneCore(`${work}, one core`, at, ONE, eager),
      atLeast(`${work}, one core`, "tfjs wasm", ratio(at, ONE, "tfjs wasm"), 10),
      ...(native === undefined
        ? []
        : [atLeast(`${work}, one core`, "tfjs-node native", ratio(at, ONE, "tfjs-node native"), native)]),
      ...onOneCore(`${work}, relaxed SIMD`, at, RELAXED, eager),
      atLeast(`${work}, two workers`, "one core", ratio(at, TWO, ONE), 1.7, 1.9),
      // No goal, but what that one is to be read by: about what the machine gave to two threads.
      atLeast(`${work}, two separate trainings at once`, "one core", ratio(at, APART, ONE)),
      atLeast(
        `${work}, two workers`,
        "JAX jit, a call a step, all cores",
        ratio(at, TWO, "JAX jit, a call a step, all cores"),
        undefined,
        1,
      ),
    ];
  });

  const cartPole = "PPO on CartPole, 8 copies";
  const fastest = (rival: string) => {
    const ours = [median(cartPole, ONE), median(cartPole, TWO)].filter((x) => x !== undefined);
    return over(ours.length === 0 ? undefined : Math.max(...ours), median(cartPole, rival));
  };
  const until = "to a mean return of 475";
  const sooner = (rival: string) => {
    const ours = [median(until, ONE, "wall time"), median(until, TWO, "wall time")].filter((x) => x !== undefined);
    return over(median(until, rival, "wall time"), ours.length === 0 ? undefined : Math.min(...ours));
  };
  const decision = "band head";
  const most = { unit: "", bound: "at most" } as const;
  const peak = "128-bit SIMD peak";
  return [
    ...[256, 1024].map((batch): Goal => {
      const name = `network, batch ${batch}, forward, share`;
      const reached = median(name, "kernel, identity");
      const work = `matrix products 64 x 64, batch ${batch}`;
      return { work, measure: `share of the ${peak}`, unit: "%", bound: "at least", aim: 80, reached };
    }),
    ...updates,
    atLeast("PPO on CartPole, end to end", "Stable-Baselines3", fastest("Stable-Baselines3"), 10),
    atLeast("PPO on CartPole, end to end", "CleanRL-like loop", fastest("CleanRL"), 10),
    atLeast("PPO on CartPole, end to end", "PureJaxRL-like", fastest("PureJaxRL"), undefined, 1),
    atLeast("CartPole to a mean return of 475", "Stable-Baselines3", sooner("Stable-Baselines3"), 10),
    atLeast("CartPole to a mean return of 475", "PureJaxRL-like", sooner("PureJaxRL"), undefined, 1),
    {
      work: "one decision",
      measure: "p50",
      ...most,
      unit: "us",
      must: 4,
      aim: 2,
      reached: median(decision, "greekgym", "p50"),
    },
    {
      work: "one decision",
      measure: "p99",
      ...most,
      unit: "us",
      must: 15,
      reached: median(decision, "greekgym", "p99"),
    },
    atLeast(
      "one decision",
      "onnxruntime in Node",
      over(median(decision, "onnxruntime in Node", "p50"), median(decision, "greekgym", "p50")),
      3,
    ),
    atLeast("CartPole x1024", "Gymnasium, vectorised", ratio("CartPole x1024", "greekgym", "Gymnasium"), 1, 2),
    {
      work: "rebalance-v1, 16 options, all features, a decision every simulated step",
      measure: "agent-steps/s",
      unit: "steps/s",
      bound: "at least",
      must: 200_000,
      aim: 400_000,
      reached: median("all on, 16 options, decisions every step", "greekgym"),
    },
    {
      work: "full logging and checkpoints",
      measure: "cost",
      ...most,
      unit: "%",
      must: 3,
      aim: 1,
      reached: median("cost of full logging", "greekgym"),
    },
    {
      work: "the quickstart from tuning to report",
      measure: "most memory held",
      ...most,
      unit: "MB",
      must: 300,
      aim: 150,
      reached: median("quickstart from tuning to report, most memory held", "greekgym"),
    },
    {
      work: "training the quickstart, ten million steps",
      measure: "most memory held",
      ...most,
      unit: "MB",
      must: 300,
      aim: 150,
      reached: median("million steps, most memory held", "greekgym"),
    },
    {
      work: "training the quickstart, ten million steps",
      measure: "growth of memory, low end of its 95% interval",
      ...most,
      unit: "MB/h",
      must: 0,
      reached: row("million steps, growth of resident memory", "greekgym")?.min,
    },
    {
      work: "training the quickstart, ten million steps",
      measure: "growth of memory",
      ...most,
      unit: "MB/h",
      must: 5,
      reached: median("million steps, growth of resident memory", "greekgym"),
    },
  ];
}

/** `met`, `missed` or `not measured` for a bound of a goal; undefined where the goal has no such bound. */
export function standing(goal: Goal, which: "must" | "aim"): "met" | "missed" | "not measured" | undefined {
  const value = goal[which];
  if (value === undefined) return undefined;
  if (goal.reached === undefined) return "not measured";
  return (goal.bound === "at least" ? goal.reached >= value : goal.reached <= value) ? "met" : "missed";
}
