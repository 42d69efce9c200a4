// A thread of the tests of models/kernel/team.ts: joins the team, counts its jobs, and fails in the way that it is told to.
import { workerData } from "node:worker_threads";
import { joinTeam } from "../../dist/models/kernel/team.js";

const { membership, counts, operations } = workerData;
const { member } = membership;

joinTeam(
  membership,
  (operation) => {
    counts[member]++;
    if (operation === operations.throws && member === 1) throw new Error("as the test asked");
  },
  () => {
    counts[0] = 1;
  },
);
