import { kernelEngine } from "../../../models/kernel/engine.ts";
import { joinTeam, type Membership } from "../../../models/kernel/team.ts";
import type { StateTree } from "../../core/state.ts";
import { Arena } from "../../evaluate/rollout.ts";
import { buildTrainingEnv, type TrainingOrder } from "../training-env.ts";
import { EnvPart } from "./env-part.ts";
import type { EnvOrder } from "./parallel-env.ts";
import { type ScoreRequest, Scorer } from "./scoring.ts";
import type { ThreadPort } from "./threads.ts";
import { WORK } from "./work.ts";

/**
 * A training thread's life: computes with the team, plays its copies of the environment, and its share of the episodes that score a policy.
 * Returns when the team closes.
 * @param report tells the leader of an error.
 */
export function serve(
  membership: Membership,
  port: ThreadPort,
  order: TrainingOrder | undefined,
  report: (error: unknown) => void,
): void {
  let part: EnvPart | undefined;
  let scorer: Scorer | undefined;
  const works: Readonly<Record<number, () => void>> = {
    [WORK.build]: () => {
      const { rows, shared } = port.take() as EnvOrder;
      part = new EnvPart(buildTrainingEnv(order!, rows).env, shared, rows);
    },
    [WORK.reset]: () => part!.reset(port.take() as number | undefined),
    [WORK.step]: () => part!.step(),
    [WORK.save]: () => port.post(part!.saveState()),
    [WORK.load]: () => part!.loadState(port.take() as StateTree),
    [WORK.score]: () => {
      const { experiment, selectData } = order!;
      scorer ??= new Scorer(
        order!,
        new Arena(experiment, "select", experiment.compare.seed, selectData),
        kernelEngine(),
      );
      port.post(scorer.play(port.take() as ScoreRequest));
    },
  };
  joinTeam(membership, (operation) => works[operation]!(), report);
}
