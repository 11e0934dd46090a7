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
