import { z } from "zod";
import { ConfigError } from "../src/core/errors.ts";

const schedule = z.enum(["constant", "linear"]);

/** Everything that can be set about PPO: one schema for types, defaults, flags, the JSON schema and the docs table. */
export const ppoConfigSchema = z.strictObject({
  learningRate: z.number().positive().default(3e-4).describe("Adam step size of actor and critic."),
  learningRateSchedule: schedule.default("constant").describe("linear: falls to 0 over the run."),
  rolloutSteps: z.int().positive().default(256).describe("Steps an environment between two updates."),
  epochs: z.int().positive().default(10).describe("Passes over each rollout."),
  minibatches: z
    .int()
    .positive()
    .default(4)
    .describe("Minibatches an epoch; each takes an equal share of the rollout."),
  gamma: z.number().min(0).max(1).default(0.99).describe("Discount a decision."),
  lambda: z.number().min(0).max(1).default(0.95).describe("Decay of generalised advantage estimation."),
  clipRange: z.number().positive().default(0.2).describe("Clip range of the probability ratio."),
  clipRangeSchedule: schedule.default("constant").describe("linear: falls to 0 over the run."),
  entropyCoefficient: z.number().min(0).default(0).describe("Weight of the entropy bonus."),
  valueCoefficient: z.number().min(0).default(0.5).describe("Weight of the value loss (mean squared error, no half)."),
  clipValueLoss: z
    .boolean()
    .default(false)
    .describe("Clips the value's change to the clip range, as OpenAI Baselines."),
  maxGradientNorm: z.number().positive().default(0.5).describe("Largest global norm of actor and critic gradients."),
  targetKl: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("Ends an update once the divergence exceeds 1.5 times this; null: never."),
  normaliseAdvantages: z.boolean().default(true).describe("Zero mean and unit deviation, a minibatch."),
  hiddenSizes: z.array(z.int().positive()).default([64, 64]).describe("Units of each hidden layer, actor and critic."),
  activation: z.enum(["tanh", "relu"]).default("tanh").describe("Activation of the hidden layers."),
  adamEpsilon: z.number().positive().default(1e-5).describe("Adam's epsilon."),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe("Decoupled weight decay of the networks (AdamW), scaled by the learning rate; 0: plain Adam."),
  logStdInit: z.number().min(-10).max(2).default(0).describe("Start of a Gaussian policy's log standard deviation."),
  outputGain: z
    .number()
    .min(0)
    .default(0.01)
    .describe("Orthogonal gain of the actor's last layer; 0: starts at a deterministic output of exactly 0."),
  normaliseObservations: z.boolean().default(false).describe("Standardises observations with running statistics."),
  observationClip: z.number().positive().default(10).describe("Clips normalised observations to plus or minus this."),
  normaliseRewards: z
    .boolean()
    .default(false)
    .describe("Divides rewards by the running deviation of the discounted return."),
  rewardClip: z.number().positive().default(10).describe("Clips normalised rewards to plus or minus this."),
  distribution: z
    .enum(["auto", "gaussian", "squashed", "categorical"])
    .default("auto")
    .describe("auto: gaussian for boxes, categorical for discrete actions. squashed: a Gaussian through tanh."),
});

/** A config with all defaults filled in. */
export type PpoConfig = z.output<typeof ppoConfigSchema>;
/** A config as users write it. */
export type PpoConfigInput = z.input<typeof ppoConfigSchema>;

/** Fills in defaults. @throws ConfigError naming each wrong or unknown field. */
export function parsePpoConfig(input: PpoConfigInput): PpoConfig {
  const result = ppoConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const at = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  throw new ConfigError("PPO's config is wrong.", {
    which: ["agent", ...issue.path].map(String).join("."),
    value: at,
    fix: "Mend the fields named here; docs/algorithms/ppo.md lists them all.",
    hints: z.prettifyError(result.error).split("\n"),
  });
}

/** Throws a ConfigError where a schedule falls over the run but the run's length is not known. */
export function checkSchedules(config: PpoConfig, totalSteps: number | undefined): void {
  const scheduled = config.learningRateSchedule === "linear" || config.clipRangeSchedule === "linear";
  if (scheduled && !(totalSteps !== undefined && totalSteps > 0))
    throw new ConfigError("A linear schedule needs the length of the run.", {
      which: "totalSteps",
      value: totalSteps,
      fix: "Pass totalSteps, or set the schedules to constant.",
    });
}
