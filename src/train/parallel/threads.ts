import type { Arithmetic } from "../../../models/kernel/functions.ts";
import { KernelTeam, type MemberHandle, type Membership } from "../../../models/kernel/team.ts";

/** Messages to and from one thread, taken without waiting for events: whoever asks knows that they have been sent. */
export interface ThreadPort {
  post(message: unknown): void;
  /** The oldest message not yet taken. Throws where there is none. */
  take(): unknown;
}

/** A started thread, seen from the leader. */
export interface MemberThread extends MemberHandle {
  readonly port: ThreadPort;
}

/** Starts a thread that joins the team (src/train/parallel/member.ts). */
export type SpawnThread = (membership: Membership) => MemberThread;

/** A team of threads that computes and plays environments; whoever starts it closes the team. */
export interface TrainingThreads {
  readonly team: KernelTeam;
  /** The threads other than this one, by member number less 1. */
  readonly members: readonly MemberThread[];
}

export function startThreads(workers: number, spawn: SpawnThread, arithmetic: Arithmetic = "exact"): TrainingThreads {
  const members: MemberThread[] = [];
  const start = (membership: Membership) => {
    const thread = spawn(membership);
    members.push(thread);
    return thread;
  };
  const team = new KernelTeam(workers, start, arithmetic);
  return { team, members };
}
