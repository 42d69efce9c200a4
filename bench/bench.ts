import {
  type Comparison,
  type Contender,
  compare,
  type Measurement,
  type RatioRow,
  type ResultRow,
  summary,
} from "./measure.ts";
import { PeerProcess, type PeerProgram } from "./peers/peer-process.ts";

export interface BenchOptions {
  /** `full`: figures to quote. `quick`: a smoke test of a minute. `tiny`: does every line run? */
  readonly size: "full" | "quick" | "tiny";
  /** False: ours alone. */
  readonly rivals: boolean;
  /** Progress and what is left out, for people. */
  readonly tell: (text: string) => void;
}

/** What a suite measures with: sizes of rounds, rivals, and the list of what was found. */
export class Bench {
  readonly suite: string;
  readonly size: BenchOptions["size"];
  readonly results: ResultRow[] = [];
  readonly ratios: RatioRow[] = [];
  /** Rivals that did not take part, and why. */
  readonly leftOut = new Map<string, string>();
  readonly #options: BenchOptions;
  readonly #processes = new Map<PeerProgram, PeerProcess | string>();

  constructor(suite: string, options: BenchOptions) {
    this.suite = suite;
    this.size = options.size;
    this.#options = options;
  }

  /** The size of a thing in this run: the full one, a tenth of it (at least `least`), or the least. */
  sized(full: number, least: number): number {
    if (this.size === "full") return full;
    return this.size === "quick" ? Math.max(least, full / 10) : least;
  }

  /** Seconds of a timed round. */
  seconds(full: number): number {
    return this.sized(full, 0.005);
  }

  /** Rounds of a measurement. */
  rounds(full: number): number {
    return this.size === "full" ? full : this.size === "quick" ? 3 : 1;
  }

  /** A rival as a list of one, or of none where it cannot take part: the reason is told once. */
  async rival(program: PeerProgram, label: string, work: string, seconds: number): Promise<Contender[]> {
    if (!this.#options.rivals) return [];
    let started = this.#processes.get(program);
    if (started === undefined) {
      started = PeerProcess.start(program);
      this.#processes.set(program, started);
    }
    const contender = typeof started === "string" ? started : await started.contender(label, work, seconds);
    if (typeof contender !== "string") return [contender];
    this.#leaveOut(typeof started === "string" ? program.name : `${label} (${work})`, contender);
    return [];
  }

  /** A rival whose speed hangs on the process: its rounds go to several processes, one after another, each of which has had a round that does not count. */
  async rivalInTurn(
    programs: readonly PeerProgram[],
    label: string,
    work: string,
    seconds: number,
  ): Promise<Contender[]> {
    const found: Contender[] = [];
    for (const program of programs) {
      const [contender] = await this.rival(program, label, work, seconds);
      // What keeps one process of a program from taking part keeps the next: it is told once.
      if (contender === undefined) break;
      found.push(contender);
    }
    return inTurn(found);
  }

  /** Runs a measurement, all contenders turn by turn, and keeps its results. */
  async compare(measurement: Measurement): Promise<Comparison> {
    this.#options.tell(`${this.suite}: ${measurement.name}`);
    const found = await compare(this.suite, measurement, (rival, why) =>
      this.#leaveOut(`${rival} (${measurement.name})`, why),
    );
    this.results.push(...found.results);
    this.ratios.push(...found.ratios);
    return found;
  }

  /** Keeps values that were taken elsewhere, or computed from others. */
  keep(measurement: string, contender: string, unit: string, values: readonly number[]): void {
    const figures = summary(values);
    if (figures === undefined) return;
    const name = `${this.suite}: ${measurement}; ${contender}`;
    const identity = { name, suite: this.suite, measurement, quantity: "", contender, ours: true, version: "" };
    this.results.push({ ...identity, unit, ...figures });
  }

  #leaveOut(who: string, why: string): void {
    if (this.leftOut.has(who)) return;
    this.leftOut.set(who, why);
    this.#options.tell(`${this.suite}: ${who} is left out: ${why}`);
  }

  close(): void {
    for (const process of this.#processes.values()) if (typeof process !== "string") process.close();
    this.#processes.clear();
  }
}

/**
 * Contenders as one, a list of one or none: round i is that of contender i modulo how many there are. Before its first round each plays one that does not
 * count: the rounds of warm-up that a measurement has may reach only some of them.
 */
export function inTurn(contenders: readonly Contender[]): Contender[] {
  const [first] = contenders;
  if (first === undefined) return [];
  let warm = false;
  const round = async (index: number) => {
    if (!warm) for (const contender of contenders) await contender.round(0);
    warm = true;
    return contenders[index % contenders.length]!.round(index);
  };
  return [{ ...first, round }];
}

/** One of ours. */
export function own(name: string, round: Contender["round"]): Contender {
  return { name, ours: true, version: "", round };
}
