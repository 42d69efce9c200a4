import { existsSync } from "node:fs";

import { basename, join, resolve } from "node:path";
import { featureConfig } from "../../env/tasks/rebalance/feature-config.ts";
import { ConfigError } from "../core/errors.ts";
import type { PlayedContender } from "../evaluate/compare.ts";
import type { Arena } from "../evaluate/rollout.ts";
import { loadPolicy } from "../live/bundle-folder.ts";
import { runPaths } from "../store/run-directory.ts";
import { engineOfBundle } from "./engine.ts";

/** Resolves a bundle folder, a run folder, or a run's id under `runs/`, to the folder of a policy bundle. */
export function bundleFolder(text: string): string {
  const candidates = [text, join(text, "policy"), join("runs", text, "policy"), runPaths(resolve(text)).policy];
  const found = candidates.find((c) => existsSync(join(c, "policy.json")));
  if (found === undefined)
    throw new ConfigError("There is no policy bundle here.", {
      which: "contender or bundle",
      value: text,
      fix: "Name a bundle's folder, a finished run's folder, or a run's id; `greekgym runs ls` lists the runs.",
    });
  return found;
}

/** Plays an exported policy on the arena's episodes. */
export async function learnedContender(
  text: string,
  arena: Arena,
  from: number,
  episodes: number,
): Promise<PlayedContender> {
  const folder = bundleFolder(text);
  const { scenario, context } = arena.env;
  const engine = await engineOfBundle(folder);
  const { policy, policyJson } = loadPolicy(folder, engine, { features: featureConfig(scenario), context });
  return {
    id: basename(text.replace(/\/policy\/?$/, "")),
    kind: "learned",
    tuned: false,
    params: {},
    budget: { steps: policyJson.provenance.steps, trials: 1, coreSeconds: 0 },
    tables: [arena.play(policy, from, episodes)],
  };
}
