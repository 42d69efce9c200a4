import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { concatMap, defer, from, type Observable, tap } from "rxjs";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { LIVE_SOURCES, type LiveSource } from "../core/contracts/features.ts";
import type { Engine } from "../core/contracts/network.ts";
import { ConfigError } from "../core/errors.ts";
import { UNIT_NAMES } from "../evaluate/experiment.ts";
import { writeFileAtomic } from "../store/atomic.ts";
import { guardFile } from "../store/file-errors.ts";
import { LineFile } from "../store/line-file.ts";
import { loadPolicy } from "./bundle-folder.ts";
import { expectSupplied } from "./bundled-policy.ts";
import { HashChain } from "./hash-chain.ts";
import { type Session, tapeOf } from "./session.ts";
import { readSession } from "./session-file.ts";
import { type ShadowEvent, type ShadowOptions, ShadowRunner } from "./shadow-runner.ts";
import { type ShadowFigures, ShadowTally } from "./shadow-summary.ts";
import { type PublishedFrame, RecordedMarket } from "./tape.ts";

/** The frames of a recorded session as a feed: cold, in order, at once. Unsubscribing stops it between two frames. */
export function replayFeed(session: Session): Observable<PublishedFrame> {
  return from(session.frames);
}

/** Decisions and outcomes of a shadow session over any feed of published frames. Each subscription starts its own ledgers. */
export function shadowStream(feed: Observable<PublishedFrame>, options: ShadowOptions): Observable<ShadowEvent> {
  return defer(() => {
    const runner = new ShadowRunner(options);
    return feed.pipe(concatMap((frame) => runner.take(frame)));
  });
}

export interface ReplayOptions {
  /** Folder of the challenger's bundle. */
  readonly bundle: string;
  /** Path of the recorded session. */
  readonly session: string;
  readonly engine: Engine;
  /** The rule in charge; default: the bundle's reference baseline at its tuned parameters. */
  readonly incumbent?: { readonly baseline: string; readonly params: Readonly<Record<string, number>> };
  /** Folder for `decisions.jsonl` and `shadow.json`. */
  readonly out: string;
  /** Uses what is whole of a session that was cut short. */
  readonly allowTorn?: boolean;
  /** What the feed supplies; default: all, since a session recorded from the simulator holds every field of its market. */
  readonly sources?: readonly LiveSource[];
}

export interface ShadowReport extends ShadowFigures {
  readonly format: "greekgym-shadow";
  readonly version: 1;
  readonly policy: { readonly id: string; readonly bundleHash: string; readonly statement: string };
  readonly incumbent: { readonly baseline: string; readonly params: Readonly<Record<string, number>> };
  readonly session: {
    readonly hash: string;
    readonly scenario: string;
    readonly split: string;
    readonly seed: number;
    readonly episode: number;
    /** False where the session was torn and only its whole part was used: nothing was unwound at the end. */
    readonly complete: boolean;
  };
  /** Hash of the last line of `decisions.jsonl`. */
  readonly journalHash: string;
}

export interface ReplayResult {
  readonly report: ShadowReport;
  readonly files: { readonly journal: string; readonly summary: string };
}

/**
 * Runs a bundle's policy in shadow beside an incumbent rule over a recorded session: nothing is traded. Writes the journal line by line and
 * the summary at the end. Throws what loadPolicy and readSession throw, and a ConfigError where the feed does not supply what
 * someone reads, or where `out` already holds a journal.
 */
export function replaySession(options: ReplayOptions): ReplayResult {
  const session = readSession(options.session, { allowTorn: options.allowTorn ?? false });
  const { header } = session;
  const { scenario, split, seed, episode, unit } = header;
  const source = new RecordedMarket(tapeOf(session));
  const { context } = new RebalanceEnv({ scenario, numEnvs: 1, split, seed, unit, source });
  const sources = options.sources ?? LIVE_SOURCES;
  const loaded = loadPolicy(options.bundle, options.engine, { features: header.featureConfig, context, sources });
  const { policyJson } = loaded;
  const { baseline, params } = options.incumbent ?? policyJson.envelope.fallback;
  const incumbent = createBaseline(baseline, params, context);
  expectSupplied(`incumbent ${baseline}`, incumbent.reads, context.schema, sources, "--incumbent");
  const shadow = { header, incumbent, challenger: loaded.policy, sources };

  const journalPath = join(options.out, "decisions.jsonl");
  const summaryPath = join(options.out, "shadow.json");
  guardFile(options.out, "make the folder", () => mkdirSync(options.out, { recursive: true }));
  if (existsSync(journalPath) && statSync(journalPath).size > 0)
    throw new ConfigError("The folder already holds the journal of a shadow session.", {
      which: journalPath,
      fix: "Choose another folder with --out, or remove the old one.",
    });
  const journal = new LineFile(journalPath);
  const chain = new HashChain();
  const tally = new ShadowTally(policyJson, UNIT_NAMES[unit]);
  let failure: unknown;
  try {
    journal.appendLine(
      chain.line({
        type: "start",
        format: "greekgym-journal",
        version: 1,
        bundle: loaded.hash,
        policy: policyJson.id,
        session: session.hash,
        incumbent: { baseline, params: incumbent.params },
        unit: UNIT_NAMES[unit],
      }),
    );
    // Written inside the stream: what a subscriber throws, rxjs reports later and to nobody, and a full disk must end the session.
    shadowStream(replayFeed(session), shadow)
      .pipe(
        tap((event) => {
          journal.appendLine(chain.line(journalRecord(event)));
          tally.add(event);
        }),
      )
      .subscribe({
        error(error) {
          failure = error;
        },
      });
    if (failure !== undefined) throw failure;
    journal.appendLine(chain.line({ type: "end", decisions: tally.figures().decisions, complete: session.complete }));
    journal.sync();
  } finally {
    journal.close();
  }
  const report: ShadowReport = {
    format: "greekgym-shadow",
    version: 1,
    policy: { id: policyJson.id, bundleHash: loaded.hash, statement: policyJson.statement },
    incumbent: { baseline, params: incumbent.params },
    session: { hash: session.hash, scenario: scenario.name, split, seed, episode, complete: session.complete },
    journalHash: chain.head,
    ...tally.figures(),
  };
  writeFileAtomic(summaryPath, `${JSON.stringify(report, null, 2)}\n`);
  return { report, files: { journal: journalPath, summary: summaryPath } };
}

/** What the journal keeps of an event: everything but the raw features, which the session gives back. */
function journalRecord(event: ShadowEvent): Readonly<Record<string, unknown>> {
  if (event.type === "outcome") return { ...event };
  const { features: _, ...record } = event;
  return record;
}
