// Point matches of two views, and the normalisation every linear estimate needs.

/** f64 [N·4]: x, y in the first view, x', y' in the second, px; the centre of the top-left pixel is (0.5, 0.5). */
export type Matches = Float64Array;

/** Shift and scale of one view: x̂ = (x − cx)·s. */
export interface Normaliser {
  readonly cx: number;
  readonly cy: number;
  readonly s: number;
}

/** Hartley's normalisation of the chosen matches: centroid at the origin, mean distance √2. */
export function normaliseMatches(matches: Matches, indices: ArrayLike<number>): [Normaliser, Normaliser] {
  return [normaliseView(matches, indices, 0), normaliseView(matches, indices, 2)];
}

function normaliseView(matches: Matches, indices: ArrayLike<number>, offset: 0 | 2): Normaliser {
  const n = indices.length;
  let cx = 0;
  let cy = 0;
  for (let k = 0; k < n; k++) {
    cx += matches[indices[k]! * 4 + offset]!;
    cy += matches[indices[k]! * 4 + offset + 1]!;
  }
  cx /= n;
  cy /= n;
  let distance = 0;
  for (let k = 0; k < n; k++) {
    distance += Math.hypot(matches[indices[k]! * 4 + offset]! - cx, matches[indices[k]! * 4 + offset + 1]! - cy);
  }
  return { cx, cy, s: distance > 1e-9 ? (Math.SQRT2 * n) / distance : 1 };
}

/** Indices 0…n-1, for estimates over all matches. */
export function allIndices(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i);
}
