import { ContractError } from "../../src/core/errors.ts";

/** The parameters of the blob fee that a network upgrade sets (EIP-7840). */
export interface BlobSchedule {
  /** Blobs a block at which the fee stays. */
  readonly target: bigint;
  /** Most blobs a block. */
  readonly maximum: bigint;
  /** Excess blob gas over which the fee rises by the factor e. */
  readonly updateFraction: bigint;
  /** Whether the price of a blob is bounded by that of execution gas (EIP-7918, from Osaka on). */
  readonly reservePrice: boolean;
}

/** Gas of one blob (EIP-4844). */
export const GAS_PER_BLOB = 131_072n;
/** Lowest price of blob gas, wei. */
const MINIMUM_BLOB_FEE = 1n;
/** Execution gas that a blob is worth at least (EIP-7918). */
const BLOB_BASE_COST = 8_192n;

/** Mainnet: EIP-4844 (Cancun), EIP-7691 (Prague), EIP-7918 (Osaka). Later upgrades that only raise the number of blobs (EIP-7892) are further entries of this form. */
export const BLOB_SCHEDULES: Readonly<Record<"cancun" | "prague" | "osaka", BlobSchedule>> = {
  cancun: { target: 3n, maximum: 6n, updateFraction: 3_338_477n, reservePrice: false },
  prague: { target: 6n, maximum: 9n, updateFraction: 5_007_716n, reservePrice: false },
  osaka: { target: 6n, maximum: 9n, updateFraction: 5_007_716n, reservePrice: true },
};

/**
 * factor · exp(numerator / denominator) in whole numbers: the sum of the Taylor terms that are not 0, each rounded down (EIP-4844,
 * `fake_exponential`). Throws a ContractError unless the denominator is positive and the others are not negative.
 */
export function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n || numerator < 0n || factor < 0n)
    throw new ContractError("The whole-number exponential is not defined here.", {
      which: "factor, numerator, denominator",
      value: `${factor}, ${numerator}, ${denominator}`,
      fix: "Use a positive denominator and numbers of at least 0.",
    });
  let sum = 0n;
  let term = factor * denominator;
  for (let n = 1n; term > 0n; n++) {
    sum += term;
    term = (term * numerator) / (denominator * n);
  }
  return sum / denominator;
}

/** Price of a unit of blob gas, wei, in a block whose header has this excess. */
export function blobFeeWei(excessBlobGas: bigint, schedule: BlobSchedule): bigint {
  return fakeExponential(MINIMUM_BLOB_FEE, excessBlobGas, schedule.updateFraction);
}

/**
 * The excess blob gas of the block after one with this excess, `blobs` blobs and base fee `baseFeeWei` (EIP-4844; EIP-7918 where the schedule has
 * a reserve price: while blobs are cheaper than their execution gas the excess only grows, at the same greatest pace).
 */
export function nextExcessBlobGas(excess: bigint, blobs: bigint, baseFeeWei: bigint, schedule: BlobSchedule): bigint {
  const used = blobs * GAS_PER_BLOB;
  const target = schedule.target * GAS_PER_BLOB;
  if (excess + used < target) return 0n;
  if (schedule.reservePrice && BLOB_BASE_COST * baseFeeWei > GAS_PER_BLOB * blobFeeWei(excess, schedule))
    return excess + (used * (schedule.maximum - schedule.target)) / schedule.maximum;
  return excess + used - target;
}
