import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { greekgym, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "tiny.yaml"), TINY);

describe("training on numbers that are not finite", () => {
  it.each([1, 2])(
    "ends with exit code 1, naming step, tensor and the last good checkpoint, and so does a resumed run (%d workers)",
    async (workers) => {
      const args = ["train", "tiny.yaml", "--out", `runs-${workers}`, "--workers", String(workers)];
      args.push("--set", "agent.ppo.learningRate=1e30");
      const { code, stderr, stdout } = await greekgym(args, folder);
      expect(code).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/diverged: Training stopped at environment step \d+: "[\w. ]+" is not finite/);
      expect(stderr).not.toContain("unexpected");
      const checkpoint = /The last good checkpoint is (.+)\.\n/.exec(stderr)![1]!;
      expect(existsSync(checkpoint)).toBe(true);
      const dir = /greekgym resume (\S+) goes on/.exec(stderr)![1]!;
      expect(JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")).status.state).toBe("failed");

      const resumed = await greekgym(["resume", dir], folder);
      expect(resumed.code).toBe(1);
      const told = (text: string) => text.slice(text.indexOf("diverged:"));
      expect(told(resumed.stderr)).toBe(told(stderr));
    },
  );

  it.each([
    ["agent.ppo.hiddenSizes=[1000000,1000000]", "agent.ppo.hiddenSizes"],
    ["agent.ppo.rolloutSteps=1000000000000", "agent.ppo.rolloutSteps"],
    ["train.selectEpisodes=1000000000000", "train.selectEpisodes"],
    ["compare.episodes=1000000000000", "compare.episodes"],
    ["tune.episodes=100000000000000", "tune.episodes"],
  ])("is not even started where %s needs more memory than there is", async (setting, field) => {
    const args = ["train", "tiny.yaml", "--out", "absurd", "--set", setting];
    const { code, stderr } = await greekgym(args, folder);
    expect(stderr).toMatch(/^config: Training needs at least [\d,.]+ \w+ of memory/);
    expect(stderr).toContain(`where: ${field}\n`);
    expect(code).toBe(2);
    expect(existsSync(join(folder, "absurd"))).toBe(false);
  });

  it("is refused in the same words for deep hedging", async () => {
    const args = ["train", "tiny.yaml", "--out", "absurd", "--set", "agent.algorithm=deep-hedging"];
    const { code, stderr } = await greekgym(
      [...args, "--set", "agent.deepHedging.hiddenSizes=[1000000]", "--set", "agent.deepHedging.paths=65536"],
      folder,
    );
    expect(stderr).toContain("where: agent.deepHedging.hiddenSizes\n");
    expect(code).toBe(2);
  });
});
