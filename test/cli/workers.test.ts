import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { listCheckpoints, readCheckpoint } from "../../src/store/checkpoint.ts";
import { greekgym, program, start, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "tiny.yaml"), TINY.replace("envs: 8", "envs: 64").replace("steps: 2048", "steps: 4096"));

/** Hashes of everything that must depend neither on the number of threads nor on interruptions. */
function fingerprint(root: string): Record<string, string> {
  const dir = runIn(root);
  const checkpoints = readdirSync(join(dir, "checkpoints")).map((name) => `checkpoints/${name}`);
  const files = [...checkpoints, "tuning.json", "policy/weights.safetensors", "metrics.jsonl"];
  return Object.fromEntries(
    files.map((name) => {
      // Seconds of cores are a measurement.
      const text = readFileSync(join(dir, name), "latin1").replace(/"coreSeconds": [\d.e-]+/g, "");
      return [name, createHash("sha256").update(text, "latin1").digest("hex")];
    }),
  );
}
const runIn = (root: string) => join(folder, root, readdirSync(join(folder, root)).find((n) => n.startsWith("tiny-"))!);
const options = (root: string, workers: number, settings: readonly string[]) => [
  ...["train", "tiny.yaml", "--out", root, "--workers", String(workers)],
  ...settings.flatMap((setting) => ["--set", setting]),
];

describe.each([
  ["band", []],
  // So many select episodes that the threads share their scoring.
  ["menu", ["agent.head=menu", "train.selectEpisodes=600"]],
  ["tfjs", ["agent.network.engine=tfjs"]],
  [
    "deep-hedging",
    [
      "agent.algorithm=deep-hedging",
      "agent.deepHedging={paths: 256, minibatches: 2, epochs: 1, hiddenSizes: [8]}",
      "train.steps=18432",
    ],
  ],
] as const)("train with %s", (name, settings) => {
  it("with 2 workers, killed by kill -9 and resumed with 3, ends with the bytes of one worker", async () => {
    const whole = greekgym(options(`${name}-whole`, 1, settings), folder);
    const running = start(process.execPath, [program, ...options(`${name}-killed`, 2, settings)], folder);
    await running.told("training: ");
    running.child.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    const resumed = await greekgym(["resume", runIn(`${name}-killed`), "--workers", "3"], folder);
    expect(resumed.stderr).not.toContain("unexpected");
    expect(resumed.code).toBe(0);
    expect((await whole).code).toBe(0);
    expect(fingerprint(`${name}-killed`)).toEqual(fingerprint(`${name}-whole`));
    const config = readFileSync(join(runIn(`${name}-killed`), "config.resolved.yaml"), "utf8");
    expect(config).toContain("workers: 2");
  });
});

describe("train with 2 workers", () => {
  const expectSame = async (root: string) => {
    const resumed = await greekgym(["resume", runIn(root)], folder);
    expect(resumed.stderr).not.toContain("unexpected");
    expect(resumed.code).toBe(0);
    expect(fingerprint(root)).toEqual(fingerprint("band-whole"));
  };

  it("ends with exit code 1 and a good checkpoint where a thread is lost, and resume goes on from it", async () => {
    const hook = fileURLToPath(new URL("../support/end-a-thread.mjs", import.meta.url));
    const env = { END_A_THREAD: join(folder, "lost"), NODE_OPTIONS: `--import=${pathToFileURL(hook)}` };
    const { code, stderr } = await greekgym(options("lost", 2, []), folder, env);
    expect(stderr).toContain("worker: A training thread was lost: thread 1 ");
    expect(stderr).toContain("greekgym resume");
    expect(code).toBe(1);
    const manifest = readFileSync(join(runIn("lost"), "manifest.json"), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({ status: { state: "failed" } });
    for (const { path } of listCheckpoints(join(runIn("lost"), "checkpoints"))) readCheckpoint(path);
    await expectSame("lost");
  });

  it("ends its threads at Ctrl-C, exit code 130, and resume goes on", async () => {
    const running = start(process.execPath, [program, ...options("stopped", 2, [])], folder);
    await running.told("training: ");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    await expectSame("stopped");
  });
});

describe("resume", () => {
  it("refuses a number of workers that cannot be", async () => {
    const { code, stderr } = await greekgym(["resume", runIn("band-whole"), "--workers", "0"], folder);
    expect(stderr).toContain("train.workers");
    expect(code).toBe(2);
  });
});
