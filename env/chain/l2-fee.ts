/** What an OP-stack rollup charges for a transaction's data on its layer 1, since the Fjord upgrade. */
export interface OpStackL1Fee {
  /** Base fee of the newest layer-1 block that the rollup knows, wei. */
  readonly baseFeeWei: bigint;
  /** Blob base fee of that block, wei. */
  readonly blobFeeWei: bigint;
  /** The chain's two scalars, in millionths. */
  readonly baseFeeScalar: bigint;
  readonly blobFeeScalar: bigint;
}

const FJORD_INTERCEPT = -42_585_600n;
const FJORD_COEFFICIENT = 836_500n;
const FJORD_MINIMUM_SIZE = 100_000_000n;
/** Gas of a byte of calldata. */
const CALLDATA_GAS = 16n;

/** The size at which a transaction of `fastLzSize` compressed bytes is charged, millionths of a byte (linear in it, at least 100 bytes). */
export function fjordSizeScaled(fastLzSize: bigint): bigint {
  const size = FJORD_INTERCEPT + FJORD_COEFFICIENT * fastLzSize;
  return size > FJORD_MINIMUM_SIZE ? size : FJORD_MINIMUM_SIZE;
}

/**
 * The layer-1 part of the fee, wei. Everything is multiplied before the one division, which rounds down (OP-stack specification, Fjord,
 * "L1-Cost fees"; 2024). Gas on the rollup itself comes on top: gas · (base fee + tip).
 */
export function opStackL1FeeWei(fee: OpStackL1Fee, fastLzSize: bigint): bigint {
  const price = fee.baseFeeScalar * fee.baseFeeWei * CALLDATA_GAS + fee.blobFeeScalar * fee.blobFeeWei;
  return (fjordSizeScaled(fastLzSize) * price) / 1_000_000_000_000n;
}

/** The pricing of gas on an Arbitrum chain (Nitro, one speed limit; chains of ArbOS 50 and later may sum several). */
export interface ArbitrumPricing {
  /** Gas a second that the backlog is worked off with. */
  readonly speedLimit: bigint;
  /** Seconds of speed limit that the backlog may hold at the minimum price. */
  readonly toleranceSeconds: bigint;
  /** Seconds of speed limit over which the price rises by the factor e. */
  readonly inertiaSeconds: bigint;
  readonly minimumBaseFeeWei: bigint;
}

/** Nitro's initial parameters since ArbOS 6. */
export const ARBITRUM_ONE: ArbitrumPricing = {
  speedLimit: 7_000_000n,
  toleranceSeconds: 10n,
  inertiaSeconds: 102n,
  minimumBaseFeeWei: 100_000_000n,
};

const ONE_IN_BIPS = 10_000n;

/** The backlog after `gasUsed` gas and `seconds` seconds: gas adds to it, time works it off, and it is never negative. */
export function arbitrumBacklog(backlog: bigint, gasUsed: bigint, seconds: bigint, pricing: ArbitrumPricing): bigint {
  const left = backlog + gasUsed - pricing.speedLimit * seconds;
  return left > 0n ? left : 0n;
}

/** exp(x) of whole basis points as Nitro has it: 1 + x(1 + x/2(1 + x/3(1 + x/4))), rounded down at each product, in basis points. */
export function expBipsDegree4(x: bigint): bigint {
  let sum = ONE_IN_BIPS + x / 4n;
  for (let n = 3n; n >= 1n; n--) sum = ONE_IN_BIPS + (sum * x) / (n * ONE_IN_BIPS);
  return sum;
}

/** Base fee of an Arbitrum chain with this backlog, wei: the minimum inside the tolerance, then rising with the excess. */
export function arbitrumBaseFeeWei(backlog: bigint, pricing: ArbitrumPricing): bigint {
  const excess = backlog - pricing.toleranceSeconds * pricing.speedLimit;
  if (excess <= 0n) return pricing.minimumBaseFeeWei;
  const exponent = (excess * ONE_IN_BIPS) / (pricing.inertiaSeconds * pricing.speedLimit);
  return (pricing.minimumBaseFeeWei * expBipsDegree4(exponent)) / ONE_IN_BIPS;
}
