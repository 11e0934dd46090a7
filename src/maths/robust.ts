/** Median of the values (upper of the two middle ones); NaN when there are none. Reorders a copy. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Value below which the share q lies. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const n = values.length;
  if (n === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(n - 1, Math.floor(q * n))]!;
}

const LINE_ROUNDS = 8;
/** Misfits below this share of the values' size count alike. */
const LINE_FLOOR = 0.02;

/** y ≈ at + slope·x with the least sum of |misfit| (reweighted least squares); the mean, level, where all x are the same. */
export function robustLine(x: readonly number[], y: readonly number[]): { at: number; slope: number } {
  const floor = LINE_FLOOR * Math.abs(median(y)) + Number.MIN_VALUE;
  let weights = y.map(() => 1);
  let at = 0;
  let slope = 0;
  for (let round = 0; round < LINE_ROUNDS; round++) {
    let sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    x.forEach((v, i) => {
      const w = weights[i]!;
      sw += w; sx += w * v; sy += w * y[i]!; sxx += w * v * v; sxy += w * v * y[i]!;
    });
    const det = sw * sxx - sx * sx;
    slope = det > 1e-9 * sw * sxx ? (sw * sxy - sx * sy) / det : 0;
    at = (sy - slope * sx) / sw;
    weights = y.map((v, i) => 1 / (floor + Math.abs(at + slope * x[i]! - v)));
  }
  return { at, slope };
}
