// 2D tracks → 3D trajectories. Static points have one place in the world; moving ones are smooth in time (C4D, L_PTS),
// and the depth of moving regions follows the smoothed control points (linear blending).

import { solveCholesky } from '../../maths/cholesky.ts';
import { median } from '../../maths/robust.ts';
import type { Camera } from '../../scene/camera.ts';
import type { MotionMask } from '../../scene/fields.ts';
import { moves, type TrackSet } from '../../scene/tracks.ts';

/** Weight of squared second differences of log depth against the observations: smooth, but only along the ray, so a walked path keeps its length. */
const SMOOTHNESS = 4;
/** A static point is found again within the usual error of the clip's tracks; at so many times that it may as well move. Below the floor (px) nothing is told. */
const MISFIT_RATIO = 8;
const MISFIT_FLOOR_PX = 0.7;
/** A track that asks for a larger change of log depth has slipped onto something else on its way. */
const SLIPPED = 0.15;
/** Reach of a control point's displacement, as a share of the picture's longer side. */
const BLEND_REACH = 0.08;

export interface Lifted {
  readonly tracks: TrackSet;
  /** [N·T] change of log depth that smoothing asked for; NaN where nothing was seen. */
  readonly correction: Float32Array;
  readonly moving: Uint8Array;
}

/** @param depth f32 [H·W] z per frame. */
export function liftTracks(tracks: TrackSet, cameras: readonly Camera[], depth: readonly Float32Array[], masks: readonly MotionMask[], width: number, height: number): Lifted {
  const { count, frameCount: T } = tracks;
  const xyz = new Float32Array(count * T * 3).fill(NaN);
  const correction = new Float32Array(count * T).fill(NaN);
  const mobility = new Float32Array(count);
  const moving = new Uint8Array(count);
  const misfit = misfitOf(tracks, cameras, depth, width, height);
  for (let n = 0; n < count; n++) {
    const pixel = Int32Array.from({ length: T }, (_, t) => pixelOf(tracks.uv, n * T + t, width, height));
    const seen = Array.from({ length: T }, (_, t) => t).filter((t) => tracks.visible[n * T + t] && pixel[t]! >= 0);
    const inMask = seen.filter((t) => masks[t]!.ever[pixel[t]!]).length / Math.max(1, seen.length);
    // The masks have the first word: outside of them a track that fits no place is more often lost than moving.
    mobility[n] = 0.75 * inMask + 0.25 * misfit[n]!;
    moving[n] = moves(mobility[n]!) ? 1 : 0;
    if (seen.length === 0) continue;
    if (moving[n]) {
      const smooth = smoothLogDepth(seen, seen.map((t) => Math.log(depth[t]![pixel[t]!]!)));
      for (let t = seen[0]!; t <= seen.at(-1)!; t++) {
        const log = smooth[t - seen[0]!]!;
        if (seen.includes(t)) correction[n * T + t] = log - Math.log(depth[t]![pixel[t]!]!);
        place(xyz, n * T + t, unproject(cameras[t]!, tracks.uv[2 * (n * T + t)]!, tracks.uv[2 * (n * T + t) + 1]!, Math.exp(log)));
      }
    } else {
      const points = seen.filter((t) => !masks[t]!.ever[pixel[t]!]).map((t) => unproject(cameras[t]!, tracks.uv[2 * (n * T + t)]!, tracks.uv[2 * (n * T + t) + 1]!, depth[t]![pixel[t]!]!));
      const middle = [0, 1, 2].map((k) => median((points.length > 0 ? points : [[NaN, NaN, NaN]]).map((p) => p[k]!)));
      for (let t = 0; t < T; t++) place(xyz, n * T + t, middle);
    }
  }
  return { tracks: { ...tracks, mobility, xyz }, correction, moving };
}

/**
 * [N] 0…1: how badly one place in the world, seen by the solved cameras, explains each track. The network's own mobility is not asked: the camera's
 * motion, which it had to guess, is known by now.
 */
function misfitOf({ count, frameCount: T, uv, visible }: TrackSet, cameras: readonly Camera[], depth: readonly Float32Array[], width: number, height: number): Float32Array {
  const error = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    const seen: number[] = [];
    const points: number[][] = [];
    for (let t = 0; t < T; t++) {
      const pixel = visible[n * T + t] ? pixelOf(uv, n * T + t, width, height) : -1;
      if (pixel < 0) continue;
      seen.push(t);
      points.push(unproject(cameras[t]!, uv[2 * (n * T + t)]!, uv[2 * (n * T + t) + 1]!, depth[t]![pixel]!));
    }
    if (seen.length < 2) continue;
    const place = [0, 1, 2].map((k) => median(points.map((p) => p[k]!)));
    error[n] = median(seen.map((t) => {
      const [u, v] = project(cameras[t]!, place);
      return Math.hypot(u - uv[2 * (n * T + t)]!, v - uv[2 * (n * T + t) + 1]!);
    }));
  }
  const usual = Math.max(MISFIT_FLOOR_PX, median(error.filter((e) => e > 0)) || 0);
  return error.map((e) => e ** 4 / (e ** 4 + (MISFIT_RATIO * usual) ** 4));
}

/** Moves the depth of moving pixels by the corrections of the tracks around them, in place. */
export function blendCorrections(depth: Float32Array[], { tracks, correction, moving }: Lifted, masks: readonly MotionMask[], width: number, height: number): void {
  const T = tracks.frameCount;
  const reach2 = (BLEND_REACH * Math.max(width, height)) ** 2;
  for (let t = 0; t < T; t++) {
    const points: number[] = [];
    for (let n = 0; n < tracks.count; n++) {
      const c = correction[n * T + t]!;
      if (moving[n] && Math.abs(c) < SLIPPED) points.push(tracks.uv[2 * (n * T + t)]!, tracks.uv[2 * (n * T + t) + 1]!, c);
    }
    if (points.length === 0) continue;
    const mask = masks[t]!.ever;
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      const x = (i % width) + 0.5;
      const y = Math.floor(i / width) + 0.5;
      let sum = 0;
      let total = 0.3;
      for (let p = 0; p < points.length; p += 3) {
        const w = Math.exp(-((x - points[p]!) ** 2 + (y - points[p + 1]!) ** 2) / reach2);
        sum += w * points[p + 2]!;
        total += w;
      }
      depth[t]![i]! *= Math.exp(sum / total);
    }
  }
}

/** Minimises Σ (l_t − o_t)² over the seen frames + λ Σ (l_{t-1} − 2 l_t + l_{t+1})² from the first to the last seen frame. */
function smoothLogDepth(seen: readonly number[], observed: readonly number[]): Float64Array {
  const first = seen[0]!;
  const n = seen.at(-1)! - first + 1;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  seen.forEach((t, i) => {
    a[(t - first) * (n + 1)]! += 1;
    b[t - first]! += observed[i]!;
  });
  const kernel = [1, -2, 1];
  for (let t = 1; t + 1 < n; t++) {
    for (let p = 0; p < 3; p++) for (let q = 0; q <= p; q++) a[(t - 1 + p) * n + t - 1 + q]! += SMOOTHNESS * kernel[p]! * kernel[q]!;
  }
  // One or two observations leave the line's slope open.
  for (let t = 0; t < n; t++) a[t * (n + 1)]! += 1e-6;
  solveCholesky(a, b, n);
  return b;
}

function pixelOf(uv: Float32Array, i: number, width: number, height: number): number {
  const x = Math.floor(uv[2 * i]!);
  const y = Math.floor(uv[2 * i + 1]!);
  return x >= 0 && y >= 0 && x < width && y < height ? y * width + x : -1;
}

function unproject({ camToWorld: m, fx, fy, cx, cy }: Camera, u: number, v: number, z: number): number[] {
  const x = ((u - cx) / fx) * z;
  const y = ((v - cy) / fy) * z;
  return [0, 4, 8].map((r) => m[r]! * x + m[r + 1]! * y + m[r + 2]! * z + m[r + 3]!);
}

/** px; far away when the point lies behind the camera. */
function project({ camToWorld: m, fx, fy, cx, cy }: Camera, p: readonly number[]): [number, number] {
  const d = [0, 1, 2].map((k) => p[k]! - m[4 * k + 3]!);
  const [x, y, z] = [0, 1, 2].map((c) => m[c]! * d[0]! + m[4 + c]! * d[1]! + m[8 + c]! * d[2]!) as [number, number, number];
  return z > 0 ? [cx + (fx * x) / z, cy + (fy * y) / z] : [1e6, 1e6];
}

function place(xyz: Float32Array, i: number, p: readonly number[]): void {
  xyz.set(p, 3 * i);
}
