/** Small dense symmetric matrices, row-major [d*d], for the searches of the tuner. */

/** Lower Cholesky factor, or undefined where the matrix is not positive definite. */
export function cholesky(matrix: Float64Array, d: number): Float64Array | undefined {
  const factor = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * d + k]! * factor[j * d + k]!;
      if (i === j) {
        if (!(sum > 1e-300)) return undefined;
        factor[i * d + i] = Math.sqrt(sum);
      } else factor[i * d + j] = sum / factor[j * d + j]!;
    }
  return factor;
}

/** y = L x. */
export function multiplyLower(factor: Float64Array, x: Float64Array): Float64Array {
  const d = x.length;
  const y = new Float64Array(d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) y[i]! += factor[i * d + j]! * x[j]!;
  return y;
}

/** Solves L x = b. */
export function solveLower(factor: Float64Array, b: Float64Array): Float64Array {
  const d = b.length;
  const x = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    let sum = b[i]!;
    for (let j = 0; j < i; j++) sum -= factor[i * d + j]! * x[j]!;
    x[i] = sum / factor[i * d + i]!;
  }
  return x;
}

/** Solves L L' x = b. */
export function solveCholesky(factor: Float64Array, b: Float64Array): Float64Array {
  const d = b.length;
  const x = solveLower(factor, b);
  for (let i = d - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let j = i + 1; j < d; j++) sum -= factor[j * d + i]! * x[j]!;
    x[i] = sum / factor[i * d + i]!;
  }
  return x;
}
