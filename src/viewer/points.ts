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

/**
 * Spread of the depth around a pixel, scene units: what is left of the 5 × 5 neighbours of the same surface after
 * taking away the plane through them (1/z is linear in the picture for a plane).
 */
export function depthNoise({ width: W, height: H, depth }: Scene, frame: number, x: number, y: number): number {
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
