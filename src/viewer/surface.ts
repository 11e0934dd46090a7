// From depth grids to triangles: which pixels join up and which are a skin between two surfaces.

import { quantile } from '../maths/robust.ts';
import type { Scene } from '../scene/scene.ts';

/** Neighbouring pixels whose depths differ by more than this share belong to different surfaces, however even the slope. */
const MAX_JUMP = 0.25;
/** Steeper than this share per pixel is a skin between two surfaces, unless the slope goes on to one side as a plane's does. */
const SKIN_SLOPE = 0.022;
/** Least ratio of the depths on both sides of a skin, where there is no noise, and where there is much. */
const MIN_GAP = 1.1;
const MOST_MIN_GAP = 1.45;
/** Noise (see below) makes gaps of about this many times its size by itself. */
const GAP_PER_NOISE = 35;
/** Parts of a frame's surface smaller than this share of its pixels are debris. */
const ISLAND_SHARE = 0.0012;
/** In a list of pixels to keep: a pixel of something that moves. Small things that move are not debris so soon. */
const MOVING_PIXEL = 2;
/** Pixels within which a skin begins and ends; networks blur their edges about this wide. */
const SKIN_REACH = 4;
/** A plane goes on over that reach with at least this share of its slope. */
const PLANE_RATIO = 0.3;
/**
 * Triangles (pixel indices) over the kept pixels of a grid, cut at depth edges if `trim`.
 * `step` > 1 takes every step-th pixel in both directions. Small pieces are left out unless `islands`.
 */
export function buildTriangles(depth: Float32Array, keep: Uint8Array, width: number, height: number, step: number, trim: boolean, islands = !trim): Uint32Array {
  const limit = trim ? 1 + MAX_JUMP * step : Infinity;
  const flat = 1 + SKIN_SLOPE * step;
  const skin = trim ? findSkins(depth, width, height) : null;
  const joined = (a: number, b: number, c: number) => {
    const [p, q, r] = [depth[a], depth[b], depth[c]];
    const near = p < q ? (p < r ? p : r) : q < r ? q : r;
    const far = p > q ? (p > r ? p : r) : q > r ? q : r;
    if (near <= 0 || far > near * limit || !keep[a] || !keep[b] || !keep[c]) return false;
    return !skin || far <= near * flat || (!skin[a] && !skin[b] && !skin[c]);
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
  const joinedUp = triangles.slice(0, n);
  return islands ? joinedUp : dropIslands(joinedUp, keep, step);
}

/** Leaves out pieces that hang on to nothing: a share of the picture at least, less for pixels that are marked as moving. */
function dropIslands(triangles: Uint32Array, keep: Uint8Array, step: number): Uint32Array {
  const parent = new Int32Array(keep.length);
  for (let i = 0; i < parent.length; i++) parent[i] = i;
  const root = (i: number) => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (let k = 0; k < triangles.length; k += 3) {
    const p = triangles[k];
    const q = triangles[k + 1];
    const r = triangles[k + 2];
    if (parent[p] === parent[q] && parent[q] === parent[r]) continue;
    const a = root(p);
    parent[root(q)] = a;
    parent[root(r)] = a;
    // Flat where the next triangles look.
    parent[p] = parent[q] = parent[r] = a;
  }
  const [size, moving] = [new Uint32Array(keep.length), new Uint8Array(keep.length)];
  // One look-up per pixel from here on: this runs at every change of frame.
  for (let i = 0; i < keep.length; i++) parent[i] = root(i);
  for (let k = 0; k < triangles.length; k++) {
    const a = parent[triangles[k]];
    size[a]++;
    if (keep[triangles[k]] === MOVING_PIXEL) moving[a] = 1;
  }
  // A pixel inside a surface has six corners of triangles.
  const least = (6 * ISLAND_SHARE * keep.length) / (step * step);
  let n = 0;
  for (let k = 0; k < triangles.length; k += 3) {
    const a = parent[triangles[k]];
    if (size[a] < (moving[a] ? least / 4 : least)) continue;
    triangles[n++] = triangles[k];
    triangles[n++] = triangles[k + 1];
    triangles[n++] = triangles[k + 2];
  }
  return triangles.slice(0, n);
}

/**
 * u8 [H·W], 1 = lies in the skin that a depth edge drags from a near surface to a far one.
 * Works on 1/z, which is linear in the picture for every plane: a floor runs on, a skin begins and ends.
 */
export function findSkins(depth: Float32Array, width: number, height: number): Uint8Array {
  const skin = new Uint8Array(width * height);
  const gap = Math.min(MOST_MIN_GAP, MIN_GAP + GAP_PER_NOISE * unevenness(depth, width, height));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (depth[i] > 0) skin[i] = Number(isSkin(depth, i, 1, x, width - 1 - x, gap) || isSkin(depth, i, width, y, height - 1 - y, gap));
    }
  }
  return skin;
}

/** How uneven the depth of most of a picture is: the 90th percentile of how far a pixel is from the middle of its neighbours, as a share. */
export function unevenness(depth: Float32Array, width: number, height: number): number {
  const shares: number[] = [];
  const stride = Math.max(1, Math.round(Math.sqrt((width * height) / 5000)));
  for (let y = stride; y < height - 1; y += stride) {
    for (let x = stride; x < width - 1; x += stride) {
      const i = y * width + x;
      for (const step of [1, width]) {
        const [a, z, b] = [depth[i - step], depth[i], depth[i + step]];
        if (a > 0 && z > 0 && b > 0) shares.push(Math.abs((z / a + z / b) / 2 - 1));
      }
    }
  }
  return shares.length > 0 ? quantile(shares, 0.9) : 0;
}

/** `before` and `after`: pixels there are on either side in the direction of `step`. */
function isSkin(depth: Float32Array, i: number, step: number, before: number, after: number, gap: number): boolean {
  if (before < 1 || after < 1) return false;
  const [a, b] = [depth[i - step], depth[i + step]];
  if (!(Math.abs(b - a) > 2 * SKIN_SLOPE * depth[i]) || a <= 0 || b <= 0) return false;
  const slope = (1 / a - 1 / b) / 2;
  // Noise is steep too, but it leads nowhere.
  const [far, near] = [depth[i - step * Math.min(before, SKIN_REACH)], depth[i + step * Math.min(after, SKIN_REACH)]];
  if (Math.max(far, near) < gap * Math.min(far, near)) return false;
  return !goesOn(depth, i, -step, before, -slope) && !goesOn(depth, i, step, after, slope);
}

/** Whether 1/z goes on falling by about `slope` a pixel on this side, as it does on a plane. A border ends the question in favour of the plane. */
function goesOn(depth: Float32Array, i: number, step: number, room: number, slope: number): boolean {
  for (const k of [1, 2]) {
    const [from, to] = [(k - 1) * SKIN_REACH, Math.min(room, k * SKIN_REACH)];
    const [a, b] = [depth[i + step * from], depth[i + step * Math.max(from, to)]];
    if (to - from < 2 || a <= 0 || b <= 0) continue;
    if ((1 / a - 1 / b) / (to - from) / slope < PLANE_RATIO) return false;
  }
  return true;
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

/** u8 [H·W]: all pixels of the frame, or those of things that move; 2 = moves. */
export function pixelsOf(scene: Scene, frame: number, part: 'all' | 'moving'): Uint8Array {
  const size = scene.width * scene.height;
  const rest = part === 'all' ? 1 : 0;
  return scene.mask.slice(frame * size, (frame + 1) * size).map((m) => (m ? MOVING_PIXEL : rest));
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

/** Dilation by a square of the given reach. */
export function grow(mask: Uint8Array, W: number, H: number, reach: number): Uint8Array {
  const across = new Uint8Array(W * H);
  const out = new Uint8Array(W * H);
  for (let i = 0; i < W * H; i++) {
    if (!mask[i]) continue;
    const x = i % W;
    // Only the ends of a run reach beyond it.
    if (x > 0 && x < W - 1 && mask[i - 1] && mask[i + 1]) across[i] = 1;
    else across.fill(1, i - Math.min(reach, x), i + Math.min(reach, W - 1 - x) + 1);
  }
  for (let i = 0; i < W * H; i++) {
    if (!across[i]) continue;
    const y = Math.floor(i / W);
    if (across[i - W] && across[i + W]) out[i] = 1;
    else for (let v = Math.max(0, y - reach); v <= Math.min(H - 1, y + reach); v++) out[v * W + (i % W)] = 1;
  }
  return out;
}

/** Leaves out connected parts of fewer pixels than `least`. */
export function dropSpecks(mask: Uint8Array, W: number, H: number, least: number): Uint8Array {
  const out = mask.slice();
  const seen = new Uint8Array(W * H);
  const part: number[] = [];
  for (let start = 0; start < W * H; start++) {
    if (!mask[start] || seen[start]) continue;
    part.length = 0;
    part.push(start);
    seen[start] = 1;
    for (let n = 0; n < part.length; n++) {
      const i = part[n];
      const x = i % W;
      for (const k of [x > 0 ? i - 1 : -1, x < W - 1 ? i + 1 : -1, i - W, i + W]) {
        if (k < 0 || k >= W * H || !mask[k] || seen[k]) continue;
        seen[k] = 1;
        part.push(k);
      }
    }
    if (part.length < least) for (const i of part) out[i] = 0;
  }
  return out;
}
