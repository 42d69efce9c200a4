import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { greekgym, program, root, start, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
const names = commands.map((c) => c.command.split(" ")[0]!);

describe("help", () => {
  it("lists every command on stdout and ends with 0", async () => {
    const { code, stdout, stderr } = await greekgym(["--help"], folder);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const name of names) expect(stdout).toContain(`greekgym ${name}`);
  });

  it("prints the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect((await greekgym(["--version"], folder)).stdout).toBe(`${version}\n`);
  });

  it("is English whatever the system speaks", async () => {
    const { stdout } = await greekgym(["runs", "ls", "--help"], folder, { LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8" });
    expect(stdout).toContain("Options:");
    expect(stdout).toContain("[boolean]");
  });

  it("closes quietly when the reader goes away", async () => {
    const { code, stdout, stderr } = await start(
      "bash",
      ["-c", `set -o pipefail; "${process.execPath}" "${program}" schema | head -n 1`],
      folder,
    ).ended;
    expect(stdout).toBe("{\n");
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});

describe("wrong usage ends with 2 and leaves stdout empty", () => {
  const wrong: [what: string, args: string[], says: string][] = [
    ["no command", [], "Name a command."],
    ["a slip in the command", ["trian", "x.yaml"], "Did you mean train?"],
    ["an unknown flag", ["train", "x.yaml", "--sede", "3"], "Unknown argument: sede"],
    ["a missing argument", ["resume"], "Not enough non-option arguments"],
    ["a missing action", ["runs"], "Name an action"],
    ["an unknown action", ["runs", "lss"], "Did you mean ls?"],
    ["a flag of the wrong kind", ["export", "x", "--to", "y", "--format", "pdf"], "Choices"],
  ];
  it.each(wrong)("%s", async (_, args, says) => {
    const { code, stdout, stderr } = await greekgym(args, folder);
    expect(stderr).toContain(says);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
