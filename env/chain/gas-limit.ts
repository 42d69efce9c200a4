/** No block's gas limit is lower (EIP-1559). */
export const MINIMUM_GAS_LIMIT = 5000;
/** A block's limit differs from its parent's by less than one part in this (EIP-1559). */
const BOUND_DIVISOR = 1024;

/** The lowest and highest gas limit that a block may have after a parent with `parentGasLimit` (whole numbers; at most 1/1024 less 1 away). */
export function gasLimitBounds(parentGasLimit: number): { readonly minimum: number; readonly maximum: number } {
  const room = Math.floor(parentGasLimit / BOUND_DIVISOR) - 1;
  return { minimum: Math.max(MINIMUM_GAS_LIMIT, parentGasLimit - room), maximum: parentGasLimit + room };
}

/**
 * Whether a block with `gasLimit` may follow one with `parentGasLimit`. `firstOfFork`: the first block after EIP-1559 came into force, whose limit
 * is compared with twice the parent's (the elasticity), since a limit then became twice the target.
 */
export function gasLimitAllowed(parentGasLimit: number, gasLimit: number, firstOfFork = false): boolean {
  const { minimum, maximum } = gasLimitBounds(firstOfFork ? 2 * parentGasLimit : parentGasLimit);
  return gasLimit >= minimum && gasLimit <= maximum;
}
