// Homography: x' ~ H x, exact for a plane and for a camera that only rotates.

import { normaliseMatches, type Matches } from './matches.ts';
import { smallestEigenvector } from './null-vector.ts';
import type { RobustModel } from './robust-fit.ts';

/**
 * Normalised direct linear transform.
 * @param indices the matches to use, at least 4.
 * @param weights f64, one per entry of `indices`; all 1 if absent.
 * @returns f64 [9] row-major with H[8] scaled so that det H = 1 in sign, or null when it is degenerate.
 */
export function fitHomography(matches: Matches, indices: ArrayLike<number>, weights?: Float64Array): Float64Array | null {
  if (indices.length < 4) return null;
  const [a, b] = normaliseMatches(matches, indices);
  const ata = new Float64Array(81);
  const row = new Float64Array(9);
  const add = (w: number) => {
    for (let i = 0; i < 9; i++) {
      const wi = w * row[i]!;
      if (wi !== 0) for (let j = 0; j <= i; j++) ata[i * 9 + j]! += wi * row[j]!;
    }
  };
  for (let k = 0; k < indices.length; k++) {
    const o = indices[k]! * 4;
    const x = (matches[o]! - a.cx) * a.s;
    const y = (matches[o + 1]! - a.cy) * a.s;
    const u = (matches[o + 2]! - b.cx) * b.s;
    const v = (matches[o + 3]! - b.cy) * b.s;
    const w = weights ? weights[k]! : 1;
    row.fill(0);
    row[0] = x; row[1] = y; row[2] = 1; row[6] = -u * x; row[7] = -u * y; row[8] = -u;
    add(w);
    row.fill(0);
    row[3] = x; row[4] = y; row[5] = 1; row[6] = -v * x; row[7] = -v * y; row[8] = -v;
    add(w);
  }
  for (let i = 0; i < 9; i++) for (let j = 0; j < i; j++) ata[j * 9 + i] = ata[i * 9 + j]!;
  const h = smallestEigenvector(ata, 9);
  // H = Tb⁻¹ Ĥ Ta.
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    const h0 = h[i * 3]! * a.s;
    const h1 = h[i * 3 + 1]! * a.s;
    out[i * 3] = h0;
    out[i * 3 + 1] = h1;
    out[i * 3 + 2] = h[i * 3 + 2]! - h0 * a.cx - h1 * a.cy;
  }
  for (let j = 0; j < 3; j++) {
    out[j] = out[j]! / b.s + b.cx * out[6 + j]!;
    out[3 + j] = out[3 + j]! / b.s + b.cy * out[6 + j]!;
  }
  const det = determinant(out);
  if (!Number.isFinite(det) || Math.abs(det) < 1e-18) return null;
  const scale = Math.cbrt(det);
  return out.map((m) => m / scale);
}

/** Where H sends (x, y), written to `out` [2]; far away when the point leaves through infinity. */
export function applyHomography(h: Float64Array, x: number, y: number, out: Float64Array): void {
  const w = h[6]! * x + h[7]! * y + h[8]!;
  const safe = Math.abs(w) < 1e-12 ? 1e-12 : w;
  out[0] = (h[0]! * x + h[1]! * y + h[2]!) / safe;
  out[1] = (h[3]! * x + h[4]! * y + h[5]!) / safe;
}

const scratch = new Float64Array(2);

/** Distance between H x and x', px in the second view. */
export function transferPx(h: Float64Array, x: number, y: number, u: number, v: number): number {
  applyHomography(h, x, y, scratch);
  return Math.hypot(scratch[0]! - u, scratch[1]! - v);
}

export const HOMOGRAPHY: RobustModel = {
  sampleSize: 4,
  fit: fitHomography,
  residualPx: (h, matches, i) => transferPx(h, matches[i * 4]!, matches[i * 4 + 1]!, matches[i * 4 + 2]!, matches[i * 4 + 3]!),
  // The algebraic error is w times the transfer distance.
  weight: (h, matches, i) => 1 / ((h[6]! * matches[i * 4]! + h[7]! * matches[i * 4 + 1]! + h[8]!) ** 2 + 1e-12),
};

function determinant(m: Float64Array): number {
  return m[0]! * (m[4]! * m[8]! - m[5]! * m[7]!) - m[1]! * (m[3]! * m[8]! - m[5]! * m[6]!) + m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!);
}
