// Between pixels and points of the scene's world, and how far a point may be trusted.

import type { Camera } from '../scene/camera.ts';
import type { Scene } from '../scene/scene.ts';
import type { Point, Spot } from './pick.ts';

/** The surface point that a pixel (column, row) shows, scene world; null where the depth is unknown. */
export function pointOfPixel({ width: W, height: H, depth, cameras }: Scene, frame: number, x: number, y: number): Point | null {
  const z = x < 0 || y < 0 || x >= W || y >= H ? 0 : depth[(frame * H + y) * W + x];
  return z > 0 ? unproject(cameras[frame], x + 0.5, y + 0.5, z) : null;
}

/** Scene world of a spot of the picture (px, pixel centres at +0.5) at a depth. */
export function unproject({ camToWorld: m, fx, fy, cx, cy }: Camera, u: number, v: number, z: number): Point {
  const [x, y] = [((u - cx) / fx) * z, ((v - cy) / fy) * z];
  return [m[0] * x + m[1] * y + m[2] * z + m[3], m[4] * x + m[5] * y + m[6] * z + m[7], m[8] * x + m[9] * y + m[10] * z + m[11]];
}

/** Where a point of the scene's world lies in a recorded picture, px, and its depth; null behind the camera. */
export function projectInto({ camToWorld: m, fx, fy, cx, cy }: Camera, [px, py, pz]: Point): (Spot & { readonly depth: number }) | null {
  const [dx, dy, dz] = [px - m[3], py - m[7], pz - m[11]];
  const depth = m[2] * dx + m[6] * dy + m[10] * dz;
  if (depth <= 0) return null;
  return { x: (fx * (m[0] * dx + m[4] * dy + m[8] * dz)) / depth + cx, y: (fy * (m[1] * dx + m[5] * dy + m[9] * dz)) / depth + cy, depth };
}

const NOISE_REACH = 2;

/** One standard deviation of the depth of a pixel, scene units: how rough the surface is there, or how far other frames are from it, whichever is more. NaN if it cannot be told. */
export function depthNoise(scene: Scene, frame: number, x: number, y: number): number {
  const [rough, apart] = [roughness(scene, frame, x, y), disagreement(scene, frame, x, y)];
  return Number.isNaN(apart) ? rough : Number.isNaN(rough) ? apart : Math.max(rough, apart);
}

/** Frames that have to see a point for their disagreement to count. */
const LEAST_SEERS = 2;
const SAME_SURFACE = 0.1;

/** Middle distance between this frame's depth of a static point and what other frames see there, as a standard deviation, scene units. */
function disagreement(scene: Scene, frame: number, x: number, y: number): number {
  const { width: W, height: H, mask, cameras, frameCount: T } = scene;
  const point = pointOfPixel(scene, frame, x, y);
  if (!point || mask[(frame * H + y) * W + x]) return NaN;
  const shares: number[] = [];
  for (let t = 0; t < T; t++) {
    const spot = t === frame ? null : projectInto(cameras[t], point);
    const seen = spot && depthBetween(scene, t, spot);
    if (!seen) continue;
    const apart = Math.abs(seen / spot.depth - 1);
    if (apart < SAME_SURFACE) shares.push(apart);
  }
  const own = scene.depth[(frame * H + y) * W + x];
  return shares.length < LEAST_SEERS ? NaN : 1.4826 * shares.sort((a, b) => a - b)[shares.length >> 1] * own;
}

/** Depth between pixel centres, in 1/z as planes have it; null beside the picture and across edges. */
function depthBetween({ width: W, height: H, depth, mask }: Scene, frame: number, { x, y }: Spot): number | null {
  const [u, v] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  if (u < 0 || v < 0 || u + 1 >= W || v + 1 >= H) return null;
  const [a, b] = [x - 0.5 - u, y - 0.5 - v];
  const i = (frame * H + v) * W + u;
  const corners = [i, i + 1, i + W, i + W + 1];
  const values = corners.map((k) => depth[k]);
  if (Math.min(...values) <= 0 || Math.max(...values) > (1 + SAME_SURFACE) * Math.min(...values) || corners.some((k) => mask[k])) return null;
  const [p, q, r, s] = values.map((z) => 1 / z);
  return 1 / ((1 - b) * ((1 - a) * p + a * q) + b * ((1 - a) * r + a * s));
}

/**
 * Spread of the depth around a pixel, scene units: what is left of the 5 × 5 neighbours of the same surface after
 * taking away the plane through them (1/z is linear in the picture for a plane).
 */
function roughness({ width: W, height: H, depth }: Scene, frame: number, x: number, y: number): number {
  const z = depth[(frame * H + y) * W + x];
  if (!(z > 0)) return NaN;
  let [n, su, sv, suu, svv, suv, sd, sud, svd] = new Array<number>(9).fill(0);
  const rows: [number, number, number][] = [];
  for (let v = -NOISE_REACH; v <= NOISE_REACH; v++) {
    for (let u = -NOISE_REACH; u <= NOISE_REACH; u++) {
      const other = x + u < 0 || y + v < 0 || x + u >= W || y + v >= H ? 0 : depth[(frame * H + y + v) * W + x + u];
      if (!(other > 0) || Math.abs(other - z) > 0.1 * z) continue;
      const d = 1 / other;
      rows.push([u, v, d]);
      [n, su, sv, suu, svv, suv, sd, sud, svd] = [n + 1, su + u, sv + v, suu + u * u, svv + v * v, suv + u * v, sd + d, sud + u * d, svd + v * d];
    }
  }
  if (n < 6) return NaN;
  // Least squares for d = a + b u + c v, by Cramer on the centred sums.
  const [cuu, cvv, cuv, cud, cvd] = [suu - (su * su) / n, svv - (sv * sv) / n, suv - (su * sv) / n, sud - (su * sd) / n, svd - (sv * sd) / n];
  const det = cuu * cvv - cuv * cuv;
  if (!(det > 0)) return NaN;
  const [b, c] = [(cud * cvv - cvd * cuv) / det, (cvd * cuu - cud * cuv) / det];
  const a = (sd - b * su - c * sv) / n;
  const squares = rows.reduce((sum, [u, v, d]) => sum + (d - a - b * u - c * v) ** 2, 0);
  // From 1/z to z.
  return Math.sqrt(squares / Math.max(1, n - 3)) * z * z;
}
