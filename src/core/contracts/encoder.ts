/** How raw features become the input of a network: selection by name, normalisation, clip. Part of the policy, saved with it. */
export interface EncoderSpec {
  /** Selected features by name, in the order of the network's input. */
  readonly features: readonly string[];
  /** Normalised values are clipped to ±clip. */
  readonly clip: number;
  /** Frozen running statistics, one an input: (x - mean) / sqrt(variance + epsilon). */
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly epsilon: number;
}
