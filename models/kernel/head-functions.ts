/** The kernel's functions for policies (models/kernel/assembly/{gaussian,categorical}.ts). Pointers are byte offsets. */
export interface HeadFunctions {
  gaussianLogProbability(
    y: number,
    action: number,
    rows: number,
    n: number,
    logStd: number,
    precision: number,
    squashed: boolean,
    out: number,
  ): void;
  gaussianBackward(
    y: number,
    action: number,
    rows: number,
    n: number,
    precision: number,
    dLogProbability: number,
    dEntropy: number,
    dy: number,
    dLogStd: number,
  ): void;
  squashedEntropy(
    y: number,
    rows: number,
    n: number,
    logStd: number,
    std: number,
    nodes: number,
    weights: number,
    count: number,
    out: number,
  ): void;
  squashedEntropyBackward(
    y: number,
    rows: number,
    n: number,
    std: number,
    nodes: number,
    weights: number,
    count: number,
    dEntropy: number,
    dy: number,
    dLogStd: number,
  ): void;
  /** 0 where a row cannot be evaluated. */
  categoricalEvaluate(
    y: number,
    action: number,
    mask: number,
    rows: number,
    choices: number,
    heads: number,
    outputs: number,
    logP: number,
    out: number,
    entropy: number,
  ): number;
  categoricalBackward(
    y: number,
    action: number,
    mask: number,
    rows: number,
    choices: number,
    heads: number,
    outputs: number,
    logP: number,
    dLogProbability: number,
    dEntropy: number,
    dy: number,
  ): number;
  /** exp (0), log1p (1) or log (2) of n numbers (f64) in place, for tests. */
  elementary(p: number, n: number, which: number): void;
}
