/**
 * Gas-limit bounds: go-ethereum, consensus/misc/eip1559/eip1559_test.go (TestBlockGasLimits). `firstOfFork`: the parent is before the fork.
 */
export const GAS_LIMITS = [
  { parent: 10_000_000, limit: 20_000_000, allowed: true, firstOfFork: true },
  { parent: 10_000_000, limit: 20_019_530, allowed: true, firstOfFork: true },
  { parent: 10_000_000, limit: 20_019_531, allowed: false, firstOfFork: true },
  { parent: 10_000_000, limit: 19_980_470, allowed: true, firstOfFork: true },
  { parent: 10_000_000, limit: 19_980_469, allowed: false, firstOfFork: true },
  { parent: 20_000_000, limit: 20_019_530, allowed: true, firstOfFork: false },
  { parent: 20_000_000, limit: 20_019_531, allowed: false, firstOfFork: false },
  { parent: 20_000_000, limit: 19_980_470, allowed: true, firstOfFork: false },
  { parent: 20_000_000, limit: 19_980_469, allowed: false, firstOfFork: false },
  { parent: 40_000_000, limit: 40_039_061, allowed: true, firstOfFork: false },
  { parent: 40_000_000, limit: 40_039_062, allowed: false, firstOfFork: false },
  { parent: 40_000_000, limit: 39_960_939, allowed: true, firstOfFork: false },
  { parent: 40_000_000, limit: 39_960_938, allowed: false, firstOfFork: false },
] as const;

/** Blob fees of the Cancun schedule: go-ethereum, consensus/misc/eip4844/eip4844_test.go (TestCalcBlobFee). */
export const CANCUN_BLOB_FEES = [
  { excess: 0n, fee: 1n },
  { excess: 2_314_057n, fee: 1n },
  { excess: 2_314_058n, fee: 2n },
  { excess: 10_485_760n, fee: 23n },
] as const;

/** Excess blob gas of the Cancun schedule: the same file (TestCalcExcessBlobGas). */
export const CANCUN_EXCESS = [
  { excess: 0n, blobs: 0n, next: 0n },
  { excess: 0n, blobs: 3n, next: 0n },
  { excess: 0n, blobs: 4n, next: 131_072n },
  { excess: 1n, blobs: 4n, next: 131_073n },
  { excess: 1n, blobs: 5n, next: 262_145n },
  { excess: 393_216n, blobs: 3n, next: 393_216n },
  { excess: 393_216n, blobs: 2n, next: 262_144n },
  { excess: 393_216n, blobs: 1n, next: 131_072n },
  { excess: 131_071n, blobs: 2n, next: 0n },
] as const;

/** The whole-number exponential: the same file (TestFakeExponential); the last row, of the Prague fraction, was recomputed from EIP-7691. */
export const FAKE_EXPONENTIAL = [
  { factor: 1n, numerator: 0n, denominator: 1n, value: 1n },
  { factor: 38_493n, numerator: 0n, denominator: 1_000n, value: 38_493n },
  { factor: 0n, numerator: 1_234n, denominator: 2_345n, value: 0n },
  { factor: 1n, numerator: 2n, denominator: 1n, value: 6n },
  { factor: 1n, numerator: 4n, denominator: 1n, value: 49n },
  { factor: 10n, numerator: 8n, denominator: 2n, value: 542n },
  { factor: 11n, numerator: 8n, denominator: 2n, value: 596n },
  { factor: 1n, numerator: 5n, denominator: 2n, value: 11n },
  { factor: 2n, numerator: 5n, denominator: 2n, value: 23n },
  { factor: 1n, numerator: 50_000_000n, denominator: 2_225_652n, value: 5_709_098_764n },
  { factor: 1n, numerator: 50_000_000n, denominator: 5_007_716n, value: 21_689n },
] as const;

/** By the formula of the OP-stack specification (Fjord): layer-1 base fee 1 gwei with scalar 2, blob fee 1e7 wei with scalar 3. */
export const FJORD = { fastLzSize: 235n, size: 153_991_900n, feeWei: 4_932_360n } as const;

/** By Nitro's formula with its initial parameters: the tolerance of 70M gas, and one inertia (714M) above it. */
export const ARBITRUM = [
  { backlog: 70_000_000n, baseFeeWei: 100_000_000n },
  { backlog: 784_000_000n, baseFeeWei: 270_830_000n },
] as const;
