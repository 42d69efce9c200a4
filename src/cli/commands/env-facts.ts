import type { Argv } from "yargs";
import { type MarketFacts, marketFacts } from "../../evaluate/market-facts.ts";
import { loadExperiment } from "../experiment-file.ts";
import { expectWhole, JSON_OPTION, setOption } from "../options.ts";
import { printJson } from "../output.ts";
import { textColumns } from "../text-columns.ts";

interface FactsArgs {
  readonly experiment: string;
  readonly episodes: number;
  readonly seed: number;
  readonly set: string[];
  readonly json: boolean;
}

/** `greekgym env facts <experiment>`. */
export const ENV_FACTS = {
  command: "facts <experiment>",
  describe: "Stylised facts of the simulated market, and how well toxicity is detected",
  builder: (yargs: Argv) =>
    yargs
      .positional("experiment", { type: "string", demandOption: true, describe: "Experiment file" })
      .option("episodes", { type: "number", default: 64, describe: "Training episodes that are measured" })
      .option("seed", { type: "number", default: 1, describe: "Seed of those episodes" })
      .option("set", setOption())
      .option("json", JSON_OPTION)
      .example("$0 env facts experiments/toxic-flow.yaml", "a table with pass marks"),
  handler: facts,
};

function facts(args: FactsArgs): void {
  expectWhole(args.episodes, "--episodes", 2);
  expectWhole(args.seed, "--seed", 0);
  const { experiment } = loadExperiment(args.experiment, args.set);
  const found = marketFacts(experiment, args.episodes, args.seed);
  if (args.json) printJson(found);
  else process.stdout.write(factsText(found));
}

const number = (x: number | null) => (x === null ? "-" : String(Number(x.toPrecision(3))));
const interval = (ci: readonly [number, number] | null) => (ci === null ? "-" : `${number(ci[0])} to ${number(ci[1])}`);

function factsText({ scenario, episodes, seed, facts: rows, toxicity }: MarketFacts): string {
  const parts = [
    `${scenario}: ${episodes} training episodes, seed ${seed}`,
    textColumns(
      ["fact", "value", "95%", "mark", "", "estimator"],
      rows.map((r) => [
        r.fact,
        number(r.value),
        interval(r.ci95),
        r.passMark.split(":")[0]!,
        r.passed === null ? "" : r.passed ? "pass" : "MISS",
        r.estimator,
      ]),
    ),
  ];
  for (const score of toxicity) {
    const share = score.observations === 0 ? 0 : (100 * score.positives) / score.observations;
    parts.push(
      `toxicity against the truth "${score.truth}" (${share.toFixed(1)}% of ${score.observations} steps)${score.reason === undefined ? "" : `: ${score.reason}`}`,
      textColumns(
        ["estimator", "AUC", "95%"],
        score.estimators.map((e) => [e.estimator, number(e.auc), interval(e.ci95)]),
      ),
    );
  }
  return `${parts.join("\n\n")}\n`;
}
