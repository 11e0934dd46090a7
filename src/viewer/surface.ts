// From depth grids to triangles: which pixels join up, and which of all frames' pixels make the background.

import type { Scene } from '../scene/scene.ts';

/** Neighbouring pixels whose depths differ by more than this share belong to different surfaces. */
const MAX_JUMP = 0.05;
/** Two frames that see depths within this share of each other see the same surface. */
const SAME_SURFACE = 0.1;
/** A pixel may only be replaced by one that is not much less certain (of 255). */
const CERTAINTY_SLACK = 60;

/**
 * Triangles (pixel indices) over the kept pixels of a grid, cut at depth edges if `trim`.
 * `step` > 1 takes every step-th pixel in both directions.
 */
export function buildTriangles(depth: Float32Array, keep: Uint8Array, width: number, height: number, step: number, trim: boolean): Uint32Array {
  const limit = trim ? 1 + MAX_JUMP * step : Infinity;
  const joined = (a: number, b: number, c: number) => {
    const [p, q, r] = [depth[a], depth[b], depth[c]];
    const near = p < q ? (p < r ? p : r) : q < r ? q : r;
    const far = p > q ? (p > r ? p : r) : q > r ? q : r;
    return near > 0 && far <= near * limit && keep[a] === 1 && keep[b] === 1 && keep[c] === 1;
  };
  const triangles = new Uint32Array(6 * Math.ceil(width / step) * Math.ceil(height / step));
  let n = 0;
  for (let y = 0; y + step < height; y += step) {
    for (let x = 0; x + step < width; x += step) {
      const a = y * width + x;
      const [b, c, d] = [a + step, a + step * width, a + step * width + step];
      // The diagonal joins the two corners that are closer in depth.
      const pair = Math.abs(depth[a] - depth[d]) <= Math.abs(depth[b] - depth[c]) ? [a, d, b, a, c, d] : [a, c, b, b, c, d];
      for (const k of [0, 3]) {
        if (!joined(pair[k], pair[k + 1], pair[k + 2])) continue;
        triangles[n++] = pair[k];
        triangles[n++] = pair[k + 1];
        triangles[n++] = pair[k + 2];
      }
    }
  }
  return triangles.slice(0, n);
}

/** Every pixel that some triangle uses, once: the points of the cloud without flying ones. */
export function usedPixels(triangles: Uint32Array, pixelCount: number): Uint32Array {
  const used = new Uint8Array(pixelCount);
  for (const i of triangles) used[i] = 1;
  const pixels = new Uint32Array(pixelCount);
  let n = 0;
  for (let i = 0; i < pixelCount; i++) if (used[i]) pixels[n++] = i;
  return pixels.slice(0, n);
}

/** u8 [H·W]: all pixels of the frame, or those of things that move. */
export function pixelsOf(scene: Scene, frame: number, part: 'all' | 'moving'): Uint8Array {
  const size = scene.width * scene.height;
  return part === 'moving' ? scene.mask.slice(frame * size, (frame + 1) * size).map((m) => (m ? 1 : 0)) : new Uint8Array(size).fill(1);
}

/** Evenly spread frames, ordered so that every prefix is spread too: first, last, middle, quarters … */
export function spreadFrames(frameCount: number, most: number): number[] {
  const count = Math.min(frameCount, most);
  const even = Array.from({ length: count }, (_, k) => Math.round((k * (frameCount - 1)) / Math.max(1, count - 1)));
  const order: number[] = [];
  while (order.length < even.length) {
    const rest = even.filter((f) => !order.includes(f));
    const gap = (f: number) => Math.min(...order.map((o) => Math.abs(o - f)));
    order.push(order.length === 0 ? rest[0] : rest.reduce((best, f) => (gap(f) > gap(best) ? f : best)));
  }
  return order;
}

export interface BackgroundPatch {
  readonly frame: number;
  /** u8 [H·W], 1 = this pixel is the one that shows its bit of background. */
  readonly keep: Uint8Array;
}

/**
 * The background, piece by piece: each frame adds the static pixels that show what the frames before it did not.
 * A pixel that lies in front of what an earlier frame saw there would have hidden it, so it is an error and left out.
 */
export function* fuseBackground(scene: Scene, frames: readonly number[], overlap: number): Generator<BackgroundPatch> {
  const { width: W, height: H } = scene;
  const margin = Math.max(1, Math.round(W / 128));
  const done: View[] = [];
  for (const frame of frames) {
    const view = makeView(scene, frame, margin);
    const fresh = new Uint8Array(W * H);
    for (let i = 0; i < W * H; i++) if (view.still[i] && view.depth[i] > 0 && addsTo(done, view, i, W, H)) fresh[i] = 1;
    done.push(view);
    const keep = new Uint8Array(W * H);
    // Specks go, and a seam's width into what is already there is added, so that no gap is left between the pieces.
    const wide = done.length === 1 ? fresh : grow(shrink(fresh, W, H, 1), W, H, overlap + 1);
    for (let i = 0; i < W * H; i++) keep[i] = wide[i] & view.still[i];
    yield { frame, keep };
  }
}

interface View {
  readonly depth: Float32Array;
  readonly confidence: Uint8Array;
  /** 1 = static and not beside something that moves, where depth mixes. */
  readonly still: Uint8Array;
  readonly pose: Float64Array;
  readonly lens: readonly [number, number, number, number];
}

function makeView({ width: W, height: H, depth, confidence, mask, cameras }: Scene, frame: number, margin: number): View {
  const [from, to] = [frame * W * H, (frame + 1) * W * H];
  const { camToWorld, fx, fy, cx, cy } = cameras[frame];
  const still = grow(mask.subarray(from, to).map((m) => (m ? 1 : 0)), W, H, margin).map((m) => 1 - m);
  return { depth: depth.subarray(from, to), confidence: confidence.subarray(from, to), still, pose: camToWorld, lens: [fx, fy, cx, cy] };
}

function addsTo(done: readonly View[], view: View, i: number, W: number, H: number): boolean {
  const [fx, fy, cx, cy] = view.lens;
  const z = view.depth[i];
  const x = (((i % W) + 0.5 - cx) / fx) * z;
  const y = ((Math.floor(i / W) + 0.5 - cy) / fy) * z;
  const m = view.pose;
  const wx = m[0] * x + m[1] * y + m[2] * z + m[3];
  const wy = m[4] * x + m[5] * y + m[6] * z + m[7];
  const wz = m[8] * x + m[9] * y + m[10] * z + m[11];
  for (const other of done) {
    const o = other.pose;
    const [dx, dy, dz] = [wx - o[3], wy - o[7], wz - o[11]];
    const depth = o[2] * dx + o[6] * dy + o[10] * dz;
    if (depth <= 0) continue;
    const u = Math.floor(((o[0] * dx + o[4] * dy + o[8] * dz) / depth) * other.lens[0] + other.lens[2]);
    const v = Math.floor(((o[1] * dx + o[5] * dy + o[9] * dz) / depth) * other.lens[1] + other.lens[3]);
    if (u < 0 || v < 0 || u >= W || v >= H) continue;
    const k = v * W + u;
    const seen = other.depth[k];
    if (!other.still[k] || seen <= 0 || other.confidence[k] + CERTAINTY_SLACK < view.confidence[i]) continue;
    // The same surface, or in front of it; what lies clearly behind was hidden there.
    if (depth < seen * (1 + SAME_SURFACE)) return false;
  }
  return true;
}

/** Erosion by a square of the given reach. */
function shrink(mask: Uint8Array, W: number, H: number, reach: number): Uint8Array {
  return grow(mask.map((m) => 1 - m), W, H, reach).map((m) => 1 - m);
}

/** Dilation by a square of the given reach. */
export function grow(mask: Uint8Array, W: number, H: number, reach: number): Uint8Array {
  const across = new Uint8Array(W * H);
  const out = new Uint8Array(W * H);
  for (let i = 0; i < W * H; i++) {
    if (!mask[i]) continue;
    const x = i % W;
    across.fill(1, i - Math.min(reach, x), i + Math.min(reach, W - 1 - x) + 1);
  }
  for (let i = 0; i < W * H; i++) {
    if (!across[i]) continue;
    const y = Math.floor(i / W);
    for (let v = Math.max(0, y - reach); v <= Math.min(H - 1, y + reach); v++) out[v * W + (i % W)] = 1;
  }
  return out;
}
