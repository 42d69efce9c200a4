import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Contender } from "../measure.ts";

/** Where `bench/peers/setup.sh` put the rivals. */
export function peersFolder(): string {
  return resolve(process.env.GREEKGYM_PEERS ?? join("bench", "peers", ".local"));
}

/** A program that measures a rival when asked: bench/peers/python/*.py, bench/peers/node/*.mjs. */
export interface PeerProgram {
  /** `torch`, as reports name it. */
  readonly name: string;
  readonly kind: "python" | "node" | "tfjs-node";
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A rival that takes longer than this for one answer hangs. */
const PATIENCE_SECONDS = 600;

interface Answer {
  readonly version?: string;
  readonly values?: readonly (number | null)[] | null;
  readonly error?: string;
}

/** Threads are the measurement's business, never the machine's default; nothing looks for a GPU. */
const ENVIRONMENT = {
  CUDA_VISIBLE_DEVICES: "",
  JAX_PLATFORMS: "cpu",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
  TF_CPP_MIN_LOG_LEVEL: "3",
};

/**
 * A rival that lives as long as a suite and answers "run one round of X" over its standard streams, one JSON line each way: imports,
 * warm-up and compilation stay outside of timed rounds, and ours and theirs can take turns.
 */
export class PeerProcess {
  readonly program: PeerProgram;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  #waiting: ((answer: Answer) => void) | undefined;
  #ended: string | undefined;

  private constructor(program: PeerProgram, command: string) {
    this.program = program;
    const script = resolve("bench", "peers", program.script);
    this.#child = spawn(command, [script, ...(program.args ?? [])], {
      env: { ...process.env, ...ENVIRONMENT, GREEKGYM_PEERS: peersFolder(), ...program.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let said = "";
    this.#child.stderr.on("data", (data: Buffer) => {
      said = (said + data.toString()).slice(-4000);
    });
    // A child that died closes its input; the exit tells why.
    this.#child.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on("line", (line) => this.#answer(JSON.parse(line) as Answer));
    this.#child.on("error", (error) => this.#answer({ error: String(error) }));
    this.#child.on("exit", (code, signal) => {
      this.#ended ??= `it ended with ${signal ?? code}: ${lastError(said)}`;
      this.#answer({ error: this.#ended });
    });
  }

  /** Starts the rival's process, or says in a sentence why it is left out. */
  static start(program: PeerProgram): PeerProcess | string {
    const folder = peersFolder();
    const needed =
      program.kind === "python"
        ? join(folder, "python", "bin", "python")
        : join(folder, program.kind, "node_modules", "@tensorflow");
    if (!existsSync(needed)) return "not installed (bench/peers/setup.sh installs it)";
    return new PeerProcess(program, program.kind === "python" ? needed : process.execPath);
  }

  /** Makes and warms up the work `name` of its script; resolves to its rounds, or to the reason why there are none. */
  async contender(label: string, name: string, seconds: number): Promise<Contender | string> {
    const ready = await this.#ask({ prepare: name, seconds });
    if (ready.error !== undefined) return ready.error;
    return {
      name: label,
      ours: false,
      version: ready.version ?? "unknown",
      round: async (index) => {
        const { values, error } = await this.#ask({ round: name, index });
        if (error !== undefined) throw new Error(`${label}: ${error}`);
        // What was not reached took for ever.
        return values === null || values === undefined ? null : values.map((v) => v ?? Number.POSITIVE_INFINITY);
      },
    };
  }

  close(): void {
    this.#lines.close();
    this.#child.stdin.end();
    this.#child.kill();
  }

  #ask(request: object): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.resolve({ error: this.#ended });
    return new Promise((done) => {
      const patience = setTimeout(() => {
        this.#ended = `no answer within ${PATIENCE_SECONDS} s`;
        this.#child.kill("SIGKILL");
        this.#answer({ error: this.#ended });
      }, 1000 * PATIENCE_SECONDS);
      this.#waiting = (answer) => {
        clearTimeout(patience);
        done(answer);
      };
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(answer);
  }
}

/** The last line that names an error, else the last line. */
function lastError(text: string): string {
  const lines = text.trim().split("\n");
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1)!).trim();
}
