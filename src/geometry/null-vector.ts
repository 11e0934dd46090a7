// Smallest eigenvector of small symmetric matrices: the answer of every homogeneous least-squares problem (8-point, DLT).

const MAX_ROUNDS = 25;
const ITERATIONS_PER_ROUND = 4;

/**
 * Unit vector v that minimises vᵀ M v, by inverse iteration on Cholesky factors whose shift moves up towards the smallest eigenvalue.
 * A few microseconds for n = 9, where a full eigen decomposition would dominate a RANSAC loop.
 * @param m f64 [n·n] symmetric, positive semi-definite; not changed.
 */
export function smallestEigenvector(m: Float64Array, n: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += m[i * n + i]!;
  // A start that is orthogonal to no eigenvector one meets in practice.
  const v = Float64Array.from({ length: n }, (_, i) => 1 + 0.7 * Math.sin(1 + 2.3 * i));
  // The small negative shift keeps an exact null space solvable.
  const lowest = -Math.max(trace * 1e-14, 1e-300);
  let factor = factorise(m, n, lowest);
  if (!factor) return normalise(v);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (let k = 0; k < ITERATIONS_PER_ROUND; k++) {
      solveFactored(factor, v, n);
      normalise(v);
    }
    const { quotient, residual } = rayleigh(m, v, n);
    if (residual <= 1e-13 * trace) break;
    // An eigenvalue lies within `residual` of the quotient; where it is not the smallest, the factorisation fails and the old shift stays.
    factor = factorise(m, n, Math.max(lowest, quotient - 2 * residual)) ?? factor;
  }
  return v;
}

/** Lower Cholesky factor of M − shift·I, or null when that is not positive. */
function factorise(m: Float64Array, n: number, shift: number): Float64Array | null {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m[i * n + j]! - (i === j ? shift : 0);
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i !== j) {
        l[i * n + j] = sum / l[j * n + j]!;
        continue;
      }
      // Rounding may push the pivot of an exact null space just below zero.
      if (!(sum > -1e-12 * Math.abs(m[i * n + i]!))) return null;
      l[i * n + i] = Math.sqrt(Math.max(sum, 1e-16 * Math.abs(m[i * n + i]!), 1e-300));
    }
  }
  return l;
}

/** Solves L Lᵀ x = v in place. */
function solveFactored(l: Float64Array, v: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let sum = v[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * v[k]!;
    v[i] = sum / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = v[i]!;
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * v[k]!;
    v[i] = sum / l[i * n + i]!;
  }
}

function normalise(v: Float64Array): Float64Array {
  let most = 0;
  for (const x of v) most = Math.max(most, Math.abs(x));
  let sum = 0;
  for (let i = 0; i < v.length; i++) {
    v[i]! /= most;
    sum += v[i]! * v[i]!;
  }
  const norm = Math.sqrt(sum);
  for (let i = 0; i < v.length; i++) v[i]! /= norm;
  return v;
}

/** Rayleigh quotient of a unit vector, and |M v − quotient·v|. */
function rayleigh(m: Float64Array, v: Float64Array, n: number): { quotient: number; residual: number } {
  const mv = new Float64Array(n);
  let quotient = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) mv[i]! += m[i * n + j]! * v[j]!;
    quotient += mv[i]! * v[i]!;
  }
  let square = 0;
  for (let i = 0; i < n; i++) square += (mv[i]! - quotient * v[i]!) ** 2;
  return { quotient, residual: Math.sqrt(square) };
}
