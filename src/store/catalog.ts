import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { LowSync, type SyncAdapter } from "lowdb";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { ConfigError, GreekgymError, nearest } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { writeFileAtomic } from "./atomic.ts";
import { guardFile } from "./file-errors.ts";
import { withBriefLock } from "./lock.ts";
import { decideState, type Manifest, manifestPath, RUN_STATES, readManifest } from "./manifest.ts";

const entrySchema = z.strictObject({
  id: z.string(),
  scenario: z.string(),
  algorithm: z.string(),
  seed: z.number(),
  attempt: z.number(),
  configHash: z.string(),
  createdAt: z.number(),
  state: z.enum(RUN_STATES),
  step: z.number(),
  tags: z.array(z.string()),
  summary: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
});
/** One run in the catalog: under a kilobyte; everything else is in the run's folder, which is the truth. */
export type CatalogEntry = z.infer<typeof entrySchema>;

const catalogSchema = z.strictObject({ formatVersion: z.literal(1), runs: z.array(entrySchema) });
type CatalogData = z.infer<typeof catalogSchema>;

/** Thrown inside this file only: the catalog is there but cannot be used. */
const UNUSABLE = Symbol("unusable");

/** lowdb's own file adapter does not put the bytes on the disk before the rename; this one does, and checks what it reads. */
class AtomicJson implements SyncAdapter<CatalogData> {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(): CatalogData | null {
    if (!existsSync(this.#path)) return null;
    const text = guardFile(this.#path, "read the catalog", () => readFileSync(this.#path, "utf8"));
    try {
      return catalogSchema.parse(JSON.parse(text));
    } catch {
      throw UNUSABLE;
    }
  }

  write(data: CatalogData): void {
    writeFileAtomic(this.#path, `${JSON.stringify(data)}\n`);
  }
}

function toEntry(manifest: Manifest, tags: readonly string[], now: number): CatalogEntry {
  return {
    id: manifest.id,
    scenario: manifest.scenario,
    algorithm: manifest.algorithm,
    seed: manifest.seed,
    attempt: manifest.attempt,
    configHash: manifest.configHash.slice(0, 8),
    createdAt: manifest.createdAt,
    state: decideState(manifest.status, now),
    step: manifest.status.step,
    tags: [...tags],
    summary: manifest.summary,
  };
}

/** `runs/catalog.json`: a small list of runs, one writer at a time, that can be rebuilt from the folders at any time. */
export class Catalog {
  readonly #root: string;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(root: string, clock: Clock, log: Log) {
    this.#root = root;
    this.#path = join(root, "catalog.json");
    this.#clock = clock;
    this.#log = log;
  }

  #entryOf(name: string, tags: readonly string[]): CatalogEntry | undefined {
    try {
      const manifest = readManifest(this.directory(name));
      if (manifest.id === name) return toEntry(manifest, tags, this.#clock.wallMilliseconds());
      this.#log.warn(`The folder ${name} is left out: it holds the run ${manifest.id}. Give it that name back.`);
    } catch (error) {
      if (!(error instanceof GreekgymError)) throw error;
      this.#log.warn(`The run ${name} is left out. ${error.message}`);
    }
    return undefined;
  }

  #scan(tags: ReadonlyMap<string, readonly string[]>): CatalogEntry[] {
    const names = existsSync(this.#root)
      ? guardFile(this.#root, "list the runs", () => readdirSync(this.#root, { withFileTypes: true }))
      : [];
    return names
      .filter((name) => name.isDirectory() && existsSync(manifestPath(this.directory(name.name))))
      .flatMap(({ name }) => this.#entryOf(name, tags.get(name) ?? []) ?? [])
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The catalog as stored; a missing one is built from the folders, a corrupt one as well, with a warning. */
  #read(): LowSync<CatalogData> {
    const db = new LowSync<CatalogData>(new AtomicJson(this.#path), { formatVersion: 1, runs: [] });
    try {
      db.read();
      if (!existsSync(this.#path)) db.data.runs = this.#scan(new Map());
    } catch (error) {
      if (error !== UNUSABLE) throw error;
      this.#log.warn(
        `The catalog ${this.#path} is corrupt and is rebuilt from the run folders; its tags are lost. The old file is kept as catalog.json.corrupt.`,
      );
      guardFile(this.#path, "set the corrupt catalog aside", () => renameSync(this.#path, `${this.#path}.corrupt`));
      db.data = { formatVersion: 1, runs: this.#scan(new Map()) };
    }
    return db;
  }

  /** One change, alone among all processes. */
  async #change<T>(change: (data: CatalogData) => T): Promise<T> {
    guardFile(this.#root, "make the folder of runs", () => mkdirSync(this.#root, { recursive: true }));
    return withBriefLock(join(this.#root, "catalog"), () => {
      const db = this.#read();
      const result = change(db.data);
      db.write();
      return result;
    });
  }

  /** Rebuilds the catalog from the run folders, keeping tags; returns its entries. */
  reindex(): Promise<CatalogEntry[]> {
    return this.#change((data) => {
      data.runs = this.#scan(new Map(data.runs.map((run) => [run.id, run.tags])));
      return data.runs;
    });
  }

  /** Puts a run's present state into the catalog; call it when a run is created and when it ends. */
  record(manifest: Manifest): Promise<void> {
    return this.#change((data) => {
      const before = data.runs.find((run) => run.id === manifest.id);
      const entry = toEntry(manifest, before?.tags ?? [], this.#clock.wallMilliseconds());
      data.runs = [...data.runs.filter((run) => run !== before), entry].sort((a, b) => (a.id < b.id ? -1 : 1));
    });
  }

  /** All runs by id. A run that had not ended when it was recorded is looked up in its folder; one whose folder is gone is left out. */
  async list(): Promise<CatalogEntry[]> {
    if (!existsSync(this.#root)) return [];
    const runs = this.#stored() ?? (await this.reindex());
    return runs.flatMap((entry) => {
      const dir = this.directory(entry.id);
      if (!existsSync(dir)) return [];
      // Any other run may have been resumed, or have crashed, since it was recorded.
      if (entry.state === "done") return [entry];
      const now = this.#entryOf(entry.id, entry.tags);
      return now === undefined ? [] : [now];
    });
  }

  /** The entries as stored; undefined where the catalog is missing or corrupt. */
  #stored(): CatalogEntry[] | undefined {
    try {
      return new AtomicJson(this.#path).read()?.runs;
    } catch (error) {
      if (error === UNUSABLE) return undefined;
      throw error;
    }
  }

  /** The run of this id, or the only one whose id begins with it. Throws a ConfigError: unknown (with the nearest), or ambiguous. */
  async find(prefix: string): Promise<CatalogEntry> {
    const runs = await this.list();
    const exact = runs.find((run) => run.id === prefix);
    if (exact !== undefined) return exact;
    const matches = prefix === "" ? [] : runs.filter((run) => run.id.startsWith(prefix));
    if (matches.length === 1) return matches[0]!;
    if (matches.length > 1)
      throw new ConfigError(`${matches.length} runs begin with "${prefix}".`, {
        which: this.#root,
        value: prefix,
        fix: "Write more of the id.",
        hints: matches.slice(0, 10).map((run) => run.id),
      });
    const near = nearest(
      prefix,
      runs.map((run) => run.id),
    );
    throw new ConfigError(`No run is called "${prefix}".`, {
      which: this.#root,
      value: prefix,
      fix: "`greekgym runs ls` lists the runs; `greekgym runs reindex` finds folders that were copied here.",
      hints: near === undefined ? [] : [`Did you mean "${near}"?`],
    });
  }

  /** Sets a run's tags; they live in the catalog only. */
  async tag(id: string, tags: readonly string[]): Promise<void> {
    const found = await this.find(id);
    await this.#change((data) => {
      const entry = data.runs.find((run) => run.id === found.id);
      if (entry !== undefined) entry.tags = [...new Set(tags)].sort();
    });
  }

  /** The folder of a run. */
  directory(id: string): string {
    return join(this.#root, id);
  }
}
