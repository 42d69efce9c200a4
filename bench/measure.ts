/** What takes part in a measurement: our code, or a rival. */
export interface Contender {
  readonly name: string;
  readonly ours: boolean;
  /** Says what the machine can do, and is held against no rival. */
  readonly yardstick?: boolean;
  readonly version: string;
  /**
   * One timed round. Resolves to one number a quantity of the measurement (infinite: not reached), or to null where this contender sits the
   * round out.
   */
  round(index: number): readonly number[] | null | Promise<readonly number[] | null>;
  close?(): void;
}

export interface Quantity {
  /** `p99`; empty where a measurement has but one quantity. */
  readonly name: string;
  readonly unit: string;
  readonly better: "more" | "less";
}

export interface Measurement {
  readonly name: string;
  readonly quantities: readonly Quantity[];
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** Rounds before, which warm compilers up and are not kept. */
  readonly warmups: number;
}

/** One quantity of one contender over the rounds. */
export interface ResultRow {
  /** `train: PPO update, minibatch 256; greekgym, p50`. */
  readonly name: string;
  readonly suite: string;
  readonly measurement: string;
  readonly quantity: string;
  readonly contender: string;
  readonly ours: boolean;
  readonly version: string;
  readonly unit: string;
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** How many times as fast ours is as a rival, by the medians of rounds that took turns. */
export interface RatioRow {
  readonly name: string;
  readonly ours: string;
  readonly rival: string;
  readonly rivalVersion: string;
  /** Above 1: ours is faster, whatever the unit. */
  readonly ratio: number;
}

export interface Comparison {
  readonly results: readonly ResultRow[];
  readonly ratios: readonly RatioRow[];
}

/**
 * Runs all contenders turn by turn (A B C A B C …), so that what the machine does meanwhile meets them all alike. A rival that fails is left
 * out with the reason; one of ours that fails ends the benchmark.
 */
export async function compare(
  suite: string,
  m: Measurement,
  leaveOut: (rival: string, reason: string) => void,
): Promise<Comparison> {
  const values = new Map(m.contenders.map((c) => [c, m.quantities.map((): number[] => [])]));
  try {
    for (let index = -m.warmups; index < m.rounds; index++)
      for (const [contender, kept] of values) {
        try {
          const round = await contender.round(Math.max(0, index));
          if (index >= 0 && round !== null) round.forEach((value, q) => void kept[q]!.push(value));
        } catch (error) {
          if (contender.ours) throw error;
          leaveOut(contender.name, (error as Error).message);
          values.delete(contender);
        }
      }
  } finally {
    for (const { close } of m.contenders) close?.();
  }
  const results: ResultRow[] = [];
  const ratios: RatioRow[] = [];
  m.quantities.forEach((quantity, q) => {
    const rows = [...values].flatMap(([{ name, ours, version }, kept]): ResultRow[] => {
      const label = [name, quantity.name].filter((part) => part !== "").join(", ");
      const identity = { name: `${suite}: ${m.name}; ${label}`, suite, measurement: m.name, quantity: quantity.name };
      const figures = summary(kept[q]!);
      if (figures === undefined) return [];
      return [{ ...identity, contender: name, ours, version, unit: quantity.unit, ...figures }];
    });
    results.push(...rows);
    const name = `${suite}: ${m.name}${quantity.name === "" ? "" : `, ${quantity.name}`}`;
    const yardsticks = m.contenders.filter(({ yardstick }) => yardstick).map(({ name }) => name);
    for (const a of rows.filter((row) => row.ours && !yardsticks.includes(row.contender)))
      for (const b of rows.filter((row) => !row.ours))
        ratios.push({
          name,
          ours: a.contender,
          rival: b.contender,
          rivalVersion: b.version,
          ratio: quantity.better === "more" ? a.median / b.median : b.median / a.median,
        });
  });
  return { results, ratios };
}

/** Number, minimum, median (mean of the middle two) and maximum; undefined where there is no value. */
export function summary(values: readonly number[]): Pick<ResultRow, "n" | "min" | "median" | "max"> | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : 0.5 * (sorted[middle - 1]! + sorted[middle]!);
  return { n: sorted.length, min: sorted[0]!, median, max: sorted.at(-1)! };
}

/** Units a second of `work`, called for at least `seconds`. The clock is read every few calls, not every call. */
export function rate(work: () => void, units: number, seconds: number): number[] {
  let calls = 0;
  let batch = 1;
  const start = performance.now();
  for (;;) {
    for (let i = 0; i < batch; i++) work();
    calls += batch;
    const elapsed = (performance.now() - start) / 1000;
    if (elapsed >= seconds) return [(calls * units) / elapsed];
    batch = Math.max(1, Math.min(4096, Math.floor((0.1 * seconds * calls) / Math.max(elapsed, 1e-6))));
  }
}

/** [p50, p99] of one call in microseconds. */
export function percentiles(work: () => void, calls: number): number[] {
  const times = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const start = process.hrtime.bigint();
    work();
    times[i] = Number(process.hrtime.bigint() - start) / 1e3;
  }
  times.sort();
  return [times[calls >> 1]!, times[Math.floor((calls * 99) / 100)]!];
}
