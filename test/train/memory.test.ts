import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { experimentSchema } from "../../src/evaluate/experiment.ts";
import { checkMemory } from "../../src/train/memory.ts";
import { TINY } from "../cli/greekgym.ts";

const GB = 1e9;
const experiment = (changes: Record<string, unknown>) => experimentSchema.parse({ ...parse(TINY), ...changes });

describe("The memory that training needs", () => {
  it("is had for what ships, on a small machine", () => {
    expect(() => checkMemory(experiment({ agent: {} }), 2 * GB)).not.toThrow();
    expect(() => checkMemory(experiment({ agent: { algorithm: "deep-hedging" } }), 2 * GB)).not.toThrow();
  });

  it.each([
    [
      { agent: { ppo: { hiddenSizes: [30_000, 30_000] } } },
      /29\.\d GB of memory, and an engine can address 4\.29 GB\.\n {2}where: agent\.ppo\.hiddenSizes\n {2}value: \[30000,30000\]/,
    ],
    [
      { agent: { ppo: { rolloutSteps: 1e12 } } },
      /where: agent\.ppo\.rolloutSteps\n {2}value: 1000000000000\n {2}fix: {3}Lower agent\.ppo\.rolloutSteps\./,
    ],
    [{ compare: { episodes: 1e10 } }, /TB of memory, and the machine has 64 GB\.\n {2}where: compare\.episodes/],
    [
      { agent: { algorithm: "deep-hedging", deepHedging: { hiddenSizes: [1_000_000, 1_000_000] } } },
      /where: agent\.deepHedging\.hiddenSizes/,
    ],
  ])("is refused by its field and its bytes: %j", (changes, message) => {
    expect(() => checkMemory(experiment(changes), 64 * GB)).toThrow(message);
  });

  it("is the machine's alone for an engine that is not bound to 32 bits, and unknown for a model of one's own", () => {
    const ppo = { hiddenSizes: [12_000, 12_000] };
    const tfjs = experiment({ agent: { ppo, network: { engine: "tfjs" } } });
    expect(() => checkMemory(experiment({ agent: { ppo } }), 64 * GB)).toThrow(/an engine can address/);
    expect(() => checkMemory(tfjs, 64 * GB)).not.toThrow();
    expect(() => checkMemory(tfjs, 2 * GB)).toThrow(/the machine has 2 GB/);
    const own = experiment({ agent: { ppo, network: { engine: "tfjs", model: "model.json" } } });
    expect(() => checkMemory(own, 2 * GB)).not.toThrow();
  });
});
