// Measures against truth. All arrays row-major; px of the size the maps have; medians where a few wild values must not decide.

import { smallestEigenvector } from '../geometry/null-vector.ts';

export const median = (values: ArrayLike<number>): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted.length ? sorted[sorted.length >> 1]! : NaN;
};
export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** y = scale·R·x + t. */
export interface Sim3 {
  readonly scale: number;
  /** f64 [9]. */
  readonly rotation: Float64Array;
  /** f64 [3]. */
  readonly translation: Float64Array;
}

/**
 * Least-squares similarity between point sets (Horn 1987, with quaternions: also right for straight and planar paths).
 * @param from f64 [N·3].
 * @param to f64 [N·3].
 */
export function alignSim3(from: Float64Array, to: Float64Array): Sim3 {
  const n = from.length / 3;
  const a = centroid(from);
  const b = centroid(to);
  const s = new Float64Array(9);
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) s[r * 3 + c]! += (from[i * 3 + r]! - a[r]!) * (to[i * 3 + c]! - b[c]!);
  }
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = s as unknown as [number, number, number, number, number, number, number, number, number];
  const N = Float64Array.of(
    xx + yy + zz, yz - zy, zx - xz, xy - yx,
    yz - zy, xx - yy - zz, xy + yx, zx + xz,
    zx - xz, xy + yx, -xx + yy - zz, yz + zy,
    xy - yx, zx + xz, yz + zy, -xx - yy + zz);
  // The largest eigenvector of N is the smallest of bound·1 − N.
  const bound = Math.hypot(...N);
  const [w, x, y, z] = smallestEigenvector(N.map((v, i) => (i % 5 === 0 ? bound : 0) - v), 4) as unknown as [number, number, number, number];
  const rotation = rotationOf(x, y, z, w);
  let dot = 0;
  let square = 0;
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < 3; r++) {
      let rotated = 0;
      for (let c = 0; c < 3; c++) rotated += rotation[r * 3 + c]! * (from[i * 3 + c]! - a[c]!);
      dot += rotated * (to[i * 3 + r]! - b[r]!);
      square += (from[i * 3 + r]! - a[r]!) ** 2;
    }
  }
  // A camera that was found standing still has no scale; 0 puts it at the centre of the path, the best it can get.
  const scale = square > 1e-18 ? Math.max(0, dot / square) : 0;
  const translation = Float64Array.from(b, (v, r) => v - scale * (rotation[r * 3]! * a[0]! + rotation[r * 3 + 1]! * a[1]! + rotation[r * 3 + 2]! * a[2]!));
  return { scale, rotation, translation };
}

export function rotationOf(x: number, y: number, z: number, w: number): Float64Array {
  return Float64Array.of(
    1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
    2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
    2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y));
}

export function applySim3({ scale, rotation: r, translation: t }: Sim3, points: ArrayLike<number>): Float64Array {
  const out = new Float64Array(points.length);
  for (let o = 0; o < points.length; o += 3) {
    for (let i = 0; i < 3; i++) out[o + i] = scale * (r[i * 3]! * points[o]! + r[i * 3 + 1]! * points[o + 1]! + r[i * 3 + 2]! * points[o + 2]!) + t[i]!;
  }
  return out;
}

export interface PoseScores {
  /** Root mean square distance of camera centres after Sim(3), in units of the truth. */
  readonly ate: number;
  /** The same as a share of the true path. */
  readonly atePathShare: number;
  /** Relative pose error between neighbours: root mean square translation (units of the truth) and median rotation (deg). */
  readonly rpe: number;
  readonly rotationDeg: number;
  readonly alignment: Sim3;
}

/** @param estimated camToWorld f64 [16] per frame; `truth` likewise, same frames. */
export function scorePoses(estimated: readonly Float64Array[], truth: readonly Float64Array[]): PoseScores {
  const centres = (poses: readonly Float64Array[]) => Float64Array.from(poses.flatMap((p) => [p[3]!, p[7]!, p[11]!]));
  const to = centres(truth);
  const alignment = alignSim3(centres(estimated), to);
  const aligned = applySim3(alignment, centres(estimated));
  let path = 0;
  let square = 0;
  for (let t = 0; t < truth.length; t++) {
    const o = 3 * t;
    square += (aligned[o]! - to[o]!) ** 2 + (aligned[o + 1]! - to[o + 1]!) ** 2 + (aligned[o + 2]! - to[o + 2]!) ** 2;
    if (t > 0) path += Math.hypot(to[o]! - to[o - 3]!, to[o + 1]! - to[o - 2]!, to[o + 2]! - to[o - 1]!);
  }
  const ate = Math.sqrt(square / truth.length);
  const steps = truth.slice(1).map((_, i) => {
    const mine = relative(estimated[i]!, estimated[i + 1]!);
    const right = relative(truth[i]!, truth[i + 1]!);
    let square = 0;
    let gap = 0;
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) square += (mine[r * 4 + c]! - right[r * 4 + c]!) ** 2;
      gap += (alignment.scale * mine[r * 4 + 3]! - right[r * 4 + 3]!) ** 2;
    }
    // |A − B| = 2 √2 sin(angle / 2): keeps its digits at small angles, where the trace loses them.
    return { gap, degrees: (2 * Math.asin(Math.min(1, Math.sqrt(square / 8))) * 180) / Math.PI };
  });
  return { ate, atePathShare: ate / path, rpe: Math.sqrt(mean(steps.map((s) => s.gap))), rotationDeg: median(steps.map((s) => s.degrees)), alignment };
}

/**
 * Similarity from whole cameras, not centres alone: the centres of a straight path leave the turn about it open, and with it every point beside the path.
 * Scale comes from the centres; the cameras' axes are added as points as far out as the path is wide.
 */
export function alignCameras(estimated: readonly Float64Array[], truth: readonly Float64Array[]): Sim3 {
  const centres = (poses: readonly Float64Array[]) => Float64Array.from(poses.flatMap((p) => [p[3]!, p[7]!, p[11]!]));
  const { scale } = alignSim3(centres(estimated), centres(truth));
  if (!(scale > 0)) return { scale, rotation: rotationOf(0, 0, 0, 1), translation: new Float64Array(3) };
  const middle = centroid(centres(truth));
  const reach = Math.sqrt(mean(truth.map((p) => (p[3]! - middle[0]!) ** 2 + (p[7]! - middle[1]!) ** 2 + (p[11]! - middle[2]!) ** 2)));
  const withAxes = (poses: readonly Float64Array[], length: number) => Float64Array.from(poses.flatMap((p) => [0, 1, 2, 3].flatMap((axis) => (
    [3, 7, 11].map((k) => p[k]! + (axis < 3 ? length * p[k - 3 + axis]! : 0))))));
  const { rotation } = alignSim3(withAxes(estimated, reach / scale), withAxes(truth, reach));
  const from = centroid(centres(estimated));
  const translation = middle.map((v, r) => v - scale * (rotation[r * 3]! * from[0]! + rotation[r * 3 + 1]! * from[1]! + rotation[r * 3 + 2]! * from[2]!));
  return { scale, rotation, translation };
}

/** Pose of camera b in the axes of camera a. */
function relative(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(16);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 4; c++) {
      for (let k = 0; k < 3; k++) out[r * 4 + c]! += a[k * 4 + r]! * (b[k * 4 + c]! - (c === 3 ? a[k * 4 + 3]! : 0));
    }
  }
  return out;
}

function centroid(points: Float64Array): Float64Array {
  const sum = new Float64Array(3);
  for (let i = 0; i < points.length; i++) sum[i % 3]! += points[i]!;
  return sum.map((s) => (3 * s) / points.length);
}

export interface DepthScores {
  readonly absRel: number;
  /** Share of pixels within a factor of 1.25. */
  readonly delta: number;
}

/** Depth after the best scale and shift (robust, on the relative error); pixels where either is unknown (0) are left out. */
export function scoreDepth(depth: ArrayLike<number>, truth: ArrayLike<number>): DepthScores | null {
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < truth.length; i++) {
    if (!(truth[i]! > 0) || !(depth[i]! > 0)) continue;
    x.push(depth[i]!);
    y.push(truth[i]!);
  }
  if (x.length < 16) return null;
  let scale = 1;
  let shift = 0;
  let weights = y.map((v) => 1 / (v * v));
  for (let round = 0; round < 10; round++) {
    let sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (let i = 0; i < x.length; i++) {
      const w = weights[i]!;
      sw += w; sx += w * x[i]!; sy += w * y[i]!; sxx += w * x[i]! * x[i]!; sxy += w * x[i]! * y[i]!;
    }
    const det = sw * sxx - sx * sx;
    scale = det > 1e-12 * sw * sxx ? (sw * sxy - sx * sy) / det : 0;
    shift = (sy - scale * sx) / sw;
    weights = y.map((v, i) => 1 / (v * v) / (Math.abs(scale * x[i]! + shift - v) / v + 1e-3));
  }
  let absRel = 0;
  let close = 0;
  for (let i = 0; i < x.length; i++) {
    const guess = scale * x[i]! + shift;
    absRel += Math.abs(guess - y[i]!) / y[i]!;
    if (guess > 0 && Math.max(guess / y[i]!, y[i]! / guess) < 1.25) close++;
  }
  return { absRel: absRel / x.length, delta: close / x.length };
}

export interface FlowScores {
  /** Mean end-point error, px. */
  readonly epe: number;
  readonly medianPx: number;
  /** Share of vectors wrong by more than 3 px and 5 %. */
  readonly flAll: number;
}

/** @param known [H·W], 1 = the truth holds there. */
export function scoreFlow(uv: ArrayLike<number>, truth: ArrayLike<number>, known: ArrayLike<number>): FlowScores {
  const errors: number[] = [];
  let far = 0;
  for (let i = 0; i < known.length; i++) {
    if (!known[i]) continue;
    const error = Math.hypot(uv[2 * i]! - truth[2 * i]!, uv[2 * i + 1]! - truth[2 * i + 1]!);
    errors.push(error);
    if (error > 3 && error > 0.05 * Math.hypot(truth[2 * i]!, truth[2 * i + 1]!)) far++;
  }
  return { epe: mean(errors), medianPx: median(errors), flAll: far / errors.length };
}

/** Intersection over union; a band of `bandPx` on both sides of the truth's border is left out, since nobody agrees on it. */
export function scoreMask(mask: Uint8Array, truth: Uint8Array, width: number, height: number, bandPx: number): number {
  const ignored = borderBand(truth, width, height, bandPx);
  let both = 0;
  let any = 0;
  for (let i = 0; i < mask.length; i++) {
    if (ignored[i]) continue;
    both += mask[i]! & truth[i]!;
    any += mask[i]! | truth[i]!;
  }
  return any > 0 ? both / any : 1;
}

function borderBand(mask: Uint8Array, width: number, height: number, bandPx: number): Uint8Array {
  let band = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x > 0 && mask[i] !== mask[i - 1]) band[i] = band[i - 1] = 1;
      if (y > 0 && mask[i] !== mask[i - width]) band[i] = band[i - width] = 1;
    }
  }
  for (let step = 1; step < bandPx; step++) {
    const grown = band.slice();
    for (let i = 0; i < band.length; i++) {
      if (!band[i]) continue;
      const x = i % width;
      if (x > 0) grown[i - 1] = 1;
      if (x < width - 1) grown[i + 1] = 1;
      if (i >= width) grown[i - width] = 1;
      if (i < band.length - width) grown[i + width] = 1;
    }
    band = grown;
  }
  return bandPx > 0 ? band : new Uint8Array(mask.length);
}
