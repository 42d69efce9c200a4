import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { differences } from "../../src/cli/flatten.ts";
import { type Finished, greekgym, program, start, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "tiny.yaml"), TINY);

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Hashes of everything that must not depend on interruptions. */
function fingerprint(dir: string): Record<string, string> {
  const checkpoints = readdirSync(join(dir, "checkpoints")).map((name) => `checkpoints/${name}`);
  const files = [...checkpoints, "policy/weights.safetensors", "metrics.jsonl"];
  return Object.fromEntries(files.map((name) => [name, sha256(join(dir, name))]));
}
const evaluation = (dir: string) => JSON.parse(readFileSync(join(dir, "evaluation.json"), "utf8")) as unknown;

/** The only run below `root`. */
function runIn(root: string): string {
  const names = readdirSync(join(folder, root)).filter((name) => name.startsWith("tiny-"));
  expect(names).toHaveLength(1);
  return join(folder, root, names[0]!);
}

const train = (root: string) => start(process.execPath, [program, "train", "tiny.yaml", "--out", root], folder);
const resume = (dir: string): Promise<Finished> => greekgym(["resume", dir, "--json"], folder);

/** Stops the process as soon as it has told of something, so that what follows does not depend on the machine's speed. */
async function freezeAt(root: string, text: string) {
  const running = train(root);
  await running.told(text);
  running.child.kill("SIGSTOP");
  return running;
}

let whole: string;
let printed: Finished;
beforeAll(async () => {
  printed = await greekgym(["train", "tiny.yaml", "--out", "whole", "--json"], folder);
  expect(printed.stderr).not.toContain("unexpected");
  expect(printed.code).toBe(0);
  whole = runIn("whole");
});

/** The resumed run must have the bytes of the one that was never interrupted. */
async function expectSameAfterResume(dir: string): Promise<Finished> {
  const resumed = await resume(dir);
  expect(resumed.stderr).not.toContain("unexpected");
  expect(resumed.code).toBe(0);
  expect(fingerprint(dir)).toEqual(fingerprint(whole));
  // Nothing half-written lies about.
  expect(readdirSync(dir).sort()).toEqual(readdirSync(whole).sort());
  expect(differences(evaluation(dir), evaluation(whole), ["coreSeconds"])).toEqual([]);
  return resumed;
}

describe("train", () => {
  it("prints one JSON document with the fields of docs/design.md §8", () => {
    const result = JSON.parse(printed.stdout) as Record<string, unknown>;
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining([
        ...["run", "dir", "policy", "report", "steps", "seconds", "stepsPerSecond", "evaluation", "verdict"],
      ]),
    );
    expect(result).toMatchObject({ dir: whole, steps: 2048, evaluation: evaluation(whole) });
  });

  it("leaves a complete run directory and nothing half-written", () => {
    expect(readdirSync(whole).sort()).toEqual(
      [
        ...["checkpoints", "config.resolved.yaml", "evaluation.json", "manifest.json", "metrics.jsonl", "policy"],
        ...["report.html", "report.json", "report.md", "tb", "timing.jsonl", "tuning.json"],
      ].sort(),
    );
    expect(readdirSync(join(whole, "checkpoints"))).toEqual(
      [1792, 1920, 2048].map((step) => `checkpoint-${String(step).padStart(12, "0")}.safetensors`),
    );
    expect(readdirSync(join(whole, "policy"))).toEqual(
      expect.arrayContaining(["golden.json", "policy.json", "weights.safetensors"]),
    );
    const manifest = JSON.parse(readFileSync(join(whole, "manifest.json"), "utf8")) as { status: { state: string } };
    expect(manifest.status.state).toBe("done");
  });
});

describe("resume gives the bytes of an uninterrupted run", () => {
  it("after Ctrl-C; while the process lives, a second one is refused", async () => {
    const running = await freezeAt("stopped", "training: ");
    const dir = runIn("stopped");
    const second = await resume(dir);
    expect(second.stderr).toContain("locked: Another process works on the run");
    expect(second.stderr).toContain(`process ${running.child.pid}`);
    expect(second.code).toBe(1);
    running.child.kill("SIGINT");
    running.child.kill("SIGCONT");
    const first = await running.ended;
    expect(first.stderr).toContain("greekgym resume");
    expect(first.code).toBe(130);
    expect(existsSync(join(dir, "evaluation.json"))).toBe(false);
    cpSync(join(folder, "stopped"), join(folder, "copied"), { recursive: true });
    await expectSameAfterResume(dir);
  });

  it("after its newest checkpoint was cut short: the one before is used, with a warning", async () => {
    const dir = runIn("copied");
    const newest = join(dir, "checkpoints", readdirSync(join(dir, "checkpoints")).sort().at(-1)!);
    truncateSync(newest, 1000);
    const { stderr } = await expectSameAfterResume(dir);
    expect(stderr).toContain("warning: ");
    expect(stderr).toContain(newest);
    expect(stderr).toContain("The checkpoint before it is used instead.");
  });

  it("after kill -9 in training", async () => {
    const running = await freezeAt("killed", "training: ");
    running.child.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    await expectSameAfterResume(runIn("killed"));
  });

  it("after kill -9 while rules are tuned", async () => {
    const running = await freezeAt("tuning", "tuning rules: 1 of 3");
    running.child.kill("SIGKILL");
    await running.ended;
    await expectSameAfterResume(runIn("tuning"));
  });

  it("after the disk was full: a clear error, exit code 1, nothing half-written", async () => {
    // A limit of 150 kB a file stands in for a full disk: the bundle's golden vectors are larger.
    const script = `ulimit -f 150; exec "${process.execPath}" "${program}" train tiny.yaml --out full`;
    const { code, stdout, stderr } = await start("bash", ["-c", script], folder).ended;
    const dir = runIn("full");
    expect(stderr).toContain("storage: The file would outgrow a limit of the system: cannot write a policy bundle.");
    expect(stderr).toContain(join(dir, "policy"));
    expect(stdout).toBe("");
    expect(code).toBe(1);
    expect(readdirSync(join(dir, "policy"))).toEqual([]);
    expect((await greekgym(["runs", "ls", "--out", "full"], folder)).stdout).toMatch(/tiny-ppo-s1-\w+ +failed/);
    await expectSameAfterResume(dir);
  });
});

describe("a bundle with one byte changed", () => {
  it("is refused by evaluate and export, naming the file", async () => {
    const bundle = join(folder, "bundle");
    cpSync(join(whole, "policy"), bundle, { recursive: true });
    const path = join(bundle, "weights.safetensors");
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    for (const args of [
      ["evaluate", "./bundle", "--scenario", "tiny.yaml", "--episodes", "4"],
      ["export", "./bundle", "--to", "exported"],
    ]) {
      const { code, stdout, stderr } = await greekgym(args, folder);
      expect(stderr).toContain("corrupt: ");
      expect(stderr).toContain("weights.safetensors");
      expect(stdout).toBe("");
      expect(code).toBe(1);
    }
    expect(existsSync(join(folder, "exported"))).toBe(false);
  });
});

describe("runs, report, export and evaluate on a finished run", () => {
  const run = (...args: string[]) => greekgym([...args, "--out", "whole"], folder);

  it("runs ls, show and best know it; a beginning of the id is enough", async () => {
    const { runs } = JSON.parse((await run("runs", "ls", "--json")).stdout) as {
      runs: { id: string; state: string }[];
    };
    expect(runs).toMatchObject([{ id: whole.split("/").at(-1), state: "done", scenario: "tiny" }]);
    expect((await run("runs", "show", "tiny-ppo")).stdout).toContain("checkpoints 1792, 1920, 2048");
    expect((await run("runs", "best", "tiny")).stdout).toContain("tiny-ppo-s1");
    const slip = await run("runs", "show", `${runs[0]!.id.slice(0, -1)}x`);
    expect(slip.stderr).toContain(`Did you mean "${runs[0]!.id}"?`);
    expect(slip.code).toBe(2);
  });

  it("runs reproduce runs it again and finds nothing different", async () => {
    const { code, stdout } = await run("runs", "reproduce", "tiny-ppo", "--json");
    const result = JSON.parse(stdout) as { equal: boolean; checks: unknown[]; again: string };
    expect(result.checks).toEqual(
      ["metrics", "final checkpoint", "evaluation", "policy weights"].map((what) => ({ what, equal: true })),
    );
    expect(result.again).toMatch(/-2$/);
    expect(code).toBe(0);
  });

  it("runs gc shows first, keeps the newest checkpoint of finished runs, and removes unfinished ones that have no tag", async () => {
    const id = whole.split("/").at(-1)!;
    for (const suffix of ["-3", "-4"]) {
      const copy = `${whole}${suffix}`;
      cpSync(whole, copy, { recursive: true });
      const path = join(copy, "manifest.json");
      const text = readFileSync(path, "utf8").replace('"state": "done"', '"state": "failed"');
      writeFileSync(path, text.replace(`"id": "${id}"`, `"id": "${id}${suffix}"`));
    }
    await run("runs", "reindex");
    await run("runs", "tag", `${id}-4`, "keep");
    const shown = await run("runs", "gc");
    expect(shown.stdout).toContain(`${id}-3: run (failed)`);
    expect(existsSync(`${whole}-3`)).toBe(true);
    expect((await run("runs", "gc", "--yes")).code).toBe(0);
    expect(existsSync(`${whole}-3`)).toBe(false);
    expect(existsSync(`${whole}-4`)).toBe(true);
    expect(readdirSync(join(whole, "checkpoints"))).toEqual(["checkpoint-000000002048.safetensors"]);
  });

  it("report prints the path, and renders the same figures as Markdown elsewhere", async () => {
    expect((await run("report", whole)).stdout).toBe(`${join(whole, "report.html")}\n`);
    await run("report", whole, "--to", "again.md");
    await run("report", whole, "--to", "again.html");
    expect(readFileSync(join(folder, "again.md"), "utf8")).toBe(readFileSync(join(whole, "report.md"), "utf8"));
    expect(readFileSync(join(folder, "again.html"), "utf8")).toBe(readFileSync(join(whole, "report.html"), "utf8"));
  });

  it("export copies the verified bundle, which evaluates as the run does", async () => {
    expect((await greekgym(["export", whole, "--to", "policy"], folder)).code).toBe(0);
    const figures = async (contender: string) => {
      const args = ["evaluate", contender, "--scenario", "tiny.yaml", "--episodes", "16", "--json"];
      const { contenders } = JSON.parse((await greekgym(args, folder)).stdout) as {
        contenders: { kind: string; objective: number }[];
      };
      expect(contenders[0]!.kind).toBe("learned");
      return contenders[0]!.objective;
    };
    expect(await figures("./policy")).toBe(await figures(whole));
  });
});
