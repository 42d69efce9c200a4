import { ATTRIBUTION_PARTS, type Attribution, type ContenderResult } from "../../src/core/contracts/evaluation.ts";
import type { Band, ReportInput } from "../../src/report/input.ts";

/** A small generator of its own (Marsaglia 2003, xorshift32), so that the sample never changes with the project's streams. */
function draws(seed: number): () => number {
  let s = seed | 0;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) / 4294967296;
  };
}
function normals(seed: number): () => number {
  const u = draws(seed);
  for (let i = 0; i < 8; i++) u();
  return () => Math.sqrt(-2 * Math.log(u() + 1e-12)) * Math.cos(2 * Math.PI * u());
}

type Line = [id: string, kind: ContenderResult["kind"], mean: number, sd: number, rebalances: number, params: object];
/** Mean and sd in bps of notional; the order is not the order of the objective, on purpose. */
const LINES: readonly Line[] = [
  ["never", "baseline", 2.1, 412.4, 0, {}],
  ["interval", "baseline", 55.8, 33.9, 84, { hours: 4.2 }],
  ["delta", "baseline", 118.6, 24.1, 2016, {}],
  ["delta-band", "baseline", 46.2, 31.4, 61.4, { halfWidth: 0.083 }],
  ["greeks-band", "baseline", 45.9, 31.2, 63.0, { halfWidth: 0.081, vega: 0.02 }],
  ["whalley-wilmott", "baseline", 44.7, 30.1, 66.7, { riskAversion: 3.41, centre: 0.96 }],
  ["zakamouline", "baseline", 44.3, 30.0, 64.9, { riskAversion: 3.08, centre: 0.97 }],
  ["leland", "baseline", 51.4, 32.9, 90.2, { hours: 3.8, volatility: 1.06 }],
  ["gas-aware", "baseline", 42.6, 30.3, 58.3, { halfWidth: 0.079, gasPower: 0.31, cap: 2.2 }],
  [
    "composite",
    "baseline",
    41.8,
    29.6,
    57.1,
    {
      base: -2.61,
      cost: 0.33,
      toxicity: 0.08,
      spread: 0.04,
      gamma: 0.29,
      timeLeft: 0.11,
      volatility: -0.07,
      fraction: 0.86,
      wait: 2,
    },
  ],
  ["ppo-band", "learned", 38.9, 28.7, 49.8, {}],
  [
    "hindsight",
    "oracle",
    33.2,
    27.4,
    44.0,
    { base: -2.7, cost: 0.33, transient: 0.52, gasToCome: -0.41, fraction: 0.9 },
  ],
];

function attribution(mean: number, rebalances: number, noise: () => number): Attribution {
  const trading = Math.min(0.92 * Math.max(0, mean - 6), 0.35 * rebalances + 8);
  const parts: Record<string, number> = {
    delta: -0.4 + 0.5 * noise(),
    gamma: 64.1 + noise(),
    theta: -69.8 + noise(),
    vega: 1.2 + 0.3 * noise(),
    vanna: -0.3 + 0.1 * noise(),
    volga: 0.2 + 0.1 * noise(),
    collateral: 0,
    funding: -1.9 + 0.2 * noise(),
    basis: 0.4 + 0.1 * noise(),
    spread: 0 - 0.22 * trading,
    fee: 0 - 0.31 * trading,
    impact: 0 - 0.09 * trading,
    gas: 0 - 0.38 * trading,
  };
  const rest = ATTRIBUTION_PARTS.reduce((sum, p) => sum + (parts[p] ?? 0), 0);
  const residual = 0.4 * noise();
  return { ...parts, residual, theta: parts.theta! - mean - rest - residual } as unknown as Attribution;
}

function contenders(): ContenderResult[] {
  const noise = normals(7);
  return LINES.map(([id, kind, mean, sd, rebalances, params]) => {
    const a = attribution(mean, rebalances, noise);
    return {
      id,
      kind,
      tuned: kind !== "learned" && Object.keys(params).length > 0,
      params: params as Record<string, number>,
      budget:
        kind === "learned"
          ? { steps: 2_000_000, trials: 1, coreSeconds: 1260 }
          : Object.keys(params).length === 0
            ? { steps: 0, trials: 0, coreSeconds: 0 }
            : { steps: 2_000_000, trials: 40 * Object.keys(params).length, coreSeconds: 310 },
      objective: mean + 1.5 * sd,
      mean,
      sd,
      cvar95: mean + 2.35 * sd,
      maxDrawdown: 1.9 * sd,
      turnover: 0.031 * rebalances ** 0.8,
      fees: 0 - a.fee,
      gas: 0 - a.gas,
      slippage: 0 - (a.spread + a.impact),
      rebalances,
      outsideBounds: id === "never" ? 0.61 : 0.004 + 0.00002 * rebalances,
      liquidations: 0,
      attribution: a,
      driftProfit: 0.6 * a.delta,
    };
  });
}

function episode(): NonNullable<ReportInput["episode"]> {
  const noise = normals(11);
  const times: number[] = [];
  const price: number[] = [];
  const policy: number[] = [];
  const baseline: number[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  const baseFeeGwei: number[] = [];
  const trades: { time: number; size: number; cost: number; gas: number }[] = [];
  let spot = 2480;
  let log = Math.log(18);
  let hedgeA = 0;
  let hedgeB = 0;
  for (let i = 0; i <= 2016; i++) {
    spot *= Math.exp(0.0022 * noise());
    log += 0.04 * (Math.log(18) - log) + 0.12 * noise() + (i % 433 === 200 ? 1.7 : 0);
    const delta = 1 / (1 + Math.exp(-(spot - 2500) / 90));
    const fee = Math.exp(log);
    const half = 0.07 * (fee / 18) ** 0.33;
    if (i === 0) hedgeA = hedgeB = -delta;
    const before = delta + hedgeA;
    if (Math.abs(before) > half) {
      const size = -(before - Math.sign(before) * half * 0.6);
      hedgeA += size;
      trades.push({ time: i / 12, size, cost: 0.4 * Math.abs(size) + 0.1, gas: 0.02 * fee });
    }
    if (Math.abs(delta + hedgeB) > 0.083) hedgeB = -delta;
    times.push(i / 12);
    price.push(spot);
    policy.push(delta + hedgeA);
    baseline.push(delta + hedgeB);
    lower.push(-half);
    upper.push(half);
    baseFeeGwei.push(fee);
  }
  return {
    times,
    price,
    priceUnit: "USD",
    exposure: { policy: { id: "ppo-band", values: policy }, baseline: { id: "composite", values: baseline } },
    band: { lower, upper },
    trades,
    baseFeeGwei,
  };
}

function bandCurve(): NonNullable<ReportInput["bandCurve"]> {
  const x = Array.from({ length: 61 }, (_, i) => 0.8 + i / 150);
  const band = (scale: number, power: number): Band => {
    const delta = x.map((m) => 1 / (1 + Math.exp(-(m - 1) * 28)));
    const half = delta.map((d) => scale * (d * (1 - d) * 4 + 0.04) ** power);
    return { centre: delta, lower: delta.map((d, i) => d - half[i]!), upper: delta.map((d, i) => d + half[i]!) };
  };
  return {
    xName: "Spot / strike",
    xUnit: "",
    x,
    baselineId: "composite",
    levels: [8, 25, 120].map((baseFeeGwei) => ({
      baseFeeGwei,
      learned: band(0.075 * (baseFeeGwei / 18) ** 0.38, 0.45),
      baseline: band(0.08 * (baseFeeGwei / 18) ** 0.3, 0.5),
      whalleyWilmott: band(0.07 * (baseFeeGwei / 18) ** 0.333, 0.667),
    })),
  };
}

/** A realistic report: twelve contenders, a learned policy that beats the best tuned baseline, every optional part. */
export function sample(): ReportInput {
  const rows = contenders();
  const learned = rows.find((c) => c.id === "ppo-band")!;
  const noise = normals(23);
  return {
    title: "Gas spikes: PPO with a learned no-trade band against tuned baselines",
    evaluation: {
      scenario: { name: "gas-spikes", version: 2, hash: "9f1c04be77a2", kind: "experiment" },
      objective: { name: "mean-plus-sd", unit: "bps of notional", direction: "minimise", k: 1.5 },
      episodes: 2000,
      effectiveEpisodes: 2000,
      seed: 7,
      splits: { train: "seeds 1 to 100 000", select: "seeds 200 001 to 202 000", test: "seeds 300 001 to 302 000" },
      split: "test",
      contenders: rows,
      best: { baseline: "composite", overall: "ppo-band" },
      paired: [
        ...rows
          .filter((c) => c.id !== "ppo-band")
          .map((c) => {
            const difference = learned.objective - c.objective;
            const width = 0.9 + 0.06 * Math.abs(difference);
            return {
              a: "ppo-band",
              b: c.id,
              difference,
              ci95: [difference - width, difference + width] as const,
              simultaneousCi95: [difference - 1.45 * width, difference + 1.45 * width] as const,
              probabilityOfImprovement: 1 / (1 + Math.exp(difference / 9)),
            };
          }),
      ],
      gaps: [
        {
          oracle: "hindsight",
          contender: "ppo-band",
          difference: 7.65,
          ci95: [6.4, 8.9],
          closes: 0.357,
        },
        { oracle: "hindsight", contender: "composite", difference: 11.9, ci95: [10.6, 13.2] },
      ],
      verdict: {
        value: "better",
        delta: 0.02,
        contender: "ppo-band",
        against: "composite",
        sentence:
          "ppo-band costs 81.9 bps of notional where the best tuned baseline, composite, costs 86.2: 4.3 less (simultaneous 95% interval 2.6 to 5.9), on simulated data fitted to one venue and one quarter.",
      },
      testTouches: 3,
      notes: [
        "Gas parameters are fitted on one quarter; the 75th percentile of gas volatility was not tested.",
        "dp-optimum is not shown: the objective is not entropic.",
      ],
    },
    provenance: {
      runId: "20260114-093012-gas-spikes-ppo",
      seed: 7,
      configHash: "5c0de1f2a9b84d17",
      gitSha: "6b1b9da41f0c",
      engine: "kernel (wasm simd)",
      node: "20.20.2",
      dataFiles: [
        {
          path: "data/base-fee-2025q3.csv.gz",
          sha256: "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
        },
      ],
      command:
        "greekgym compare experiments/gas-spikes.yaml --contenders all,runs/20260114-093012-gas-spikes-ppo --episodes 2000 --seed 7 --final --report report.html",
    },
    learningCurve: {
      seeds: [1, 2, 3].map((seed) => {
        const steps = Array.from({ length: 101 }, (_, i) => i * 20_000);
        const shape = (i: number): number =>
          80.4 + 7.5 * Math.exp(-i / 22) + 3 * Math.exp(-(((i - 6) / 4) ** 2)) + 0.35 * noise();
        return {
          seed,
          steps,
          objective: steps.map((_, i) => (i % 5 === 0 ? shape(i) + 0.5 * (seed - 2) : null)),
          return: steps.map((_, i) => -(shape(i) / 20) + 0.06 * noise()),
        };
      }),
      references: rows
        .filter((c) => c.kind === "baseline" && c.tuned)
        .map((c) => ({ id: c.id, objective: c.objective - 0.4 })),
    },
    costSamples: rows.map((c) => ({
      id: c.id,
      costs: Array.from({ length: 500 }, () => {
        const z = noise();
        return c.mean + c.sd * (0.95 * z + 0.18 * (z * z - 1));
      }),
    })),
    episode: episode(),
    bandCurve: bandCurve(),
    frontier: {
      points: rows.map((c) => ({ id: c.id, mean: c.mean, sd: c.sd })),
      sweeps: [
        {
          id: "delta-band",
          points: [0.02, 0.04, 0.06, 0.083, 0.1, 0.13, 0.17, 0.22].map((width) => ({
            width,
            mean: 36 + 1.0 / width ** 0.95,
            sd: 26.5 + 710 * width ** 2,
          })),
        },
      ],
    },
    shadow: { decisions: 2016, agreement: 0.913, unit: "USD", pnlAnchored: 41.2, pnlFreeRun: 56.7, regret: 12.9 },
  };
}

/** The smallest report: three rows, nothing optional, an undecided verdict. */
export function smallSample(): ReportInput {
  const full = sample();
  const keep = ["never", "composite", "ppo-band"];
  const { title, provenance } = full;
  return {
    title,
    provenance: { ...provenance, dataFiles: [] },
    evaluation: {
      ...full.evaluation,
      split: "select",
      contenders: full.evaluation.contenders.filter((c) => keep.includes(c.id)),
      paired: full.evaluation.paired.filter((p) => keep.includes(p.b)),
      gaps: [],
      verdict: {
        value: "inconclusive",
        delta: 0.02,
        contender: "ppo-band",
        against: "composite",
        sentence: "200 episodes do not tell ppo-band from composite.",
        moreEpisodes: 1800,
        notHedgingSkill: true,
      },
      testTouches: 0,
      notes: [],
    },
    costSamples: [],
    frontier: { points: [] },
  };
}
