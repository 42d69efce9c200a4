import { relative } from "node:path";
import { evaluationText } from "./output.ts";
import type { FinishedRun } from "./run-experiment.ts";
import { shadowText } from "./shadow-text.ts";

const near = (path: string) => {
  const from = relative(process.cwd(), path);
  return from.startsWith("..") ? path : from;
};

/** What a finished run tells a person. */
export function finishedText(f: FinishedRun): string {
  return [
    evaluationText(f.evaluation),
    "",
    `run      ${f.run}: ${f.steps} steps, ${f.seconds.toFixed(0)} s in all, training ${Math.round(f.stepsPerSecond)} steps/s`,
    `report   ${near(f.report)}`,
    `policy   ${near(f.policy)}`,
    "",
    ...(f.shadow === undefined ? [] : [shadowText(f.shadow.report, f.shadow.files)]),
  ].join("\n");
}
