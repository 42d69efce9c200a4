import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import { INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { loadConfig } from "../../../src/core/yaml-config.ts";
import { type Experiment, experimentSchema } from "../../../src/evaluate/experiment.ts";
import { rowsOf } from "../../../src/train/parallel/parallel-env.ts";
import { joinRows, takeRows } from "../../../src/train/parallel/row-state.ts";

const COPIES = 7;

function experiments(): [string, Experiment][] {
  return readdirSync("experiments")
    .filter((name) => name.endsWith(".yaml"))
    .map((name): [string, Experiment] => {
      const path = `experiments/${name}`;
      return [name, loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema }).value];
    })
    .filter(([, e]) => e.scenario.market.price.model !== "file" && e.scenario.market.price.model !== "listed");
}

/** Plays some random decisions and returns the state at the end. */
function play(env: RebalanceEnv, from: number) {
  env.reset({ seed: 3 });
  const width = env.scenario.slots.length * INTENT_WIDTH;
  for (let t = 0; t < 5; t++) {
    const intents = new Float64Array(env.numEnvs * width);
    for (let b = 0; b < env.numEnvs; b++) {
      const random = new Random(1, "intents", (from + b) * 100 + t);
      for (let s = 0; s < env.scenario.slots.length; s++) intents[b * width + s * INTENT_WIDTH + 2] = random.normal();
    }
    env.step(intents);
  }
  return env.saveState();
}

describe("parts of a vector environment", () => {
  it.each(experiments())(
    "hold, together, the state of the whole and can be taken from it (%s)",
    (_name, { scenario }) => {
      const whole = play(new RebalanceEnv({ scenario, numEnvs: COPIES, split: "train", seed: 3 }), 0);
      for (const members of [2, 3]) {
        const rows = Array.from({ length: members }, (_, m) => rowsOf(m, members, COPIES));
        const parts = rows.map(({ from, count, of }) =>
          play(new RebalanceEnv({ scenario, numEnvs: count, part: { from, of }, split: "train", seed: 3 }), from),
        );
        expect(
          joinRows(
            parts,
            rows.map((r) => r.count),
          ),
        ).toEqual(whole);
        expect(rows.map(({ from, count, of }) => takeRows(whole, from, count, of))).toEqual(parts);
      }
    },
  );

  it("refuse states that do not fit together, naming where", () => {
    const a = { seed: 1, own: { x: new Float64Array(4) } };
    const join = (b: typeof a) => () => joinRows([a, b], [2, 1]);
    expect(join({ seed: 2, own: { x: new Float64Array(2) } })).toThrow(ContractError);
    expect(join({ seed: 2, own: { x: new Float64Array(2) } })).toThrow("state.seed");
    expect(join({ seed: 1, own: { x: new Float64Array(3) } })).toThrow("state.own.x");
    expect(() => takeRows({ x: new Float64Array(5) }, 0, 1, 3)).toThrow("state.x");
  });
});
