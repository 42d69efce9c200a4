import type { Together } from "../../src/core/contracts/network.ts";

/** How an engine without `together` computes what belongs together. */
export const oneByOne: Together = (work) => work();
