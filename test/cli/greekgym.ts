import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** Runs the built program, as a user does. `npm test` builds it first. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
export const program = join(root, "dist/src/cli/main.js");
if (!existsSync(program))
  throw new Error(`The tests of the command line run the built program, and ${program} is missing: npm run build`);

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves once stderr holds the text; rejects where the program ends without it. */
  told(text: string): Promise<void>;
  readonly ended: Promise<Finished>;
}

/** Starts a command; `env` is added to a clean environment without GREEKGYM_DATA. */
export function start(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  const { GREEKGYM_DATA: _, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd,
    env: { ...inherited, CI: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout!.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Finished>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const told = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!stderr.includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without saying "${text}":\n${stderr}`)));
    });
  return { child, told, ended };
}

/** Runs `greekgym …` to its end. */
export function greekgym(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return start(process.execPath, [program, ...args], cwd, env).ended;
}

/** A folder for one test file, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "greekgym-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A whole experiment in about a second of work: one day, twelve decisions, three rules, 32 updates. */
export const TINY = `kind: demo
scenario:
  name: tiny
  market: { price: { model: gbm, initial: 2000, volatility: 0.6 } }
  chain: { fee: { model: eip1559 }, inclusionBlocks: 1 }
  book: { legs: [{ type: call, quantity: -5 }, { type: put, quantity: -5 }] }
  account: { numeraire: usd, collateral: usd, deltaConvention: bs }
  slots: [{ name: spot, kind: spot, specification: dex-spot-5bps }]
  maturityDays: 1
  stepSeconds: 7200
  decisionInterval: 2h
tune: { episodes: 64, trials: 8 }
agent: { ppo: { rolloutSteps: 8, epochs: 2, hiddenSizes: [8] } }
train: { steps: 2048, envs: 8, evaluateEvery: 16, selectEpisodes: 32, checkpointEvery: 2 }
compare: { contenders: [never, delta, delta-band], episodes: 64, resamples: 100 }
`;

/** The same on recorded prices and fees of a data folder that the test writes. */
export const RECORDED = TINY.replace("kind: demo", "kind: experiment")
  .replace(
    "{ model: gbm, initial: 2000, volatility: 0.6 }",
    "{ model: file, series: btc_perp_1m_20211231-20220201, volatility: 0.6 }",
  )
  .replace(
    "tune:",
    `splits:
  train: { price: { from: 2021-12-31, to: 2022-01-10 } }
  select: { price: { from: 2022-01-10, to: 2022-01-12 } }
  test: { price: { from: 2022-01-12, to: 2022-01-14 } }
tune:`,
  );
