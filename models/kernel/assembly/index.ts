export { backward, forward, reduce } from "./dense";
export { adam, scale, sumSquares } from "./optimiser";

/** Bytes below this are the kernel's own. */
export function heapBase(): usize {
  return __heap_base;
}
