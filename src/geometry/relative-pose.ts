// Relative pose of two views from an essential matrix or a homography, and the points seen by both.

import { smallestEigenvector } from './null-vector.ts';
import type { Matches } from './matches.ts';

/** Focal lengths and principal point of a view, px (a Camera fits). */
export interface Intrinsics {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}

/** x₂ = R x₁ + t takes points of the first camera to the second; OpenCV axes; |t| = 1 for E, in units of the plane's distance for H. */
export interface RelativePose {
  /** f64 [9] row-major. */
  readonly rotation: Float64Array;
  /** f64 [3]. */
  readonly translation: Float64Array;
}

/** camToWorld of the second camera when the first is the world: [Rᵀ | −Rᵀ t], f64 [16] row-major. */
export function secondCamToFirst({ rotation: r, translation: t }: RelativePose): Float64Array {
  const out = new Float64Array(16);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[i * 4 + j] = r[j * 3 + i]!;
      out[i * 4 + 3]! -= r[j * 3 + i]! * t[j]!;
    }
  }
  out[15] = 1;
  return out;
}

/** Matches in normalised image coordinates (x / z, y / z), f64 [N·4]. */
export function toRays(matches: Matches, first: Intrinsics, second: Intrinsics): Float64Array {
  const out = new Float64Array(matches.length);
  for (let o = 0; o < matches.length; o += 4) {
    out[o] = (matches[o]! - first.cx) / first.fx;
    out[o + 1] = (matches[o + 1]! - first.cy) / first.fy;
    out[o + 2] = (matches[o + 2]! - second.cx) / second.fx;
    out[o + 3] = (matches[o + 3]! - second.cy) / second.fy;
  }
  return out;
}

/** E = K₂ᵀ F K₁. */
export function essentialFrom(f: Float64Array, first: Intrinsics, second: Intrinsics): Float64Array {
  return multiply(transpose(intrinsicMatrix(second)), multiply(f, intrinsicMatrix(first)));
}

/** Calibrated homography K₂⁻¹ H K₁ with its middle singular value scaled to 1 is R + t nᵀ (n: unit normal, plane at distance 1). */
export function calibrateHomography(h: Float64Array, first: Intrinsics, second: Intrinsics): Float64Array {
  const inverse = Float64Array.of(1 / second.fx, 0, -second.cx / second.fx, 0, 1 / second.fy, -second.cy / second.fy, 0, 0, 1);
  return multiply(inverse, multiply(h, intrinsicMatrix(first)));
}

/**
 * The four poses that an essential matrix allows: R = cof(E) ∓ [t]× E, t = ± left null vector (Horn 1990),
 * each rotation moved to the nearest true rotation because an estimated E is not exactly essential.
 */
export function decomposeEssential(essential: Float64Array): RelativePose[] {
  // |E|² = 2 for |t| = 1.
  const norm = Math.hypot(...essential) / Math.SQRT2;
  const e = essential.map((x) => x / norm);
  const t = smallestEigenvector(multiply(e, transpose(e)), 3);
  const cofactors = cofactorMatrix(e);
  const te = multiply(skew(t), e);
  const poses: RelativePose[] = [];
  for (const sign of [1, -1]) {
    const rotation = nearestRotation(cofactors.map((c, i) => c - sign * te[i]!));
    poses.push({ rotation, translation: t.map((x) => sign * x) }, { rotation, translation: t.map((x) => -sign * x) });
  }
  return poses;
}

/**
 * Poses that a calibrated homography allows (Ma, Soatto, Košecká, Sastry 2004, 5.3): up to four, two of them with the plane in front of the camera.
 * A camera that only rotates gives one pose with translation 0.
 */
export function decomposeHomography(h: Float64Array): (RelativePose & { normal: Float64Array })[] {
  const hth = multiply(transpose(h), h);
  const trace = hth[0]! + hth[4]! + hth[8]!;
  const v3 = smallestEigenvector(hth, 3);
  const v1 = smallestEigenvector(hth.map((x, i) => (i % 4 === 0 ? trace : 0) - x), 3);
  const v2 = cross(v3, v1);
  const s1 = Math.sqrt(quadratic(hth, v1));
  const s2 = Math.sqrt(quadratic(hth, v2));
  const s3 = Math.sqrt(quadratic(hth, v3));
  // H and −H are the same homography; the one with positive determinant keeps points in front.
  const sign = determinant(h) < 0 ? -1 : 1;
  const hn = h.map((x) => (sign * x) / s2);
  const a = (s1 / s2) ** 2;
  const b = (s3 / s2) ** 2;
  if (a - b < 1e-6) return [{ rotation: nearestRotation(hn), translation: new Float64Array(3), normal: Float64Array.of(0, 0, 1) }];
  const alpha = Math.sqrt(Math.max(0, (1 - b) / (a - b)));
  const beta = Math.sqrt(Math.max(0, (a - 1) / (a - b)));
  const poses: (RelativePose & { normal: Float64Array })[] = [];
  for (const side of [1, -1]) {
    const u = v1.map((x, i) => alpha * x + side * beta * v3[i]!);
    const from = columns(v2, u, cross(v2, u));
    const hv2 = apply(hn, v2);
    const hu = apply(hn, u);
    const to = columns(hv2, hu, cross(hv2, hu));
    const rotation = nearestRotation(multiply(to, transpose(from)));
    const normal = cross(v2, u);
    const translation = apply(hn.map((x, i) => x - rotation[i]!), normal);
    poses.push({ rotation, translation, normal }, { rotation, translation: translation.map((x) => -x), normal: normal.map((x) => -x) });
  }
  return poses;
}

/**
 * Depth along z of a match in both cameras, from z₂ x₂ = z₁ R x₁ + t in the least-squares sense.
 * @param rays normalised coordinates of the match at `o`: x, y, x', y'.
 * @param out [z₁, z₂]; negative when the rays meet behind a camera.
 * @returns the angle between the rays (parallax), rad.
 */
export function triangulateDepths(pose: RelativePose, rays: Float64Array, o: number, out: Float64Array): number {
  const { rotation: r, translation: t } = pose;
  const x = rays[o]!;
  const y = rays[o + 1]!;
  const px = r[0]! * x + r[1]! * y + r[2]!;
  const py = r[3]! * x + r[4]! * y + r[5]!;
  const pz = r[6]! * x + r[7]! * y + r[8]!;
  const qx = rays[o + 2]!;
  const qy = rays[o + 3]!;
  // Normal equations of z₁ p − z₂ q = −t.
  const pp = px * px + py * py + pz * pz;
  const qq = qx * qx + qy * qy + 1;
  const pq = px * qx + py * qy + pz;
  const pt = px * t[0]! + py * t[1]! + pz * t[2]!;
  const qt = qx * t[0]! + qy * t[1]! + t[2]!;
  const det = pp * qq - pq * pq;
  out[0] = (pq * qt - qq * pt) / (det + 1e-300);
  out[1] = (pp * qt - pq * pt) / (det + 1e-300);
  return Math.atan2(Math.sqrt(Math.max(0, det)), pq);
}

/** The pose under which most points lie in front of both cameras. */
export function chooseCheiral<P extends RelativePose>(poses: readonly P[], rays: Float64Array, inliers: Uint8Array): { pose: P; inFront: number } {
  const depths = new Float64Array(2);
  let best = { pose: poses[0]!, inFront: -1 };
  for (const pose of poses) {
    let inFront = 0;
    for (let i = 0; i < inliers.length; i++) {
      if (!inliers[i]) continue;
      triangulateDepths(pose, rays, i * 4, depths);
      if (depths[0]! > 0 && depths[1]! > 0) inFront++;
    }
    if (inFront > best.inFront) best = { pose, inFront };
  }
  return best;
}

/** Nearest rotation by Higham's polar iteration R ← (R + R⁻ᵀ) / 2; three or four rounds from an almost orthogonal start. */
export function nearestRotation(m: Float64Array): Float64Array {
  let r = Float64Array.from(m);
  if (determinant(r) < 0) r = r.map((x) => -x);
  for (let round = 0; round < 30; round++) {
    const det = determinant(r);
    const inverseTranspose = cofactorMatrix(r).map((x) => x / det);
    let change = 0;
    r = r.map((x, i) => {
      const next = (x + inverseTranspose[i]!) / 2;
      change += Math.abs(next - x);
      return next;
    });
    if (change < 1e-15) break;
  }
  return r;
}

function intrinsicMatrix(k: Intrinsics): Float64Array {
  return Float64Array.of(k.fx, 0, k.cx, 0, k.fy, k.cy, 0, 0, 1);
}

function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) out[i * 3 + j] = a[i * 3]! * b[j]! + a[i * 3 + 1]! * b[3 + j]! + a[i * 3 + 2]! * b[6 + j]!;
  return out;
}

function transpose(a: Float64Array): Float64Array {
  return Float64Array.of(a[0]!, a[3]!, a[6]!, a[1]!, a[4]!, a[7]!, a[2]!, a[5]!, a[8]!);
}

function apply(a: Float64Array, v: Float64Array): Float64Array {
  return Float64Array.from({ length: 3 }, (_, i) => a[i * 3]! * v[0]! + a[i * 3 + 1]! * v[1]! + a[i * 3 + 2]! * v[2]!);
}

function quadratic(a: Float64Array, v: Float64Array): number {
  const av = apply(a, v);
  return Math.max(0, av[0]! * v[0]! + av[1]! * v[1]! + av[2]! * v[2]!);
}

function cross(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.of(a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!);
}

function columns(a: Float64Array, b: Float64Array, c: Float64Array): Float64Array {
  return Float64Array.of(a[0]!, b[0]!, c[0]!, a[1]!, b[1]!, c[1]!, a[2]!, b[2]!, c[2]!);
}

function skew(t: Float64Array): Float64Array {
  return Float64Array.of(0, -t[2]!, t[1]!, t[2]!, 0, -t[0]!, -t[1]!, t[0]!, 0);
}

function cofactorMatrix(m: Float64Array): Float64Array {
  const r0 = m.subarray(0, 3);
  const r1 = m.subarray(3, 6);
  const r2 = m.subarray(6, 9);
  const out = new Float64Array(9);
  out.set(cross(r1, r2), 0);
  out.set(cross(r2, r0), 3);
  out.set(cross(r0, r1), 6);
  return out;
}

function determinant(m: Float64Array): number {
  return m[0]! * (m[4]! * m[8]! - m[5]! * m[7]!) - m[1]! * (m[3]! * m[8]! - m[5]! * m[6]!) + m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!);
}
