import { z } from "zod";
import type { FeatureConfig } from "../../env/features/schema.ts";
import type { PublishedField } from "../../env/market/source.ts";
import { makeMarket } from "../../env/tasks/rebalance/make-market.ts";
import { type CostUnit, featureConfig } from "../../env/tasks/rebalance/rebalance-env.ts";
import { type Scenario, scenarioSchema, timing } from "../../env/tasks/rebalance/scenario.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { publishedFields } from "../../env/tasks/rebalance/simulated-market.ts";
import { ConfigError, CorruptFileError } from "../core/errors.ts";
import { canonicalHash, canonicalJson } from "../core/hash.ts";
import { SPLITS, type Split } from "../core/random.ts";
import { type Experiment, scenarioHash } from "../evaluate/experiment.ts";
import { CHAIN_START, HashChain, readChainLine } from "./hash-chain.ts";
import { type PublishedFrame, Tape } from "./tape.ts";

/**
 * A recorded session: what a market published at each simulation step, as hash-chained lines of JSON. A header, one line a step (step 0 is
 * the start), a seal with the number of frames. Numbers are written so that they read back bit for bit.
 */
export const SESSION_FORMAT = "greekgym-session";
export const SESSION_VERSION = 1;

const headerSchema = z.strictObject({
  format: z.literal(SESSION_FORMAT),
  version: z.literal(SESSION_VERSION),
  /** Where the frames come from. */
  source: z.enum(["simulator"]),
  scenario: z.unknown(),
  /** Hash of the experiment's scenario, objective, unit, splits and margin. */
  scenarioHash: z.string(),
  unit: z.enum(["bpsNotional", "pctPremium"]),
  split: z.enum(SPLITS),
  seed: z.int(),
  episode: z.int().nonnegative(),
  stepSeconds: z.number().positive(),
  steps: z.int().positive(),
  featureConfig: z.unknown(),
  featureConfigHash: z.string(),
});

export interface SessionHeader {
  readonly scenario: Scenario;
  readonly scenarioHash: string;
  readonly unit: CostUnit;
  readonly split: Split;
  readonly seed: number;
  readonly episode: number;
  readonly stepSeconds: number;
  /** Simulation steps of the whole session: steps + 1 frames. */
  readonly steps: number;
  readonly featureConfig: FeatureConfig;
}

export interface Session {
  readonly header: SessionHeader;
  readonly frames: readonly PublishedFrame[];
  /** True where the session ends as it was recorded; false for a torn one that `allowTorn` let in. */
  readonly complete: boolean;
  /** The hash of the last whole line: what the session is known by. */
  readonly hash: string;
}

export interface RecordOptions {
  readonly experiment: Pick<Experiment, "scenario" | "objective" | "unit" | "splits" | "delta">;
  readonly data?: ScenarioData;
  readonly split: Split;
  readonly seed: number;
  readonly episode: number;
}

/**
 * Records one episode of the simulated market. Returns the lines of the session, without their ends. Throws a ConfigError for a recorded option chain:
 * a session holds neither the contracts of its legs nor their volatilities.
 */
export function recordSession({ experiment, data, split, seed, episode }: RecordOptions): string[] {
  const { scenario } = experiment;
  if (scenario.market.price.model === "listed")
    throw new ConfigError("A recorded option chain is not recorded again.", {
      which: "scenario.market.price.model",
      value: "listed",
      fix: "Name an experiment with a price model or a recorded price; the chain's own file is its record.",
    });
  const { steps, stepSeconds } = timing(scenario);
  const market = makeMarket({ scenario, batch: 1, seed, split, ...(data === undefined ? {} : { data }) });
  const config = featureConfig(scenario);
  const fields = publishedFields(scenario);
  const chain = new HashChain();
  const lines = [
    chain.line({
      format: SESSION_FORMAT,
      version: SESSION_VERSION,
      source: "simulator",
      scenario,
      scenarioHash: scenarioHash(experiment as Experiment),
      unit: experiment.unit,
      split,
      seed,
      episode,
      stepSeconds,
      steps,
      featureConfig: config,
      featureConfigHash: canonicalHash(config),
    }),
  ];
  const publish = (step: number) => {
    const values = Object.fromEntries(fields.map((field) => [field, market.frame[field][0]!]));
    lines.push(chain.line({ step, time: step * stepSeconds, ...values }));
  };
  market.start(0, episode);
  publish(0);
  for (let step = 0; step < steps; step++) {
    market.advance(0, step);
    publish(step + 1);
  }
  lines.push(chain.line({ sealed: true, frames: steps + 1 }));
  return lines;
}

export interface ReadOptions {
  /** Takes what is whole of a session that was cut short. A changed line is refused all the same. */
  readonly allowTorn?: boolean;
}

/**
 * Reads the text of a session. Throws a CorruptFileError naming the line for a changed, lost or moved one, and, unless `allowTorn`, for a
 * session without its seal; a ConfigError where this program would compute other features than the recording one.
 */
export function parseSession(text: string, which: string, { allowTorn = false }: ReadOptions = {}): Session {
  const lines = text.split("\n");
  // A whole file ends in a line's end, which leaves an empty last piece; anything else there is a torn line.
  const torn = lines.pop() !== "";
  const bad = (line: number, what: string, value: unknown, fix = "Use an intact copy, or record the session again.") =>
    new CorruptFileError(`The recorded session is damaged: ${what}.`, { which: `${which}: line ${line}`, value, fix });
  const cut = (what: string) =>
    bad(
      lines.length,
      what,
      `${lines.length} whole lines`,
      "Record it again, or pass --allow-torn to use what is whole.",
    );
  if (torn && !allowTorn) throw cut("its last line is torn");
  let prev = CHAIN_START;
  const records = lines.map((line, i) => {
    const read = readChainLine(line, i, prev);
    if ("wrong" in read) throw bad(i + 1, read.wrong, read.value);
    prev = read.record.hash;
    return read.record as Readonly<Record<string, unknown>>;
  });
  if (records.length === 0) throw bad(1, "it has no header", text.slice(0, 40));
  const header = readHeader(records[0]!, which);
  const last = records.at(-1)!;
  const complete = last.sealed === true;
  if (!complete && !allowTorn) throw cut("it ends before its seal");
  const frames = records.slice(1, complete ? -1 : undefined).map((record, i) => readFrame(record, i, header, bad));
  if (frames.length === 0) throw bad(2, "it has no frames", records.length);
  if (complete && (torn || last.frames !== frames.length || frames.length !== header.steps + 1))
    throw bad(records.length, `its seal does not fit its ${frames.length} frames`, last.frames);
  return { header, frames, complete, hash: prev };
}

/** A tape with all the frames of a session. */
export function tapeOf(session: Session): Tape {
  const tape = new Tape(session.header.steps, publishedFields(session.header.scenario));
  for (const frame of session.frames) tape.publish(frame);
  return tape;
}

function readHeader(record: Readonly<Record<string, unknown>>, which: string): SessionHeader {
  const { prev: _, seq: __, hash: ___, ...own } = record;
  const bad = (field: string, value: unknown, fix: string) =>
    new CorruptFileError("The header of the recorded session cannot be used.", {
      which: `${which}: line 1, ${field}`,
      value,
      fix,
    });
  if (own.format !== SESSION_FORMAT)
    throw bad("format", own.format, `Give a file of format "${SESSION_FORMAT}" (greekgym record).`);
  if (own.version !== SESSION_VERSION)
    throw bad("version", own.version, `Record the session again: this program reads version ${SESSION_VERSION}.`);
  const parsed = headerSchema.safeParse(own);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw bad(path.map(String).join("."), message, "Record the session again.");
  }
  const scenario = scenarioSchema.safeParse(parsed.data.scenario);
  if (!scenario.success) {
    const { path, message } = scenario.error.issues[0]!;
    throw bad(["scenario", ...path.map(String)].join("."), message, "Record the session again with this version.");
  }
  const config = featureConfig(scenario.data);
  // Sessions that were recorded before there were optional groups of features have none.
  const recorded = { groups: [], ...(parsed.data.featureConfig as object | null) };
  if (canonicalJson(config) !== canonicalJson(recorded))
    throw new ConfigError("This version computes other features than the one that recorded the session.", {
      which: `${which}: line 1, featureConfig`,
      value: parsed.data.featureConfigHash,
      fix: "Record the session again with this version.",
    });
  const t = timing(scenario.data);
  if (t.steps !== parsed.data.steps || t.stepSeconds !== parsed.data.stepSeconds)
    throw bad("steps", parsed.data.steps, `The scenario has ${t.steps} steps of ${t.stepSeconds} s: record it again.`);
  const { scenarioHash, unit, split, seed, episode, stepSeconds, steps } = parsed.data;
  return {
    scenario: scenario.data,
    scenarioHash,
    unit,
    split,
    seed,
    episode,
    stepSeconds,
    steps,
    featureConfig: config,
  };
}

const POSITIVE: readonly PublishedField[] = ["price", "fillPrice", "spread", "depth"];
const SIGNED: readonly PublishedField[] = ["imbalanceFast", "imbalanceSlow", "kyleLambda"];

function readFrame(
  record: Readonly<Record<string, unknown>>,
  step: number,
  header: SessionHeader,
  bad: (line: number, what: string, value: unknown) => CorruptFileError,
): PublishedFrame {
  const line = step + 2;
  if (record.step !== step || step > header.steps) throw bad(line, "its step is not the next one", record.step);
  if (record.time !== step * header.stepSeconds) throw bad(line, "its time does not fit its step", record.time);
  const frame: Record<string, number> = { step, time: record.time };
  for (const field of publishedFields(header.scenario)) {
    const value = record[field];
    const ok =
      typeof value === "number" &&
      (POSITIVE.includes(field) ? value > 0 : SIGNED.includes(field) ? Number.isFinite(value) : value >= 0);
    if (!ok) throw bad(line, `${field} is not a possible number`, value);
    frame[field] = value;
  }
  return frame as unknown as PublishedFrame;
}
