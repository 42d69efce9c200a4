/** Indices of the price models' draws, in 64..127. The normal of the return itself is STREAM.price of env/market/streams.ts in every model. */
export const PRICE_STREAM = {
  /** Variance of the Heston and Bates models. */
  variance: 64,
  jumpCount: 65,
  jumpSize: 66,
  /** The regime at the start (bin -1). */
  firstRegime: 67,
  /** Two a stay inside the step, from here on: its length, and the regime after it. */
  regime: 68,
} as const;

/** Stays inside one step that have streams of their own: 68 .. 127. */
export const STAYS_PER_STEP = 30;
