/** Uniswap v2: a pool of USDC and WETH and one swap each way, as the documentation of the public degenbot package prints them; recomputed. */
export const V2_POOL = {
  reserveUsdc: 10_732_489_743n,
  reserveWeth: 2_056_834_999_904_002_274_711n,
  wethIn: 1_000_000_000_000_000_000n,
  usdcOut: 5_199_789n,
  wethForUsdcOut: 999_999_992_817_074_189n,
} as const;

/** Uniswap v3, v3-core test/SwapMath.spec.ts: price 1, liquidity 2e18, fee 600 millionths. `target`: price at which the step ends at the latest. */
export const V3_STEPS = [
  {
    name: "an exact input capped at the target",
    target: 1.01,
    remaining: 10n ** 18n,
    amountIn: 9_975_124_224_178_055n,
    feeAmount: 5_988_667_735_148n,
    amountOut: 9_925_619_580_021_728n,
  },
  {
    name: "an exact input that is spent",
    target: 10,
    remaining: 10n ** 18n,
    amountIn: 999_400_000_000_000_000n,
    feeAmount: 600_000_000_000_000n,
    amountOut: 666_399_946_655_997_866n,
  },
  {
    name: "an exact output that is received",
    target: 100,
    remaining: -(10n ** 18n),
    amountIn: 2_000_000_000_000_000_000n,
    feeAmount: 1_200_720_432_259_356n,
    amountOut: 1_000_000_000_000_000_000n,
  },
] as const;

/** v3-core test/__snapshots__/TickMath.spec.ts.snap and TickMath's limits. */
export const V3_TICKS = [
  { tick: -887_272, ratio: 4_295_128_739n },
  { tick: -500_000, ratio: 1_101_692_437_043_807_371n },
  { tick: -50, ratio: 79_030_349_367_926_598_376_800_521_322n },
  { tick: 0, ratio: 79_228_162_514_264_337_593_543_950_336n },
  { tick: 50, ratio: 79_426_470_787_362_580_746_886_972_461n },
  { tick: 500_000, ratio: 5_697_689_776_495_288_729_098_254_600_827_762_987_878n },
  { tick: 887_272, ratio: 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n },
] as const;
