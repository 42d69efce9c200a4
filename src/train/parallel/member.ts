import type { VectorEnv } from "../../../env/core/env.ts";
import { joinTeam, type Membership } from "../../../models/kernel/team.ts";
import type { StateTree } from "../../core/state.ts";
import { EnvPart, type Rows } from "./env-part.ts";
import { ENV_WORK, type EnvOrder } from "./parallel-env.ts";
import type { ThreadPort } from "./threads.ts";

/** A training thread's life: computes with the team, and plays its copies of the environment where there are any. Returns when the team closes. */
export function serve(
  membership: Membership,
  port: ThreadPort,
  { build, report }: { build: (rows: Rows) => VectorEnv; report: (error: unknown) => void },
): void {
  let part: EnvPart | undefined;
  const works: Readonly<Record<number, () => void>> = {
    [ENV_WORK.build]: () => {
      const { rows, shared } = port.take() as EnvOrder;
      part = new EnvPart(build(rows), shared, rows);
    },
    [ENV_WORK.reset]: () => part!.reset(port.take() as number | undefined),
    [ENV_WORK.step]: () => part!.step(),
    [ENV_WORK.save]: () => port.post(part!.saveState()),
    [ENV_WORK.load]: () => part!.loadState(port.take() as StateTree),
  };
  joinTeam(membership, (operation) => works[operation]!(), report);
}
