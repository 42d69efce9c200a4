import { backwardShard, batchOf, forwardRows, prepareBackward, prepareForward, shardsOf } from "./dense";
import { adamStep, numbersOf, scaleGradients, sumGradientSquares } from "./optimiser";

/**
 * A team of threads on one shared memory. The leader publishes a job and raises the generation, which members watch: first in a short spin,
 * for jobs follow one another within microseconds, then asleep.
 *
 * A job is one operation on one or several networks, or on their parameters. It is cut into pieces that whoever is free takes, the leader too: a member
 * that comes late, or that the machine has set aside, finds nothing left and delays nobody. Members of odd number take from the back, the others from the front.
 * Of two networks each thread so computes, as a rule, one: forward, backward and its step, and its weights stay in that core's caches; of one network each
 * goes backward through the rows that it computed forward. Other work has a part for each member and waits for all of them.
 *
 * The control block (i32 words but for the ticket), laid out in models/kernel/team.ts too, which keeps words 6 (who failed) and 10 (how many have begun) for
 * itself. What members watch while they wait, what they take pieces by and what the leader watches lie on a cache line each: a line that one writes
 * and another reads travels between the cores.
 */
const GENERATION: usize = 0;
const MEMBERS: usize = 16;
const SLEEPERS: usize = 20;
/**
 * (i64) The generation, and the numbers of pieces taken from the back and from the front. Written before anything else of a job: what a member has read counts
 * if this still is its generation's. Stores after it are atomic, or some processors would let them overtake it.
 */
const TICKET: usize = 64;
const OPERATION: usize = 72;
const PIECES: usize = 76;
/** Where the words of the networks or parameter sets are that the job is about. */
const SUBJECT: usize = 84;
const COMPLETED: usize = 128;
/** Members that have not yet done their part of other work. */
const PENDING: usize = 132;

/** Of networks. */
const FORWARD: i32 = 1;
const BACKWARD: i32 = 2;
/** Of parameter sets. */
const SQUARES: i32 = 3;
const SCALE: i32 = 4;
const STEP: i32 = 5;

/** Rows of a piece of a forward pass, unless that made more pieces than a ticket can count. */
const ROWS: i32 = 32;
const MOST_PIECES: i32 = 128;
/** Numbers of a piece of an optimiser's step: some microseconds. */
const NUMBERS: i32 = 8192;
/** In a ticket: one piece taken from the front, one from the back, and more than there ever are. */
const FRONT: i64 = 1;
const BACK: i64 = 1 << 16;
const NONE_LEFT: i64 = 0xffff;

// @ts-ignore: decorator
@inline
function ticketOf(generation: i32): i64 {
  return <i64>generation << 32;
}

// @ts-ignore: decorator
@inline
function rowsOfPiece(batch: i32): i32 {
  return max(ROWS, (((batch + MOST_PIECES - 1) / MOST_PIECES) + 3) & ~3);
}

// @ts-ignore: decorator
@inline
function numbersOfPiece(numbers: i32): i32 {
  return max(NUMBERS, (((numbers + MOST_PIECES - 1) / MOST_PIECES) + 3) & ~3);
}

// @ts-ignore: decorator
@inline
function parts(whole: i32, each: i32): i32 {
  return (whole + each - 1) / each;
}

function piecesOf(operation: i32, subject: usize): i32 {
  if (operation == FORWARD) return parts(batchOf(subject), rowsOfPiece(batchOf(subject)));
  if (operation == BACKWARD) return shardsOf(subject);
  if (operation == STEP) return parts(numbersOf(subject), numbersOfPiece(numbersOf(subject)));
  return 1;
}

// @ts-ignore: decorator
@inline
function subjectOf(control: usize, i: i32): usize {
  return <usize>load<u32>(control + SUBJECT + (<usize>i << 2));
}

/** The leader's call: publishes a job about the first `subjects` of the block's subjects. */
export function publish(control: usize, operation: i32, subjects: i32): void {
  const generation = load<i32>(control + GENERATION) + 1;
  // Closed first: a member still at the last job must not take a piece of that by the number of pieces of this.
  atomic.store<i64>(control + TICKET, ticketOf(generation) | NONE_LEFT);
  atomic.store<i32>(control + OPERATION, operation);
  if (subjects > 0) {
    let pieces = 0;
    for (let i = 0; i < subjects; i++) pieces += piecesOf(operation, subjectOf(control, i));
    atomic.store<i32>(control + PIECES, pieces);
    atomic.store<i32>(control + COMPLETED, 0);
    atomic.store<i64>(control + TICKET, ticketOf(generation));
  } else atomic.store<i32>(control + PENDING, load<i32>(control + MEMBERS) - 1);
  atomic.store<i32>(control + GENERATION, generation);
  if (atomic.load<i32>(control + SLEEPERS) > 0) atomic.notify(control + GENERATION, -1);
}

/** Waits until the generation is no longer `seen`; returns it. */
export function awaitJob(control: usize, seen: i32, spins: i32): i32 {
  for (let i = 0; i < spins; i++) {
    const generation = atomic.load<i32>(control + GENERATION);
    if (generation != seen) return generation;
  }
  atomic.add<i32>(control + SLEEPERS, 1);
  while (atomic.load<i32>(control + GENERATION) == seen) atomic.wait<i32>(control + GENERATION, seen, -1);
  atomic.sub<i32>(control + SLEEPERS, 1);
  return atomic.load<i32>(control + GENERATION);
}

// @ts-ignore: decorator
@inline
function current(control: usize, generation: i32): bool {
  return <i32>(atomic.load<i64>(control + TICKET) >> 32) == generation;
}

/** What the generation's job is; 0 where the leader has gone on meanwhile. */
export function operation(control: usize, generation: i32): i32 {
  const operation = atomic.load<i32>(control + OPERATION);
  return current(control, generation) ? operation : 0;
}

/**
 * Takes the next pieces of the generation's job from the member's end, more at a time while many are left. Returns the first one's number and, from bit 16 on,
 * how many there are; -1 where none is left or the leader has gone on.
 */
function take(control: usize, member: i32, generation: i32): i32 {
  const fromBack = (member & 1) == 1;
  const members = load<i32>(control + MEMBERS);
  const pieces = atomic.load<i32>(control + PIECES);
  let ticket = atomic.load<i64>(control + TICKET);
  while (<i32>(ticket >> 32) == generation) {
    const front = <i32>(ticket & 0xffff);
    const back = <i32>((ticket >> 16) & 0xffff);
    const left = pieces - front - back;
    if (left <= 0) break;
    const many = max(1, left / (2 * members));
    const found = atomic.cmpxchg<i64>(control + TICKET, ticket, ticket + <i64>many * (fromBack ? BACK : FRONT));
    if (found == ticket) return (fromBack ? pieces - back - many : front) | (many << 16);
    ticket = found;
  }
  return -1;
}

/** Takes pieces of the generation's job until none is left. */
export function takePieces(control: usize, member: i32, generation: i32): void {
  let done = 0;
  // The network whose weights this member has prepared for this job, and what that left of its scratch.
  let prepared: usize = 0;
  let space: usize = 0;
  for (let taken = take(control, member, generation); taken >= 0; taken = take(control, member, generation)) {
    // A job with pieces under work stays as it is.
    const operation = load<i32>(control + OPERATION);
    const end = (taken & 0xffff) + (taken >> 16);
    for (let next = taken & 0xffff; next < end; next++) {
      let i = 0;
      let piece = next;
      let subject = subjectOf(control, 0);
      for (let own = piecesOf(operation, subject); piece >= own; own = piecesOf(operation, subject)) {
        piece -= own;
        subject = subjectOf(control, ++i);
      }
      if (operation == FORWARD) {
        if (prepared != subject) prepareForward(subject, member);
        const rows = rowsOfPiece(batchOf(subject));
        forwardRows(subject, member, piece * rows, min(batchOf(subject), (piece + 1) * rows));
      } else if (operation == BACKWARD) {
        if (prepared != subject) space = prepareBackward(subject, member);
        backwardShard(subject, member, piece, space);
      } else if (operation == STEP) {
        const each = numbersOfPiece(numbersOf(subject));
        adamStep(subject, piece * each, min(numbersOf(subject), (piece + 1) * each));
      } else if (operation == SQUARES) sumGradientSquares(subject);
      else if (operation == SCALE) scaleGradients(subject);
      prepared = subject;
    }
    done += taken >> 16;
  }
  if (done == 0) return;
  const before = atomic.add<i32>(control + COMPLETED, done);
  if (member != 0 && before + done == load<i32>(control + PIECES)) atomic.notify(control + COMPLETED, 1);
}

/** The leader's call: the generation that it published last. */
export function generationOf(control: usize): i32 {
  return load<i32>(control + GENERATION);
}

/** The leader's call: waits for pieces that others took, at most about `milliseconds`; returns how many are still being worked on. */
export function awaitPieces(control: usize, spins: i32, milliseconds: i32): i32 {
  const pieces = load<i32>(control + PIECES);
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(control + COMPLETED) == pieces) return 0;
  const completed = atomic.load<i32>(control + COMPLETED);
  if (completed < pieces) atomic.wait<i32>(control + COMPLETED, completed, <i64>milliseconds * 1000000);
  return pieces - atomic.load<i32>(control + COMPLETED);
}

/** A member's call: its part of other work is done. */
export function countOff(control: usize): void {
  if (atomic.sub<i32>(control + PENDING, 1) == 1) atomic.notify(control + PENDING, 1);
}

/** The leader's call: waits for the members' parts, at most about `milliseconds`; returns how many are still at work. */
export function awaitMembers(control: usize, spins: i32, milliseconds: i32): i32 {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(control + PENDING) == 0) return 0;
  const pending = atomic.load<i32>(control + PENDING);
  if (pending > 0) atomic.wait<i32>(control + PENDING, pending, <i64>milliseconds * 1000000);
  return atomic.load<i32>(control + PENDING);
}
