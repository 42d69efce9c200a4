import { relative } from "node:path";
import type { ReplayResult } from "../live/replay.ts";

const near = (path: string) => {
  const from = relative(process.cwd(), path);
  return from.startsWith("..") ? path : from;
};

const figure = (x: number) => x.toFixed(Math.abs(x) < 10 ? 2 : 1);

/** The shadow session in a few lines for people. */
export function shadowText(report: ReplayResult["report"], files: ReplayResult["files"]): string {
  const { incumbent, freeRun } = report.ledgers;
  const m = report.agreementMatrix;
  return [
    `shadow: ${report.policy.id} beside ${report.incumbent.baseline}, ${report.decisions} decisions of ${report.session.scenario} (${report.session.split} episode ${report.session.episode}); nothing was traded`,
    `  agreement    ${(100 * report.agreement).toFixed(0)}%: ${m.neither} neither traded, ${m.bothSameSide} both the same way, ${m.onlyIncumbent} only the incumbent, ${m.onlyChallenger} only the policy, ${m.bothOppositeSides} opposite ways`,
    `  would-have-traded profit, ${report.unit}: policy ${figure(freeRun.profit)} (gas ${figure(freeRun.gas)}, ${freeRun.rebalances} trades), incumbent ${figure(incumbent.profit)} (gas ${figure(incumbent.gas)}, ${incumbent.rebalances} trades)`,
    `  regret       ${figure(report.regret)} ${report.unit}, against the better of the two at each decision`,
    `  out of range ${(100 * report.outOfEnvelope.any).toFixed(0)}% of decisions outside what the policy was tested on`,
    `  statement    ${report.policy.statement}`,
    `summary  ${near(files.summary)}`,
    `journal  ${near(files.journal)}`,
    "",
  ].join("\n");
}
