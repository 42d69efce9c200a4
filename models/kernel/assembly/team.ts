import { backwardShard, batchOf, forwardRows, prepareBackward, prepareForward, shardsOf } from "./dense";

/**
 * A team of threads on one shared memory. The leader publishes a job and raises the generation, which members watch: first in a short spin,
 * for jobs follow one another within microseconds, then asleep.
 *
 * A network's job is cut into pieces that whoever is free takes, the leader too: a member that comes late, or that the machine has
 * set aside, finds nothing left and delays nobody. Members of odd number take from the back, the others from the front: the rows of a backward pass are then, as a
 * rule, those that the same thread has computed forward, and lie in its core's caches. Other work has a part for each member and waits for all of them.
 *
 * Words of the control block (i32), laid out in models/kernel/team.ts:
 */
const GENERATION: usize = 0;
/** Members that have not yet done their part of other work. */
const PENDING: usize = 4;
const OPERATION: usize = 8;
const ARGUMENT: usize = 12;
const MEMBERS: usize = 16;
const SLEEPERS: usize = 20;
/**
 * (i64) The generation, and the numbers of pieces taken from the back and from the front. Written before anything else of a job: what a member has read counts
 * if this still is its generation's.
 */
const TICKET: usize = 48;
const PIECES: usize = 32;
const COMPLETED: usize = 36;

const FORWARD: i32 = 1;
const BACKWARD: i32 = 2;

/** Rows of a piece of a forward pass, unless that made more pieces than a ticket can count. */
const ROWS: i32 = 32;
const MOST_PIECES: i32 = 128;
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

/** The leader's call: publishes a job. */
export function publish(control: usize, operation: i32, argument: usize): void {
  const generation = load<i32>(control + GENERATION) + 1;
  // Closed first: a member still at the last job must not take a piece of that by what it reads of this.
  atomic.store<i64>(control + TICKET, ticketOf(generation) | NONE_LEFT);
  atomic.store<i32>(control + OPERATION, operation);
  atomic.store<u32>(control + ARGUMENT, <u32>argument);
  if (operation == FORWARD || operation == BACKWARD) {
    const rows = batchOf(argument);
    const each = rowsOfPiece(rows);
    atomic.store<i32>(control + PIECES, operation == FORWARD ? (rows + each - 1) / each : shardsOf(argument));
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

/** The next piece of the generation's job from the member's end; -1 where none is left or the leader has gone on. */
function take(control: usize, member: i32, generation: i32): i32 {
  const fromBack = (member & 1) == 1;
  const pieces = atomic.load<i32>(control + PIECES);
  let ticket = atomic.load<i64>(control + TICKET);
  while (<i32>(ticket >> 32) == generation) {
    const front = <i32>(ticket & 0xffff);
    const back = <i32>((ticket >> 16) & 0xffff);
    if (front + back >= pieces) break;
    const found = atomic.cmpxchg<i64>(control + TICKET, ticket, ticket + (fromBack ? BACK : FRONT));
    if (found == ticket) return fromBack ? pieces - 1 - back : front;
    ticket = found;
  }
  return -1;
}

/** Takes pieces of the generation's network job until none is left. */
export function takePieces(control: usize, member: i32, generation: i32): void {
  const operation = atomic.load<i32>(control + OPERATION);
  const network = <usize>atomic.load<u32>(control + ARGUMENT);
  let piece = take(control, member, generation);
  if (piece < 0) return;
  if (operation == FORWARD) {
    const batch = batchOf(network);
    const rows = rowsOfPiece(batch);
    prepareForward(network, member);
    for (; piece >= 0; piece = take(control, member, generation)) {
      forwardRows(network, member, piece * rows, min(batch, (piece + 1) * rows));
      complete(control);
    }
  } else {
    const space = prepareBackward(network, member);
    for (; piece >= 0; piece = take(control, member, generation)) {
      backwardShard(network, member, piece, space);
      complete(control);
    }
  }
}

// @ts-ignore: decorator
@inline
function complete(control: usize): void {
  if (atomic.add<i32>(control + COMPLETED, 1) + 1 == load<i32>(control + PIECES)) atomic.notify(control + COMPLETED, 1);
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
