/**
 * A batch of exogenous paths on which an environment is unrolled with a differentiable action: forward decision by decision, then backward
 * by hand-written adjoints. What the trader does moves its own account alone, never the paths, so one loaded batch can be played again and
 * again. Rows are paths: quantity x of path p stands at p, feature f of path p at p*features + f. A "part" is a contiguous range of loaded paths.
 *
 * One gradient: `begin`, then `observe` and `act` for t = 0 … decisions - 1, `finish`; then `beginBackward`, and `backward` and `carry` for
 * t = decisions - 1 … 0.
 */
export interface PathwiseGradient {
  /** Paths that a load draws. */
  readonly paths: number;
  readonly decisions: number;
  /** F, raw features of an observation. */
  readonly features: number;
  /** Numbers of an action. The rebalance task: 1, the wanted change of exposure (delta for one unit of book). */
  readonly actionSize: number;
  /**
   * Columns of the features that depend on earlier actions and are differentiated; others that depend on them are right going forward
   * and constants going backward.
   */
  readonly differentiable: readonly number[];

  /** Draws the exogenous paths of episodes firstEpisode … firstEpisode + paths - 1. */
  load(firstEpisode: number): void;
  /** Puts loaded paths from … from + count - 1 (all where left out) at their start; they are the rows of all that follows. */
  begin(from?: number, count?: number): void;
  /** Raw features [count*F] at decision t for what was done so far: a view, valid until the paths are begun or loaded anew. */
  observe(t: number): Float64Array;
  /**
   * Carries out actions [count*actionSize] of decision t and remembers what backward needs.
   * @param sides [count], the sign that an action of 0 would have if it were one: costs have a kink there, and the derivative is taken on
   * that side; 0 = in the middle, where proportional costs have none.
   */
  act(t: number, actions: Float64Array, sides?: Float64Array): void;
  /** Ends the episodes; costs [count] in the objective's unit, the environment's own to rounding. */
  finish(): Float64Array;

  /** Starts going backward from dL/dcost [count]. */
  beginBackward(dCosts: Float64Array): void;
  /** The gradient at decision t, given what was carried back from later ones. */
  backward(t: number): ActionGradient;
  /** Takes in dL/dfeatures at t through the policy's own inputs: [count * differentiable.length], in the order of `differentiable`. */
  carry(t: number, dFeatures: Float64Array): void;
}

/** Views that are valid until the next call. */
export interface ActionGradient {
  /** dL/daction [count*actionSize]. */
  readonly action: Float64Array;
  /** dL of making a transaction at all, by what it costs whatever its size (gas): [count]. */
  readonly fixed: Float64Array;
}
