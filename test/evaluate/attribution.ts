import { ATTRIBUTION_PARTS, type Attribution } from "../../src/core/contracts/evaluation.ts";

/** Parts that are 0 but for those given. */
export function attribution(parts: Partial<Attribution>): Attribution {
  return { ...(Object.fromEntries(ATTRIBUTION_PARTS.map((part) => [part, 0])) as unknown as Attribution), ...parts };
}
