import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../scene/rng.ts';
import { solveCholesky } from './cholesky.ts';

const N = 40;

/** L·Lᵀ of a lower triangle with entries where `has` says so. */
function planted(has: (i: number, j: number) => boolean, rng: Rng): Float64Array {
  const l = Float64Array.from({ length: N * N }, (_, at) => {
    const [i, j] = [Math.floor(at / N), at % N];
    return i === j ? 1 + rng.next() : j < i && has(i, j) ? rng.next() - 0.5 : 0;
  });
  const a = new Float64Array(N * N);
  for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) for (let k = 0; k < N; k++) a[i * N + j]! += l[i * N + k]! * l[j * N + k]!;
  return a;
}

describe('the Cholesky solver', () => {
  it.each<[string, (i: number, j: number) => boolean]>([
    ['dense', () => true],
    ['diagonal', () => false],
    ['banded', (i, j) => i - j <= 3],
    ['banded, with a last row that touches all', (i, j) => i - j <= 3 || i === N - 1],
    ['banded, with links far apart', (i, j) => i - j <= 2 || (i % 8 === 0 && j === i - 8)],
  ])('finds what was planted in a %s system', (_, has) => {
    const rng = createRng(3);
    const a = planted(has, rng);
    const x = Float64Array.from({ length: N }, () => rng.next() - 0.5);
    const b = Float64Array.from(x, (_, i) => x.reduce((sum, v, j) => sum + a[i * N + j]! * v, 0));
    expect(solveCholesky(a, b, N)).toBe(true);
    b.forEach((v, i) => expect(v).toBeCloseTo(x[i]!, 9));
  });

  it('refuses what is not positive definite', () => {
    expect(solveCholesky(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1), 2)).toBe(false);
    expect(solveCholesky(Float64Array.of(1, 0, 0, 0), Float64Array.of(1, 1), 2)).toBe(false);
  });
});
