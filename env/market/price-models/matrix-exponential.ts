/** Terms of the Taylor series; with a norm below 1/2 the remainder is below 1e-19. */
const TERMS = 14;

function multiplyInto(out: Float64Array, a: Float64Array, b: Float64Array, n: number): void {
  out.fill(0);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k]!;
      if (x !== 0) for (let j = 0; j < n; j++) out[i * n + j]! += x * b[k * n + j]!;
    }
}

/** exp(time · matrix) of an n×n matrix [row · n + column], by Taylor series, scaling and squaring. For construction: it allocates. */
export function matrixExponential(matrix: Float64Array, n: number, time: number): Float64Array {
  let norm = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += Math.abs(matrix[i * n + j]! * time);
    norm = Math.max(norm, row);
  }
  const halvings = norm > 0.5 ? Math.ceil(Math.log2(norm / 0.5)) : 0;
  const small = matrix.map((x) => x * time * 2 ** -halvings);
  let result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) result[i * n + i] = 1;
  let term = result.slice();
  let spare = new Float64Array(n * n);
  for (let k = 1; k <= TERMS; k++) {
    multiplyInto(spare, term, small, n);
    [term, spare] = [spare, term];
    for (let i = 0; i < n * n; i++) {
      term[i]! /= k;
      result[i]! += term[i]!;
    }
  }
  for (let k = 0; k < halvings; k++) {
    multiplyInto(spare, result, result, n);
    [result, spare] = [spare, result];
  }
  return result;
}
