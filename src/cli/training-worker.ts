import { workerData } from "node:worker_threads";
import { serve } from "../train/parallel/member.ts";
import { type ThreadStart, threadPort } from "./training-threads.ts";

/** Entry of a training thread. */
const { membership, order, messages, errors } = workerData as ThreadStart;

serve(membership, threadPort(messages), order, (error) =>
  errors.postMessage(error instanceof Error ? error.message : String(error)),
);
messages.close();
errors.close();
