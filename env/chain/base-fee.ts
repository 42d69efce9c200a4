import { ConfigError } from "../../src/core/errors.ts";

/**
 * The base fee of the next block, exact to the wei (EIP-1559: eips.ethereum.org/EIPS/eip-1559).
 * For whole a, b with a < 2^53 the float quotient a / b never rounds up to the next whole number, so Math.floor is the integer division.
 * All quantities are integers held in float64: fees below 2^52 wei, gas used at most twice the target, the target below 2^26.
 */
export function nextBaseFeeWei(baseFee: number, gasUsed: number, gasTarget: number, denominator: number): number {
  if (gasUsed === gasTarget) return baseFee;
  const up = gasUsed > gasTarget;
  const difference = up ? gasUsed - gasTarget : gasTarget - gasUsed;
  // floor(baseFee * difference / target) without leaving the integers that float64 holds exactly.
  const quotient = Math.floor(baseFee / gasTarget);
  const remainder = baseFee - quotient * gasTarget;
  const scaled = quotient * difference + Math.floor((remainder * difference) / gasTarget);
  const change = Math.floor(scaled / denominator);
  return up ? baseFee + Math.max(change, 1) : baseFee - change;
}

/** The parameters of a chain's fee market. */
export interface ChainParameters {
  readonly blockSeconds: number;
  readonly gasTarget: number;
  /** Base-fee change denominator: 8 means at most 12.5% a block. */
  readonly denominator: number;
  readonly minimumBaseFeeWei: number;
}

/**
 * Presets. `l1`: Ethereum mainnet after the 45M gas-limit rise of 2025, 12 s slots. `l2`: an OP-stack rollup, 2 s blocks,
 * denominator 250 (Canyon), floor 5,000,000 wei as recorded on Base in 2026.
 */
export const CHAIN_PRESETS: Readonly<Record<"l1" | "l2", ChainParameters>> = {
  l1: { blockSeconds: 12, gasTarget: 22_500_000, denominator: 8, minimumBaseFeeWei: 7 },
  l2: { blockSeconds: 2, gasTarget: 30_000_000, denominator: 250, minimumBaseFeeWei: 5_000_000 },
};

/** Throws unless the parameters keep the arithmetic of nextBaseFeeWei exact. */
export function checkChainParameters(p: ChainParameters): void {
  if (!(p.gasTarget > 0 && p.gasTarget < 2 ** 26))
    throw new ConfigError("The gas target is out of range.", {
      which: "chain.fee.gasTarget",
      value: p.gasTarget,
      fix: "Use a target between 1 and 67,108,863 gas.",
    });
}
