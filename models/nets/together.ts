import type { Engine, Together } from "../../src/core/contracts/network.ts";

/** How an engine without `together` computes what belongs together. */
export const oneByOne: Together = (work) => work();

/** The engine's way to compute what belongs together. */
export function togetherBy(engine: Engine): Together {
  return engine.together === undefined ? oneByOne : (work) => engine.together!(work);
}
