import { z } from "zod";
import { ConfigError } from "../src/core/errors.ts";

/** Everything that can be set about deep hedging: one schema for types, defaults, flags, the JSON schema and the docs table. */
export const deepHedgingConfigSchema = z.strictObject({
  learningRate: z.number().positive().default(1e-3).describe("Adam step size."),
  learningRateSchedule: z.enum(["constant", "linear"]).default("linear").describe("linear: falls to 0 over the run."),
  paths: z.int().min(2).max(65_536).default(1024).describe("Fresh training episodes an update."),
  minibatches: z.int().positive().default(8).describe("Equal parts of them, one gradient step each."),
  epochs: z.int().positive().default(2).describe("Times that an update plays its episodes."),
  hiddenSizes: z.array(z.int().positive()).default([32, 32]).describe("Units of each hidden layer."),
  activation: z.enum(["tanh", "relu"]).default("tanh").describe("Activation of the hidden layers."),
  adamEpsilon: z.number().positive().default(1e-8).describe("Adam's epsilon."),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe("Decoupled weight decay of the networks (AdamW), scaled by the learning rate; 0: plain Adam."),
  maxGradientNorm: z
    .number()
    .positive()
    .default(1)
    .describe("Largest global norm of the gradient, costs counted in standard deviations of the reference rule's."),
  outputGain: z
    .number()
    .min(0)
    .default(0)
    .describe("Orthogonal gain of the last layer; 0: starts as the reference rule, bit for bit."),
  observationClip: z.number().positive().default(10).describe("Clips standardised observations to plus or minus this."),
  edgeWidth: z
    .number()
    .min(0)
    .default(0.5)
    .describe("Half-widths from an edge within which paths tell what one trade more is worth; 0: only trades count."),
  gasWidth: z
    .number()
    .min(0)
    .default(0)
    .describe("Change of exposure over which the gradient spreads the step of gas at 0; 0: left to edgeWidth."),
});

/** A config with all defaults filled in. */
export type DeepHedgingConfig = z.output<typeof deepHedgingConfigSchema>;
/** A config as users write it. */
export type DeepHedgingConfigInput = z.input<typeof deepHedgingConfigSchema>;

/** Fills in defaults. @throws ConfigError naming the first wrong or unknown field. */
export function parseDeepHedgingConfig(input: DeepHedgingConfigInput): DeepHedgingConfig {
  const result = deepHedgingConfigSchema.safeParse(input);
  const config = result.data;
  if (config !== undefined && config.paths % config.minibatches === 0 && config.paths >= 2 * config.minibatches)
    return config;
  const issue = result.error?.issues[0];
  const path = issue?.path ?? ["minibatches"];
  const at = path.reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key], input);
  throw new ConfigError("Deep hedging's config is wrong.", {
    which: ["agent", "deepHedging", ...path].map(String).join("."),
    value: at,
    fix:
      issue === undefined
        ? "Let minibatches divide paths, with at least two paths in each."
        : "Mend the fields named here; docs/algorithms/deep-hedging.md lists them all.",
    hints: result.error === undefined ? [] : z.prettifyError(result.error).split("\n"),
  });
}

/** Throws a ConfigError where the learning rate falls over the run but the run's length is not known. */
export function checkLength(config: DeepHedgingConfig, totalSteps: number | undefined): void {
  if (config.learningRateSchedule === "linear" && !(totalSteps !== undefined && totalSteps > 0))
    throw new ConfigError("A linear schedule needs the length of the run.", {
      which: "totalSteps",
      value: totalSteps,
      fix: "Pass totalSteps, or set agent.deepHedging.learningRateSchedule to constant.",
    });
}
