// One surface instead of many: the frames of a clip see the same static surfaces, so their depths have to agree.

import { quantile } from '../../maths/robust.ts';
import type { Camera } from '../../scene/camera.ts';

/** Depths of all frames and what they are judged by; [T·H·W] unless said. */
export interface DepthClip {
  readonly width: number;
  readonly height: number;
  readonly cameras: readonly Camera[];
  /** f32 z; 0 = unknown. */
  readonly depth: Float32Array;
  /** u8. */
  readonly confidence: Uint8Array;
  /** u8, 1 = moves: left as it is. */
  readonly mask: Uint8Array;
  /** u8 [T·H·W·3]. */
  readonly rgb: Uint8Array;
}

/** Log depths that are less apart may be one surface that was measured twice. */
const SAME_SURFACE = 0.25;
/** Frames before and after that are asked. */
const OFFSETS = [1, 2, 4, 7, 11];
const ROUNDS = 2;
/** A pixel that stands behind what others see there, or before it, gives way to so many times its own weight. */
const OUTVOTED_BEHIND = 2;
const OUTVOTED_BEFORE = 4;
/** Log depth by which a pixel may stand apart from the middle of its eight neighbours. */
const SPECK = 0.08;
/** So many times a pixel's own weight has to stand for its depth, its own among them, for it to be more than a speck. */
const CONFIRMED = 2;
/** Weight of a pixel without any confidence. */
const LEAST_TRUST = 0.02;
/** Radius of the smoothing, share of the picture's longer side, and how unlike a neighbour may be: of 255, in log depth (less where the frames agree better). */
const SMOOTH_SHARE = 1 / 64;
const SMOOTH_COLOUR = 14;
const SMOOTH_DEPTH = 0.06;
const LEAST_DISAGREEMENT = 1e-4;

/** f32 [T·H·W]. Yields the share that is done, after each frame. */
export function* agreeOnDepth(clip: DepthClip): Generator<number, Float32Array> {
  const size = clip.width * clip.height;
  const T = clip.cameras.length;
  const votes = new Votes(size);
  const trust = Float32Array.from({ length: 256 }, (_, c) => LEAST_TRUST + (c / 255) ** 2);
  const total = new Float32Array(clip.depth.length);
  let depth = clip.depth;
  let done = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const next = depth.slice();
    for (let t = 0; t < T; t++) {
      votes.clear();
      const own = Float32Array.from({ length: size }, (_, p) => (clip.mask[t * size + p] || !(depth[t * size + p]! > 0) ? NaN : Math.log(depth[t * size + p]!)));
      for (const k of neighbours(t, T)) askFrame(clip, depth, trust, k, t, own, votes);
      const disagreement = Math.min(SMOOTH_DEPTH, disagreementOf(own, votes));
      settle(clip, trust, t, votes, next, total);
      despeckle(clip, trust, next, total, t);
      smooth(clip, next, total, t, disagreement);
      yield ++done / (ROUNDS * T);
    }
    depth = next;
  }
  return depth;
}

/** Sums of weights and weighted log depths of what others see where a frame sees a pixel: on its surface, before it, behind it. */
class Votes {
  readonly weight = { same: new Float32Array(0), before: new Float32Array(0), behind: new Float32Array(0) };
  readonly sum = { same: new Float32Array(0), before: new Float32Array(0), behind: new Float32Array(0) };
  constructor(size: number) {
    for (const part of [this.weight, this.sum]) for (const name of ['same', 'before', 'behind'] as const) part[name] = new Float32Array(size);
  }
  clear(): void {
    for (const part of [this.weight, this.sum]) for (const array of Object.values(part)) array.fill(0);
  }
}

const neighbours = (t: number, T: number): number[] => OFFSETS.flatMap((o) => [t - o, t + o]).filter((k) => k >= 0 && k < T);

/** Lays the static points of frame k into frame t. */
function askFrame({ width: W, height: H, cameras, mask, confidence }: DepthClip, depth: Float32Array, trust: Float32Array, k: number, t: number, ownLog: Float32Array, { weight, sum }: Votes): void {
  const [a, b] = [cameras[k]!, cameras[t]!];
  const [m, o] = [a.camToWorld, b.camToWorld];
  for (let v = 0, i = k * W * H; v < H; v++) {
    const ray = (v + 0.5 - a.cy) / a.fy;
    for (let u = 0; u < W; u++, i++) {
      const z = depth[i]!;
      if (!(z > 0) || mask[i]) continue;
      const x = ((u + 0.5 - a.cx) / a.fx) * z;
      const y = ray * z;
      const dx = m[0]! * x + m[1]! * y + m[2]! * z + m[3]! - o[3]!;
      const dy = m[4]! * x + m[5]! * y + m[6]! * z + m[7]! - o[7]!;
      const dz = m[8]! * x + m[9]! * y + m[10]! * z + m[11]! - o[11]!;
      const seen = o[2]! * dx + o[6]! * dy + o[10]! * dz;
      if (seen <= 0) continue;
      // Spread over four pixels: a frame from nearer by must not leave every other pixel without a word.
      const fu = ((o[0]! * dx + o[4]! * dy + o[8]! * dz) / seen) * b.fx + b.cx - 0.5;
      const fv = ((o[1]! * dx + o[5]! * dy + o[9]! * dz) / seen) * b.fy + b.cy - 0.5;
      const [left, top] = [Math.floor(fu), Math.floor(fv)];
      const log = Math.log(seen);
      const w = trust[confidence[i]!]!;
      for (let c = 0; c < 4; c++) {
        const [px, py] = [left + (c & 1), top + (c >> 1)];
        if (px < 0 || py < 0 || px >= W || py >= H) continue;
        const p = py * W + px;
        const own = ownLog[p]!;
        if (own !== own) continue;
        const apart = log - own;
        const near = (c & 1 ? fu - left : 1 - fu + left) * (c >> 1 ? fv - top : 1 - fv + top);
        if (apart < -SAME_SURFACE) {
          weight.before[p]! += w * near;
          sum.before[p]! += w * near * log;
        } else if (apart > SAME_SURFACE) {
          weight.behind[p]! += w * near;
          sum.behind[p]! += w * near * log;
        } else {
          const share = w * near * (1 - (apart / SAME_SURFACE) ** 2);
          weight.same[p]! += share;
          sum.same[p]! += share * log;
        }
      }
    }
  }
}

/** The weighted mean of all that see the same surface; a pixel that hardly anybody agrees with takes the surface that they see there. */
function settle({ width, height, confidence, mask }: DepthClip, trust: Float32Array, t: number, { weight, sum }: Votes, next: Float32Array, total: Float32Array): void {
  const size = width * height;
  for (let p = 0; p < size; p++) {
    const i = t * size + p;
    if (!(next[i]! > 0) || mask[i]) continue;
    const own = trust[confidence[i]!]!;
    const agreed = own + weight.same[p]!;
    if (weight.before[p]! > OUTVOTED_BEHIND * agreed) {
      next[i] = Math.exp(sum.before[p]! / weight.before[p]!);
      total[i] = own;
    } else if (weight.behind[p]! > OUTVOTED_BEFORE * agreed) {
      next[i] = Math.exp(sum.behind[p]! / weight.behind[p]!);
      total[i] = own;
    } else {
      next[i] = Math.exp((own * Math.log(next[i]!) + sum.same[p]!) / agreed);
      total[i] = agreed;
    }
  }
}

/** How far the frames are apart where they see the same surface, log depth: nine in ten pixels are closer. */
function disagreementOf(own: Float32Array, { weight, sum }: Votes): number {
  const apart: number[] = [];
  for (let p = 0; p < own.length; p += 7) if (weight.same[p]! > 0) apart.push(Math.abs(sum.same[p]! / weight.same[p]! - own[p]!));
  return apart.length > 0 ? Math.max(LEAST_DISAGREEMENT, quantile(apart, 0.9)) : SAME_SURFACE;
}

/** A pixel that stands apart from most around it and that no other frame confirms (thin things are) was told wrong: it goes with the middle one. */
function despeckle({ width: W, height: H, mask, confidence }: DepthClip, trust: Float32Array, depth: Float32Array, total: Float32Array, t: number): void {
  const start = t * W * H;
  const before = depth.slice(start, start + W * H);
  const near = new Float32Array(9);
  for (let y = 1; y < H - 1; y++) {
    for (let x = 1; x < W - 1; x++) {
      const i = y * W + x;
      const confirmed = total[start + i]! > CONFIRMED * trust[confidence[start + i]!]!;
      if (confirmed || !(before[i]! > 0) || mask[start + i]) continue;
      let n = 0;
      for (let v = -W; v <= W; v += W) for (let u = -1; u <= 1; u++) if (before[i + v + u]! > 0 && !mask[start + i + v + u]) near[n++] = before[i + v + u]!;
      const middle = near.subarray(0, n).sort()[n >> 1]!;
      if (Math.abs(Math.log(before[i]! / middle)) > SPECK) depth[start + i] = middle;
    }
  }
}

/** Neighbours of the same colour and nearly the same depth settle on one; in 1/z, so that planes stay planes. */
function smooth({ width: W, height: H, rgb, mask }: DepthClip, depth: Float32Array, total: Float32Array, t: number, alike: number): void {
  const start = t * W * H;
  const reach = Math.max(1, Math.round(SMOOTH_SHARE * Math.max(W, H)));
  const near = Float32Array.from({ length: reach + 1 }, (_, k) => (k / reach) ** 2);
  for (const along of [1, W]) {
    const before = depth.slice(start, start + W * H);
    for (let i = 0; i < W * H; i++) {
      const own = before[i]!;
      if (!(own > 0) || mask[start + i]) continue;
      const [place, count] = along === 1 ? [i % W, W] : [Math.floor(i / W), H];
      const p = 3 * (start + i);
      let sum = 0;
      let weight = 0;
      for (let k = Math.max(-reach, -place), last = Math.min(reach, count - 1 - place); k <= last; k++) {
        const j = i + k * along;
        const other = before[j]!;
        const apart = (other - own) / own / alike;
        if (!(other > 0) || mask[start + j] || apart > 2 || apart < -2) continue;
        const q = 3 * (start + j);
        const colour = (Math.abs(rgb[p]! - rgb[q]!) + Math.abs(rgb[p + 1]! - rgb[q + 1]!) + Math.abs(rgb[p + 2]! - rgb[q + 2]!)) / (3 * SMOOTH_COLOUR);
        const w = total[start + j]! * Math.exp(-colour * colour - apart * apart - near[Math.abs(k)]!);
        sum += w / other;
        weight += w;
      }
      if (weight > 0) depth[start + i] = weight / sum;
    }
  }
}
