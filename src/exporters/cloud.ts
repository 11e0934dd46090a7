// Points of a scene for files: the static part once, fused over time; the moving part frame by frame.

import type { Scene } from '../scene/scene.ts';

/** In the scene's world and units; axes.ts turns them into a file's. */
export interface Points {
  readonly count: number;
  /** f32 [n·3] world, scene units. */
  readonly xyz: Float32Array;
  /** u8 [n·3] sRGB. */
  readonly rgb: Uint8Array;
  /** u8 [n]. */
  readonly confidence: Uint8Array;
  /** u16 [n]: the frame that saw the point. */
  readonly frame: Uint16Array;
  /** u32 [n]: its pixel there, y · W + x. */
  readonly pixel: Uint32Array;
}

/** Frames whose static pixels are fused; more add next to nothing but time. */
const STATIC_FRAMES = 16;
/** Neighbouring pixels whose depths differ by more than this share belong to different surfaces. */
const MAX_JUMP = 0.05;

/** Which of u8 [256] confidences are kept, so that `percent` of the static (or moving) pixels fall away. */
function confidenceFloor({ depth, confidence, mask }: Scene, moving: boolean, percent: number): number {
  const counts = new Float64Array(256);
  let total = 0;
  for (let i = 0; i < depth.length; i++) {
    if (depth[i] <= 0 || (mask[i] > 0) !== moving) continue;
    counts[confidence[i]]++;
    total++;
  }
  let [floor, below] = [0, 0];
  while (floor < 255 && below + counts[floor] <= (percent / 100) * total) below += counts[floor++];
  return floor;
}

/** World points of some pixels of one frame. */
export function pointsOf(scene: Scene, frame: number, pixels: ArrayLike<number>): Points {
  const { width: W, height: H } = scene;
  const { camToWorld: m, fx, fy, cx, cy } = scene.cameras[frame];
  const n = pixels.length;
  const points = { count: n, xyz: new Float32Array(3 * n), rgb: new Uint8Array(3 * n), confidence: new Uint8Array(n), frame: new Uint16Array(n).fill(frame), pixel: Uint32Array.from(pixels) };
  for (let k = 0; k < n; k++) {
    const pixel = pixels[k];
    const i = frame * W * H + pixel;
    const z = scene.depth[i];
    const x = (((pixel % W) + 0.5 - cx) / fx) * z;
    const y = ((Math.floor(pixel / W) + 0.5 - cy) / fy) * z;
    for (let r = 0; r < 3; r++) {
      points.xyz[3 * k + r] = m[4 * r] * x + m[4 * r + 1] * y + m[4 * r + 2] * z + m[4 * r + 3];
      points.rgb[3 * k + r] = scene.rgb[3 * i + r];
    }
    points.confidence[k] = scene.confidence[i];
  }
  return points;
}

/** Pixels with known depth, sure enough and not flying between two surfaces. */
function cleanPixels(scene: Scene, frame: number, moving: boolean, floor: number): number[] {
  const { width: W, height: H, depth, confidence, mask } = scene;
  const start = frame * W * H;
  const pixels: number[] = [];
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const i = start + y * W + x;
      const z = depth[i];
      if (z <= 0 || (mask[i] > 0) !== moving || confidence[i] < floor) continue;
      const near = (k: number) => (Math.abs(depth[k] - z) <= MAX_JUMP * z ? 1 : 0);
      const joined = (x > 0 ? near(i - 1) : 0) + (x < W - 1 ? near(i + 1) : 0) + (y > 0 ? near(i - W) : 0) + (y < H - 1 ? near(i + W) : 0);
      if (joined >= 2) pixels.push(y * W + x);
    }
  }
  return pixels;
}

/** The moving part, one cloud per frame. */
export function* movingClouds(scene: Scene, percent: number, most = Infinity): Generator<Points> {
  const floor = confidenceFloor(scene, true, percent);
  for (let frame = 0; frame < scene.frameCount; frame++) yield pointsOf(scene, frame, thin(cleanPixels(scene, frame, true, floor), most));
}

/**
 * The static part, once: of all pixels that fall into one cell about the size of a pixel at that distance, the surest stays.
 * Every point is one pixel of one frame, unblended, so it projects back onto that pixel exactly.
 */
export function staticCloud(scene: Scene, percent: number, most = Infinity): Points {
  const floor = confidenceFloor(scene, false, percent);
  const { frameCount: T } = scene;
  const used = Math.min(T, STATIC_FRAMES);
  const frames = Array.from({ length: used }, (_, k) => Math.round((k * (T - 1)) / Math.max(1, used - 1)));
  const best = new Map<string | number, number>();
  const parts = frames.map((frame) => pointsOf(scene, frame, cleanPixels(scene, frame, false, floor)));
  const total = parts.reduce((n, p) => n + p.count, 0);
  const [owner, index] = [new Uint16Array(total), new Uint32Array(total)];
  let n = 0;
  parts.forEach((part, p) => {
    const { camToWorld: m, fx } = scene.cameras[frames[p]];
    for (let k = 0; k < part.count; k++) {
      const [x, y, z] = [part.xyz[3 * k], part.xyz[3 * k + 1], part.xyz[3 * k + 2]];
      const distance = Math.hypot(x - m[3], y - m[7], z - m[11]);
      const level = Math.round(Math.log2(distance / fx));
      const key = cellKey(x, y, z, level);
      const before = best.get(key);
      if (before !== undefined && parts[owner[before]].confidence[index[before]] >= part.confidence[k]) continue;
      const slot = before ?? n++;
      [owner[slot], index[slot]] = [p, k];
      best.set(key, slot);
    }
  });
  const chosen = thin(Array.from({ length: n }, (_, i) => i), most);
  return gather(parts, Array.from(chosen, (i) => owner[i]), Array.from(chosen, (i) => index[i]));
}

/** One number per cell of size 2^level; exact while a scene has fewer than 2^16 cells to a side, else a text. */
function cellKey(x: number, y: number, z: number, level: number): number | string {
  const size = 2 ** level;
  const [i, j, k] = [Math.floor(x / size), Math.floor(y / size), Math.floor(z / size)];
  const reach = 2 ** 15;
  if (Math.max(Math.abs(i), Math.abs(j), Math.abs(k)) >= reach || Math.abs(level) > 15) return `${i},${j},${k},${level}`;
  return (((i + reach) * 65536 + j + reach) * 65536 + k + reach) * 32 + level + 16;
}

/** Evenly spread choice of at most `most` items. */
function thin(items: readonly number[], most: number): readonly number[] {
  if (items.length <= most) return items;
  return Array.from({ length: Math.max(0, Math.floor(most)) }, (_, k) => items[Math.floor((k * items.length) / most)]);
}

function gather(parts: readonly Points[], owner: readonly number[], index: readonly number[]): Points {
  const n = owner.length;
  const out = { count: n, xyz: new Float32Array(3 * n), rgb: new Uint8Array(3 * n), confidence: new Uint8Array(n), frame: new Uint16Array(n), pixel: new Uint32Array(n) };
  for (let k = 0; k < n; k++) {
    const [part, i] = [parts[owner[k]], index[k]];
    for (let c = 0; c < 3; c++) {
      out.xyz[3 * k + c] = part.xyz[3 * i + c];
      out.rgb[3 * k + c] = part.rgb[3 * i + c];
    }
    out.confidence[k] = part.confidence[i];
    out.frame[k] = part.frame[i];
    out.pixel[k] = part.pixel[i];
  }
  return out;
}

export function joinPoints(parts: readonly Points[]): Points {
  return gather(parts, parts.flatMap((part, p) => Array.from({ length: part.count }, () => p)), parts.flatMap((part) => Array.from({ length: part.count }, (_, i) => i)));
}
