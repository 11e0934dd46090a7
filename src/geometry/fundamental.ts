// Fundamental matrix: x'ᵀ F x = 0 for static points seen by a moving camera.

import { normaliseMatches, type Matches } from './matches.ts';
import { smallestEigenvector } from './null-vector.ts';
import type { RobustModel } from './robust-fit.ts';

/**
 * Normalised 8-point algorithm (Hartley 1997) with rank 2 enforced.
 * @param indices the matches to use, at least 8.
 * @param weights f64, one per entry of `indices`; all 1 if absent.
 * @returns f64 [9] row-major, or null when the matches do not determine it numerically.
 */
export function fitFundamental(matches: Matches, indices: ArrayLike<number>, weights?: Float64Array): Float64Array | null {
  if (indices.length < 8) return null;
  const [a, b] = normaliseMatches(matches, indices);
  const ata = new Float64Array(81);
  const row = new Float64Array(9);
  for (let k = 0; k < indices.length; k++) {
    const o = indices[k]! * 4;
    const x = (matches[o]! - a.cx) * a.s;
    const y = (matches[o + 1]! - a.cy) * a.s;
    const u = (matches[o + 2]! - b.cx) * b.s;
    const v = (matches[o + 3]! - b.cy) * b.s;
    row[0] = u * x; row[1] = u * y; row[2] = u;
    row[3] = v * x; row[4] = v * y; row[5] = v;
    row[6] = x; row[7] = y; row[8] = 1;
    const w = weights ? weights[k]! : 1;
    for (let i = 0; i < 9; i++) {
      const wi = w * row[i]!;
      for (let j = 0; j <= i; j++) ata[i * 9 + j]! += wi * row[j]!;
    }
  }
  for (let i = 0; i < 9; i++) for (let j = 0; j < i; j++) ata[j * 9 + i] = ata[i * 9 + j]!;
  const f = enforceRankTwo(smallestEigenvector(ata, 9));
  // F = Tbᵀ F̂ Ta with T = [s 0 −s·cx; 0 s −s·cy; 0 0 1].
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    const f0 = f[i * 3]! * a.s;
    const f1 = f[i * 3 + 1]! * a.s;
    out[i * 3] = f0;
    out[i * 3 + 1] = f1;
    out[i * 3 + 2] = f[i * 3 + 2]! - f0 * a.cx - f1 * a.cy;
  }
  for (let j = 0; j < 3; j++) {
    const r0 = out[j]! * b.s;
    const r1 = out[3 + j]! * b.s;
    out[6 + j] = out[6 + j]! - r0 * b.cx - r1 * b.cy;
    out[j] = r0;
    out[3 + j] = r1;
  }
  return scaleToUnit(out);
}

/** Closest rank-2 matrix: F − F v vᵀ removes the smallest singular part, v its right singular vector. */
export function enforceRankTwo(f: Float64Array): Float64Array {
  const v = rightNullVector(f);
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    const fv = f[i * 3]! * v[0]! + f[i * 3 + 1]! * v[1]! + f[i * 3 + 2]! * v[2]!;
    for (let j = 0; j < 3; j++) out[i * 3 + j] = f[i * 3 + j]! - fv * v[j]!;
  }
  return out;
}

/** Unit v with F v ≈ 0: the epipole in the first view, homogeneous. */
export function rightNullVector(f: Float64Array): Float64Array {
  const ftf = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) ftf[i * 3 + j] = f[i]! * f[j]! + f[3 + i]! * f[3 + j]! + f[6 + i]! * f[6 + j]!;
  }
  return smallestEigenvector(ftf, 3);
}

/** Epipole in the first view, px, or null when it lies at infinity (sideways motion). */
export function epipoleOf(f: Float64Array): { x: number; y: number } | null {
  const e = rightNullVector(f);
  return Math.abs(e[2]!) < 1e-9 ? null : { x: e[0]! / e[2]!, y: e[1]! / e[2]! };
}

/** Sampson distance, px: first-order distance of the match to the set that obeys F (Hartley & Zisserman 11.9). */
export function sampsonPx(f: Float64Array, x: number, y: number, u: number, v: number): number {
  const a = f[0]! * x + f[1]! * y + f[2]!;
  const b = f[3]! * x + f[4]! * y + f[5]!;
  const c = f[6]! * x + f[7]! * y + f[8]!;
  const d = f[0]! * u + f[3]! * v + f[6]!;
  const e = f[1]! * u + f[4]! * v + f[7]!;
  return Math.abs(u * a + v * b + c) / Math.sqrt(a * a + b * b + d * d + e * e + 1e-300);
}

/** Weight of a match's algebraic error that turns it into its Sampson distance: 1 / |∇|². */
function sampsonWeight(f: Float64Array, matches: Matches, i: number): number {
  const o = i * 4;
  const x = matches[o]!;
  const y = matches[o + 1]!;
  const u = matches[o + 2]!;
  const v = matches[o + 3]!;
  const a = f[0]! * x + f[1]! * y + f[2]!;
  const b = f[3]! * x + f[4]! * y + f[5]!;
  const d = f[0]! * u + f[3]! * v + f[6]!;
  const e = f[1]! * u + f[4]! * v + f[7]!;
  return 1 / (a * a + b * b + d * d + e * e + 1e-300);
}

export const FUNDAMENTAL: RobustModel = {
  sampleSize: 8,
  fit: fitFundamental,
  residualPx: (f, matches, i) => sampsonPx(f, matches[i * 4]!, matches[i * 4 + 1]!, matches[i * 4 + 2]!, matches[i * 4 + 3]!),
  weight: sampsonWeight,
};

function scaleToUnit(m: Float64Array): Float64Array | null {
  const norm = Math.hypot(...m);
  if (!(norm > 0) || !Number.isFinite(norm)) return null;
  return m.map((x) => x / norm);
}
