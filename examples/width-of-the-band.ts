/** How wide should the no-trade band be? Plays one rule at several widths on the same 512 episodes. */
import { readFileSync } from "node:fs";
import { Arena, createBaseline, experimentSchema, loadConfig, objectiveOf } from "greekgym";

const path = "experiments/quickstart.yaml";
const { value: experiment } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
const arena = new Arena(experiment, "select", 1, { series: {} });

for (const halfWidth of [0, 0.05, 0.1, 0.2, 0.4, 2]) {
  const rule = createBaseline("delta-band", { halfWidth }, arena.env.context);
  const { costs, rebalances } = arena.play(rule, 0, 512);
  const trades = rebalances.reduce((sum, n) => sum + n, 0) / rebalances.length;
  const cost = objectiveOf(experiment.objective, costs);
  console.log(
    `half-width ${halfWidth}: ${cost.toFixed(1)} bps of notional, ${trades.toFixed(1)} rebalances an episode`,
  );
}
