import { createRegistry } from "./core/registry.ts";
import { classicFactories } from "./tasks/classic/factories.ts";
import { rebalanceFactories } from "./tasks/rebalance/factories.ts";

/** The environments that come with greekgym. A new task adds its factories here; users call `register`. */
const builtIn = createRegistry({ ...classicFactories, ...rebalanceFactories });

export const { register, make, makeVector, listEnvs } = builtIn;
