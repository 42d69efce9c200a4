import { cpus, loadavg } from "node:os";
import { readProvenance } from "../src/store/provenance.ts";

/** Where and when figures were taken. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly gitSha: string | null;
  readonly gitDirty: boolean | null;
  /** Mean number of running processes over the last minute, before the measurement. */
  readonly load: number;
  readonly date: string;
}

export function readMachine(): Machine {
  const { gitSha, gitDirty, node, cpu } = readProvenance(process.cwd(), "none");
  return {
    cpu,
    cores: cpus().length,
    node: node.replace("v", ""),
    gitSha,
    gitDirty,
    load: loadavg()[0]!,
    date: new Date().toISOString().slice(0, 10),
  };
}
