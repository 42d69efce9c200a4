/**
 * Microstructure: values of closed forms, recomputed from them; Hawkes with mu 1, a .8, b 1: mean rate mu / (1 - n), long-run Fano factor
 * 1 / (1 - n)^2 and the estimate 1 - sqrt(mean / variance) (Hardiman and Bouchaud, 2014), .806 in one simulation with windows of 500 s.
 */
export const HAWKES = { mu: 1, a: 0.8, b: 1, window: 500, rate: 5, fano: 25, branchingEstimate: 0.806 } as const;

/** VPIN of N equal trades a bucket with fair independent signs: C(N, N/2) / 2^N, to six digits. */
export const VPIN_OF_FAIR_SIGNS = [
  [10, 0.246094],
  [50, 0.112275],
  [100, 0.079589],
] as const;

/** VPIN of bulk classification on Gaussian bucket returns with known sigma: E|2U - 1|, U uniform. */
export const BULK_VPIN_OF_GAUSSIAN_RETURNS = 0.5;
