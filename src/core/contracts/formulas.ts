/**
 * Arithmetic on rows of raw features, whatever a value is there: a number, or a tensor of a graph that is being written. What is stated in it
 * once can be exported to a program that knows nothing of ours. V holds float64 columns, one row a row of features; C their truth values.
 * Operands of one column, and plain numbers, are repeated to the columns of the other. NaN makes every comparison false, and only `choose`
 * is free of the side that it does not take.
 */
export interface Formulas<V, C> {
  /** Raw features by name, one column each. */
  features(names: readonly string[]): V;
  add(a: V | number, b: V | number): V;
  subtract(a: V | number, b: V | number): V;
  multiply(a: V | number, b: V | number): V;
  divide(a: V | number, b: V | number): V;
  power(base: V | number, exponent: number): V;
  /** The larger; NaN where `a` is. */
  max(a: V, b: V | number): V;
  /** The smaller; NaN where `a` is. */
  min(a: V, b: V | number): V;
  abs(a: V): V;
  sign(a: V): V;
  exp(a: V): V;
  log(a: V): V;
  sqrt(a: V): V;
  tanh(a: V): V;
  /** Sum over columns: one is left. */
  total(a: V): V;
  less(a: V | number, b: V | number): C;
  greater(a: V | number, b: V | number): C;
  equal(a: V | number, b: V | number): C;
  either(a: C, b: C): C;
  not(a: C): C;
  choose(condition: C, yes: V | number, no: V | number): V;
  /** Names the steps of `body`, for readers of the graph. */
  within<T>(name: string, body: () => T): T;
}

/** A no-trade band in such values: what {@link BandRule} writes. */
export interface BandValues<V> {
  readonly lower: V;
  readonly upper: V;
  readonly centre: V;
  readonly rebalanceTo: V;
}

/** The formula of a rule's band. */
export type BandFormula = <V, C>(f: Formulas<V, C>) => BandValues<V>;
