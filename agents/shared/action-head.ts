import type { NumericArray } from "../../env/core/env.ts";
import { flatSize, type Space } from "../../env/core/spaces.ts";
import { plainDistribution } from "../../models/distributions/make.ts";
import type { ActionDistribution, DistributionSpec } from "../../src/core/contracts/distribution.ts";
import type { Engine } from "../../src/core/contracts/network.ts";
import { ConfigError } from "../../src/core/errors.ts";

export type DistributionName = "gaussian" | "squashed" | "categorical";

/** A stochastic policy over an action space: the distribution of stored actions, and how they reach the environment. */
export interface ActionHead {
  readonly name: DistributionName;
  readonly distribution: ActionDistribution;
  /** An array for the actions of `batch` environments, of the number type that the space asks for. */
  makeActions(batch: number): NumericArray;
  /**
   * Turns stored actions [batch*actions] into what the environment takes: a Gaussian's are clipped to the box, squashed ones are
   * scaled from (-1, 1) to it, indices are moved to the start of the discrete space.
   */
  toEnvironment(actions: Float64Array, batch: number, out: NumericArray): void;
}

/**
 * The head for a space. `auto` is gaussian for boxes and categorical otherwise (independent ones for multi-discrete and multi-binary). The distribution is
 * computed by `engine` where it has a form of its own.
 * @throws ConfigError where the distribution does not fit the space, or `squashed` meets a box that is not bounded.
 */
export function makeActionHead(
  space: Space,
  wanted: DistributionName | "auto",
  logStdInit: number,
  engine?: Engine,
): ActionHead {
  const make = (spec: DistributionSpec) => engine?.distribution?.(spec) ?? plainDistribution(spec);
  const name = wanted === "auto" ? (space.kind === "box" ? "gaussian" : "categorical") : wanted;
  if ((name === "categorical") === (space.kind === "box"))
    throw new ConfigError("The distribution does not fit the action space.", {
      which: "agent.distribution",
      value: name,
      fix: `Use ${space.kind === "box" ? "gaussian or squashed" : "categorical"} for a ${space.kind} space, or auto.`,
    });
  if (space.kind !== "box") return categoricalHead(space, make);
  const width = flatSize(space);
  const { low, high } = space;
  if (name === "squashed" && ![...low, ...high].every(Number.isFinite))
    throw new ConfigError("A squashed policy needs a bounded action space.", {
      which: "agent.distribution",
      value: name,
      fix: "Use gaussian, or give the action space finite bounds.",
    });
  const distribution = make({ kind: name === "squashed" ? name : "gaussian", actions: width, logStd: logStdInit });
  const place =
    name === "squashed"
      ? (a: number, i: number) => low[i]! + 0.5 * (a + 1) * (high[i]! - low[i]!)
      : (a: number, i: number) => Math.min(Math.max(a, low[i]!), high[i]!);
  return {
    name,
    distribution,
    makeActions: (batch) =>
      space.dtype === "float32" ? new Float32Array(batch * width) : new Float64Array(batch * width),
    toEnvironment(actions, batch, out) {
      for (let b = 0; b < batch; b++)
        for (let i = 0; i < width; i++) {
          const k = b * width + i;
          out[k] = place(name === "squashed" ? Math.tanh(actions[k]!) : actions[k]!, i);
        }
    },
  };
}

function categoricalHead(
  space: Exclude<Space, { kind: "box" }>,
  make: (spec: DistributionSpec) => ActionDistribution,
): ActionHead {
  const choices =
    space.kind === "discrete"
      ? [space.n]
      : space.kind === "multi-discrete"
        ? space.nvec
        : Array.from({ length: space.n }, () => 2);
  const start = space.kind === "discrete" ? space.start : 0;
  return {
    name: "categorical",
    distribution: make({ kind: "categorical", choices }),
    makeActions: (batch) => new Int32Array(batch * choices.length),
    toEnvironment(actions, batch, out) {
      for (let k = 0; k < batch * choices.length; k++) out[k] = start + actions[k]!;
    },
  };
}

/** Mean standard deviation of a Gaussian head, undefined for others. */
export function meanStd(head: ActionHead): number | undefined {
  const logStd = head.distribution.parameters?.values;
  if (!logStd) return undefined;
  let sum = 0;
  for (const s of logStd) sum += Math.exp(s);
  return sum / logStd.length;
}
