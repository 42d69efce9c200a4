import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { PeerProcess } from "../../bench/peers/peer-process.ts";

const folder = mkdtempSync(join(tmpdir(), "greekgym-peers-"));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A rival without its libraries: it answers what it is asked, and dies when asked to. */
const SCRIPT = `
import { serve } from "${join(process.cwd(), "bench/peers/node/serve.mjs")}";
await serve({
  steady: async (seconds) => async (index) => index < 2 ? [seconds, index] : null,
  never: async () => async () => [null],
  deadly: async () => async () => process.exit(3),
}, "9.9");
`;

it("a rival answers round by round, sits rounds out, says what it did not reach, and its death is an error of the round", async () => {
  vi.stubEnv("GREEKGYM_PEERS", folder);
  const program = { name: "test", kind: "node", script: "" } as const;
  expect(PeerProcess.start(program)).toBe("not installed (bench/peers/setup.sh installs it)");

  mkdirSync(join(folder, "node", "node_modules"), { recursive: true });
  symlinkSync(folder, join(folder, "node", "node_modules", "@tensorflow"));
  const script = join(folder, "rival.mjs");
  writeFileSync(script, SCRIPT);
  const peer = PeerProcess.start({ ...program, script });
  expect(peer).toBeInstanceOf(PeerProcess);
  const rival = peer as PeerProcess;
  try {
    const steady = await rival.contender("steady", "steady", 0.5);
    if (typeof steady === "string") throw new Error(steady);
    expect([steady.ours, steady.version]).toEqual([false, "9.9"]);
    expect(await steady.round(1)).toEqual([0.5, 1]);
    expect(await steady.round(2)).toBeNull();
    const never = await rival.contender("never", "never", 1);
    expect(await (never as Exclude<typeof never, string>).round(0)).toEqual([Number.POSITIVE_INFINITY]);
    expect(await rival.contender("absent", "absent", 1)).toMatch(/TypeError/);
    const deadly = await rival.contender("deadly", "deadly", 1);
    await expect((deadly as Exclude<typeof deadly, string>).round(0)).rejects.toThrow("deadly: it ended with 3");
    await expect(steady.round(0)).rejects.toThrow("it ended with 3");
  } finally {
    rival.close();
  }
});
