/**
 * Solves A x = b for a symmetric positive definite A in place: `a` becomes its factor, `b` the solution.
 * What lies left of a row's first entry stays zero in the factor (the envelope of George and Liu, 1981), and is left out: a system of
 * frames tied to their neighbours takes time in proportion to their number.
 * @param a f64 [n·n], the lower triangle is read. @param b f64 [n].
 * @returns false when A is not positive definite; then both are spoilt.
 */
export function solveCholesky(a: Float64Array, b: Float64Array, n: number): boolean {
  const first = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    let start = 0;
    while (start < i && a[rowI + start] === 0) start++;
    first[i] = start;
    for (let j = start; j <= i; j++) {
      const rowJ = j * n;
      let sum = a[rowI + j]!;
      for (let k = Math.max(start, first[j]!); k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!;
      if (j < i) a[rowI + j] = sum / a[rowJ + j]!;
      else if (sum > 0) a[rowI + i] = Math.sqrt(sum);
      else return false;
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = first[i]!; k < i; k++) sum -= a[i * n + k]! * b[k]!;
    b[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    b[i]! /= a[i * n + i]!;
    for (let k = first[i]!; k < i; k++) b[k]! -= a[i * n + k]! * b[i]!;
  }
  return true;
}
