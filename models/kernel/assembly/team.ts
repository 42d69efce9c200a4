import { backward, forward } from "./dense";

/**
 * A team of threads on one shared memory. The leader writes a job and raises the generation; members, who watch it, take part and count
 * themselves off. Waiting is first a short spin, for jobs follow one another within microseconds, then a sleep.
 * Words of the control block (i32), laid out in models/kernel/team.ts:
 */
const GENERATION: usize = 0;
const PENDING: usize = 4;
const OPERATION: usize = 8;
const ARGUMENT: usize = 12;
const MEMBERS: usize = 16;
const SLEEPERS: usize = 20;

const FORWARD: i32 = 1;
const BACKWARD: i32 = 2;

/** The leader's call: publishes a job for all other members. */
export function publish(control: usize, operation: i32, argument: usize): void {
  store<i32>(control + OPERATION, operation);
  store<u32>(control + ARGUMENT, <u32>argument);
  atomic.store<i32>(control + PENDING, load<i32>(control + MEMBERS) - 1);
  atomic.add<i32>(control + GENERATION, 1);
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

/** What the job of the current generation is. */
export function operation(control: usize): i32 {
  return load<i32>(control + OPERATION);
}

/** A member's part of the job. */
export function takePart(control: usize, member: i32): void {
  const network = <usize>load<u32>(control + ARGUMENT);
  const members = load<i32>(control + MEMBERS);
  if (load<i32>(control + OPERATION) == FORWARD) forward(network, member, members);
  else if (load<i32>(control + OPERATION) == BACKWARD) backward(network, member, members);
}

/** A member's call: its part is done. */
export function countOff(control: usize): void {
  if (atomic.sub<i32>(control + PENDING, 1) == 1) atomic.notify(control + PENDING, 1);
}

/** The leader's call: waits for the members, at most about `milliseconds`; returns how many are still at work. */
export function awaitMembers(control: usize, spins: i32, milliseconds: i32): i32 {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(control + PENDING) == 0) return 0;
  const pending = atomic.load<i32>(control + PENDING);
  if (pending > 0) atomic.wait<i32>(control + PENDING, pending, <i64>milliseconds * 1000000);
  return atomic.load<i32>(control + PENDING);
}
