import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { readProvenance } from "../src/store/provenance.ts";

/** Where and when figures were taken. */
export interface Machine {
  readonly cpu: string;
  /**
   * `family 26, AVX-512`, where the system tells: rented processors are called the same over several generations, and rivals compute with vectors as wide as
   * there are. Missing in older records.
   */
  readonly generation?: string;
  readonly cores: number;
  readonly node: string;
  readonly gitSha: string | null;
  readonly gitDirty: boolean | null;
  /** Mean number of running processes over the last minute, before the run. */
  readonly load: number;
  readonly date: string;
}

export function readMachine(): Machine {
  const { gitSha, gitDirty, node, cpu } = readProvenance(process.cwd(), "none");
  return {
    cpu,
    ...generationOf(cpuInfo()),
    cores: cpus().length,
    node: node.replace("v", ""),
    gitSha,
    gitDirty,
    load: loadavg()[0]!,
    date: new Date().toISOString().slice(0, 10),
  };
}

function cpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    // Only Linux has it.
    return "";
  }
}

/** The family and the widest vectors of the processor that a Linux /proc/cpuinfo describes; nothing where it names none. */
export function generationOf(info: string): { generation?: string } {
  const family = /^cpu family\s*: (\d+)$/m.exec(info)?.[1];
  const flags = new Set(/^flags\s*: (.*)$/m.exec(info)?.[1]?.split(" "));
  const parts = family === undefined ? [] : [`family ${family}`];
  if (flags.has("avx512f")) parts.push("AVX-512");
  else if (flags.has("avx2")) parts.push("AVX2");
  return parts.length === 0 ? {} : { generation: parts.join(", ") };
}
