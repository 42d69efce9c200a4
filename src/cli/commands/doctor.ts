import type { Argv } from "yargs";
import { EXIT } from "../../core/errors.ts";
import { DATA_OPTION, JSON_OPTION, OUT_OPTION } from "../options.ts";
import { printJson } from "../output.ts";
import { version } from "../version.ts";

export const command = "doctor";
export const describe = "Say which engines this machine has, why not the others, and what else is missing";

export function builder(yargs: Argv) {
  return yargs
    .option("out", OUT_OPTION)
    .option("data", DATA_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 doctor", "the first thing to run when something does not work");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const { checkMachine } = await import("../machine-check.ts");
  const checks = await checkMachine(args.out, args.data);
  const ok = checks.every((c) => c.ok || !c.required);
  if (args.json) printJson({ ok, version: version(), checks });
  else {
    const width = Math.max(...checks.map((c) => c.name.length));
    for (const c of checks) {
      const mark = c.ok ? "ok  " : c.required ? "FAIL" : "–   ";
      const figure = c.value === undefined ? "" : `${Number(c.value.toPrecision(3))} ${c.unit} · `;
      process.stdout.write(`${mark} ${c.name.padEnd(width)}  ${figure}${c.detail}\n`);
    }
    process.stdout.write(ok ? "\ngreekgym works here.\n" : "\nMend what is marked FAIL.\n");
  }
  if (!ok) process.exitCode = EXIT.failed;
}
