import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Membership } from "../../models/kernel/team.ts";
import { GreekgymError } from "../core/errors.ts";
import type { SpawnThread, ThreadPort } from "../train/parallel/threads.ts";
import type { TrainingOrder } from "../train/training-env.ts";
import { THREAD_LIMITS } from "./thread-limits.ts";

/** What a training thread is started with. */
export interface ThreadStart {
  readonly membership: Membership;
  /** What its environments are made from; left out where it computes only. */
  readonly order?: TrainingOrder;
  readonly messages: MessagePort;
  readonly errors: MessagePort;
}

export function threadPort(port: MessagePort): ThreadPort {
  return {
    post: (message) => port.postMessage(message),
    take: () => {
      const received = receiveMessageOnPort(port) as { message: unknown } | undefined;
      if (received === undefined) throw new GreekgymError("worker", "A message between training threads is missing.");
      return received.message;
    },
  };
}

const entry = () => new URL(import.meta.resolve("#training-worker"));

/** Threads that can be had: under a development runner there may be no build, and one thread then gives the same bytes. */
export function threadsToUse(workers: number): number {
  return existsSync(fileURLToPath(entry())) ? workers : 1;
}

/**
 * Tells whether a port's other side is closed, without waiting for events: a thread that runs out of memory closes its ports, but the `exit` event
 * cannot reach a leader that waits for the thread. Node's `postMessage` answers true until then; where it does not, nothing is told.
 */
function closedness(port: MessagePort): () => boolean {
  const taken = (): unknown => port.postMessage(null);
  return taken() === true ? () => taken() !== true : () => false;
}

/** Starts worker threads that train. They end when their team closes, and never keep the process alive. */
export function spawnThread(order?: TrainingOrder): SpawnThread {
  return (membership) => {
    const messages = new MessageChannel();
    const errors = new MessageChannel();
    const start: ThreadStart = {
      membership,
      messages: messages.port2,
      errors: errors.port2,
      ...(order === undefined ? {} : { order }),
    };
    const worker = new Worker(entry(), {
      workerData: start,
      transferList: [messages.port2, errors.port2],
      resourceLimits: THREAD_LIMITS,
    });
    let ended: string | undefined;
    worker.on("error", (error: Error) => {
      ended ??= error.message;
    });
    worker.on("exit", (code) => {
      ended ??= `thread ${membership.member} ended with code ${code}`;
    });
    for (const port of [messages.port1, errors.port1]) port.unref();
    worker.unref();
    const closed = closedness(errors.port1);
    return {
      port: threadPort(messages.port1),
      failure: (closely = false) => {
        const told = receiveMessageOnPort(errors.port1) as { message: string } | undefined;
        ended = told?.message ?? ended;
        if (closely && ended === undefined && closed())
          ended = `thread ${membership.member} was ended, or ran out of memory`;
        return ended;
      },
    };
  };
}
