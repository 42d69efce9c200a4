import { ContractError, GreekgymError } from "../../src/core/errors.ts";
import { Arena } from "./arena.ts";
import { type Arithmetic, buildOf, type KernelFunctions, sharedKernel, type TeamFunctions } from "./functions.ts";
import type { WasmMemory } from "./webassembly.ts";

/** Bytes of a cache line, and of the control block (models/kernel/assembly/team.ts), on lines of its own. */
const LINE = 64;
const CONTROL_BYTES = 3 * LINE;
/** Its words that are used here: how many threads there are, the thread that failed (its number, 0 while none has), and how many members have begun. */
const MEMBERS = 4;
const FAILED = 6;
const BEGUN = 10;
/** The first of the networks or parameter sets that a job is about, and how many there may be. */
const SUBJECT = 21;
const MOST_SUBJECTS = 8;
const WORDS = SUBJECT + MOST_SUBJECTS;

/** Jobs that are cut into pieces: of networks, then of parameter sets. */
const FORWARD = 1;
const BACKWARD = 2;
const SQUARES = 3;
const SCALE = 4;
const STEP = 5;
/** Every member ends. */
const LEAVE = 6;
/** Numbers from here on belong to whoever gave the team more work than networks: a member's `otherWork` gets them. */
export const OTHER_WORK = 16;

/** Polls of the shared memory before a thread sleeps: some hundred microseconds, as long as a member's piece, and longer for members, who wait for the leader's serial work. */
const LEADER_SPINS = 300_000;
const MEMBER_SPINS = 1_000_000;
/** Rows below which calling the team costs more than it saves. */
const WORTHWHILE_ROWS = 64;
const POLL_MILLISECONDS = 200;
/** Sleeps after which a member counts as lost that lives, but does not answer (a step may be long), or that has not begun. */
const PATIENCE = 3000;
const PATIENCE_TO_BEGIN = 300;

/** What a thread needs to join; it can be sent to a worker thread. */
export interface Membership {
  readonly memory: WasmMemory;
  readonly arithmetic: Arithmetic;
  /** The leader's build of the kernel. */
  readonly build: string;
  readonly control: number;
  /** 1 to members - 1; the leader is 0. */
  readonly member: number;
}

/** A member's thread, seen from the leader. */
export interface MemberHandle {
  /**
   * What went wrong in it, once it has ended by itself.
   * @param closely also looks for an end that the thread could not tell of: for a leader that waits.
   */
  failure(closely?: boolean): string | undefined;
}

/** Starts the thread of a member: it must call `joinTeam` with the membership. */
export type SpawnMember = (membership: Membership) => MemberHandle;

/**
 * The leader's side of a team of threads that compute on one shared memory. A call returns when all have done their part, so that whoever
 * uses a network sees nothing of it. With one member the leader works alone.
 */
export class KernelTeam {
  readonly arena: Arena;
  readonly members: number;
  readonly arithmetic: Arithmetic;
  readonly #kernel: KernelFunctions & TeamFunctions;
  readonly #control: number;
  readonly #words: Int32Array;
  readonly #handles: MemberHandle[] = [];
  /** The operation that `together` has been asked for, and what it is about; and whether it still listens. */
  readonly #asked: number[] = [];
  #operation = 0;
  #listening = false;
  #closed = false;
  #dismissed = false;

  /** @throws GreekgymError `kernel` where the runtime cannot compute as `arithmetic` asks. */
  constructor(members: number, spawn: SpawnMember, arithmetic: Arithmetic = "exact") {
    if (!Number.isInteger(members) || members < 1 || members > 64)
      throw new ContractError("A team has 1 to 64 threads.", { which: "members", value: members });
    const { kernel, memory } = sharedKernel(undefined, arithmetic);
    this.members = members;
    this.arithmetic = arithmetic;
    this.#kernel = kernel;
    this.arena = new Arena({ kernel, memory });
    // A cache line at both ends, so that no array shares one with the words that threads watch.
    this.#control = LINE * Math.ceil(this.arena.allocate((CONTROL_BYTES + 2 * LINE) / 4) / LINE);
    this.#words = this.arena.words(this.#control, WORDS);
    this.#words[MEMBERS] = members;
    const build = buildOf(arithmetic);
    try {
      for (let member = 1; member < members; member++)
        this.#handles.push(spawn({ memory, arithmetic, build, control: this.#control, member }));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether a batch is large enough for several threads. Who computes never changes the result. */
  worthSharing(batch: number): boolean {
    return this.members > 1 && batch >= WORTHWHILE_ROWS && !this.#closed;
  }

  /** Whether it computes: until it is closed, or a thread is lost. */
  get open(): boolean {
    return !this.#closed;
  }

  /** `Engine.together`: what `work` asks for becomes one job as long as it is the same operation. */
  together(work: () => void): void {
    const outer = !this.#listening;
    this.#listening = true;
    try {
      work();
    } catch (error) {
      // What came before the error is done, as it would be by one thread. Should that fail too, the next call tells of it.
      try {
        this.flush();
      } catch {}
      throw error;
    } finally {
      if (outer) this.#listening = false;
    }
    this.flush();
  }

  forward(network: number): void {
    this.#ask(FORWARD, network);
  }

  backward(network: number): void {
    this.#ask(BACKWARD, network);
  }

  sumGradientSquares(parameters: number): void {
    this.#ask(SQUARES, parameters);
  }

  scaleGradients(parameters: number): void {
    this.#ask(SCALE, parameters);
  }

  adamStep(parameters: number): void {
    this.#ask(STEP, parameters);
  }

  /** To be called before the words of this network or parameter set are changed: a job that has been asked for must not read the new ones. */
  before(subject: number): void {
    if (this.#asked.length > 0 && this.#asked.includes(subject)) this.flush();
  }

  /** Does what has been asked for so far: before anything is read of it, and before the leader computes alone. */
  flush(): void {
    const asked = this.#asked;
    const subjects = asked.length;
    if (subjects === 0) return;
    // A single piece: nobody can help.
    if (subjects === 1 && (this.#operation === SQUARES || this.#operation === SCALE)) {
      const set = asked.pop()!;
      if (this.#operation === SQUARES) this.#kernel.sumGradientSquares(set);
      else this.#kernel.scaleGradients(set);
      return;
    }
    const [kernel, control] = [this.#kernel, this.#control];
    for (let i = 0; i < subjects; i++) this.#words[SUBJECT + i] = asked[i]!;
    asked.length = 0;
    this.#expectMembers();
    kernel.publish(control, this.#operation, subjects);
    kernel.takePieces(control, 0, kernel.generationOf(control));
    this.#await(() => kernel.awaitPieces(control, LEADER_SPINS, POLL_MILLISECONDS));
  }

  /** Has the members do the work that their `otherWork` knows by this number, while the leader does `own`. */
  run(operation: number, own: () => void): void {
    this.flush();
    if (this.members === 1) {
      own();
      return;
    }
    this.#expectMembers();
    this.#kernel.publish(this.#control, operation, 0);
    try {
      own();
    } finally {
      this.#await(() => this.#kernel.awaitMembers(this.#control, LEADER_SPINS, POLL_MILLISECONDS));
    }
  }

  /** Sends the members home, those too that are left where one was lost. The leader goes on alone. */
  close(): void {
    if (!this.#dismissed && this.members > 1) this.#kernel.publish(this.#control, LEAVE, 0);
    this.#dismissed = true;
    this.#closed = true;
  }

  #ask(operation: number, subject: number): void {
    const asked = this.#asked;
    if (operation !== this.#operation || asked.length === MOST_SUBJECTS || asked.includes(subject)) this.flush();
    this.#operation = operation;
    asked.push(subject);
    if (!this.#listening) this.flush();
  }

  /** A thread that has ended would never answer. */
  #expectMembers(closely = false): void {
    if (this.#closed) throw lost("the team was closed");
    for (const handle of this.#handles) {
      const failure = handle.failure(closely);
      if (failure !== undefined) this.#giveUp(failure);
    }
  }

  /** Waits while `left`, which sleeps for a while itself, says that somebody is at work. */
  #await(left: () => number): void {
    for (let polls = 0; left() > 0 && this.#words[FAILED] === 0; polls++) {
      this.#expectMembers(true);
      const begun = Atomics.load(this.#words, BEGUN) === this.members - 1;
      if (polls < (begun ? PATIENCE : PATIENCE_TO_BEGIN)) continue;
      this.#giveUp(begun ? "it no longer answers" : "it did not start");
    }
    const failed = this.#words[FAILED]!;
    if (failed !== 0) this.#giveUp(this.#handles[failed - 1]?.failure() ?? `thread ${failed} failed`);
  }

  #giveUp(how: string): never {
    this.#closed = true;
    throw lost(how);
  }
}

function lost(how: string): GreekgymError {
  return new GreekgymError("worker", `A training thread was lost: ${how}`, {
    fix: "Go on from the last checkpoint with `greekgym resume`; use fewer workers where memory is short.",
  });
}

/**
 * A member's life: waits for jobs and takes part until the team is closed. Blocks its thread.
 * @param otherWork does what `KernelTeam.run` asks for.
 * @param report tells the leader's MemberHandle of an error, before the leader is let go on.
 */
export function joinTeam(
  { memory, arithmetic, build, control, member }: Membership,
  otherWork: (operation: number) => void = () => undefined,
  report: (error: unknown) => void = () => undefined,
): void {
  if (build !== buildOf(arithmetic)) {
    const error = new GreekgymError("worker", "A training thread has another build of the kernel than its leader.", {
      fix: "Build the program anew: npm run build.",
    });
    report(error);
    throw error;
  }
  const { kernel } = sharedKernel(memory, arithmetic);
  const words = new Int32Array(memory.buffer, control, WORDS);
  Atomics.add(words, BEGUN, 1);
  let seen = 0;
  for (;;) {
    seen = kernel.awaitJob(control, seen, MEMBER_SPINS);
    const operation = kernel.operation(control, seen);
    try {
      if (operation >= FORWARD && operation <= STEP) kernel.takePieces(control, member, seen);
      else if (operation >= OTHER_WORK) otherWork(operation);
    } catch (error) {
      report(error);
      words[FAILED] = member;
      throw error;
    } finally {
      if (operation >= OTHER_WORK) kernel.countOff(control);
    }
    if (operation === LEAVE) return;
  }
}
