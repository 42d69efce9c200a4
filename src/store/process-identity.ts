import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Which process, told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Boot and start time of the process where the system tells them (Linux), else empty. */
  readonly started: string;
}

/** Undefined where the process does not run (or is a zombie); empty where the system has no /proc. */
function startOf(pid: number): string | undefined {
  let boot: string;
  try {
    boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
  try {
    // proc(5): the fields after the command's closing bracket begin with the state (3rd); the start time is the 22nd.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid) ?? "" };
}

/** Whether the process still runs; undefined where that cannot be seen from here (another machine). */
export function isAlive(identity: ProcessIdentity): boolean | undefined {
  if (identity.host !== hostname()) return undefined;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, but as another user.
    if (!(typeof error === "object" && error !== null && "code" in error && error.code === "EPERM")) return false;
  }
  const started = startOf(identity.pid);
  return started === undefined ? false : started === "" || identity.started === "" || started === identity.started;
}
