import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as api from "../../src/index.ts";

describe("the public list", () => {
  it("is exactly this: adding a name is a decision, taking one away breaks programs", () => {
    expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
      [
        "Arena",
        "ConfigError",
        "ContractError",
        "CorruptFileError",
        "DataError",
        "EXIT",
        "GreekgymError",
        "INTENT",
        "INTENT_FIELDS",
        "INTENT_KIND",
        "INTENT_WIDTH",
        "InterruptedError",
        "METRICS",
        "ManualClock",
        "Ppo",
        "Random",
        "RebalanceEnv",
        "SPLITS",
        "baselineIds",
        "bootstrapTInterval",
        "box",
        "canonicalHash",
        "checkEnv",
        "checkIntent",
        "checkLeakage",
        "checkParallelEnv",
        "checkVectorEnv",
        "comparePlayed",
        "createBaseline",
        "dataOfSplit",
        "defaultParams",
        "deriveSeed",
        "discrete",
        "experimentSchema",
        "featureIndex",
        "holm",
        "influence",
        "interquartileMean",
        "judgedSplit",
        "kernelEngine",
        "listEnvs",
        "loadConfig",
        "loadPolicy",
        "make",
        "makeVector",
        "minimumDetectableEffect",
        "moreEpisodesToDecide",
        "objectiveOf",
        "openData",
        "optimalityGap",
        "parseContender",
        "parsePpoConfig",
        "parseScenario",
        "parseSession",
        "performanceProfile",
        "rankImprovement",
        "readSession",
        "recordSession",
        "recordedSeries",
        "referenceEngine",
        "register",
        "replaySession",
        "scenarioHash",
        "sensitivities",
        "stratifiedInterval",
        "summarise",
        "tInterval",
        "tuneBaseline",
        "writeSession",
        "writeTrade",
      ]
    `);
  });

  it("is reached by every entry of package.json", () => {
    const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, unknown> };
    expect(Object.keys(exports)).toEqual([".", "./env", "./agents", "./models", "./package.json"]);
  });
});
