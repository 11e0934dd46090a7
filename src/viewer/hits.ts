// The surface under a spot of a view: found where it is drawn, told as it was solved.

import type { Scene } from '../scene/scene.ts';
import type { Point, Projection, Spot } from './pick.ts';
import { pointOfPixel, unproject } from './points.ts';

/** A pixel that was hit in some view. */
export interface Hit {
  readonly frame: number;
  /** Column and row. */
  readonly x: number;
  readonly y: number;
  /** As it was solved, scene world: what is told and measured. */
  readonly point: Point;
  /** As it is drawn, which is calmer where the depth is uncertain: where marks of it belong. */
  readonly drawn: Point;
}

/** Pixels of one frame that can be hit: u8 [H·W], and the depth that they are drawn at, f32 [H·W], scene units. */
export interface HitPixels {
  readonly frame: number;
  readonly keep: Uint8Array;
  readonly depth: Float32Array;
}

/** What a pixel (column, row) shows; null where the depth is unknown. `drawn`: its frame's depth as it is drawn. */
export function hitOfPixel(scene: Scene, drawn: Float32Array, frame: number, x: number, y: number): Hit | null {
  const point = pointOfPixel(scene, frame, x, y);
  return point && { frame, x, y, point, drawn: unproject(scene.cameras[frame], x + 0.5, y + 0.5, drawn[y * scene.width + x]) };
}

/** px around the pointer in which a surface point still counts as under it. */
const SURFACE_REACH = 6;

/** The nearest surface point under a spot of the view. */
export function surfaceAt(scene: Scene, shown: readonly HitPixels[], spot: Spot, view: Projection): Hit | null {
  const { width: W, height: H, cameras } = scene;
  const { matrix: m, width, height } = view;
  let best: [pixels: HitPixels, x: number, y: number] | null = null;
  let nearest = Infinity;
  for (const pixels of shown) {
    const { frame, keep, depth } = pixels;
    const { fx, fy, cx, cy, camToWorld: c } = cameras[frame];
    for (let y = 0, i = 0; y < H; y++) {
      for (let x = 0; x < W; x++, i++) {
        const z = depth[i];
        if (!keep[i] || z <= 0) continue;
        const [px, py] = [((x + 0.5 - cx) / fx) * z, ((y + 0.5 - cy) / fy) * z];
        const wx = c[0] * px + c[1] * py + c[2] * z + c[3];
        const wy = c[4] * px + c[5] * py + c[6] * z + c[7];
        const wz = c[8] * px + c[9] * py + c[10] * z + c[11];
        const w = m[3] * wx + m[7] * wy + m[11] * wz + m[15];
        if (w <= 0) continue;
        const dx = (((m[0] * wx + m[4] * wy + m[8] * wz + m[12]) / w + 1) / 2) * width - spot.x;
        if (dx > SURFACE_REACH || dx < -SURFACE_REACH) continue;
        const dy = ((1 - (m[1] * wx + m[5] * wy + m[9] * wz + m[13]) / w) / 2) * height - spot.y;
        const beside = Math.hypot(dx, dy);
        if (beside > SURFACE_REACH) continue;
        // In front counts, and so does being right under the pointer.
        const score = w * (1 + (0.5 * beside) / SURFACE_REACH);
        if (score >= nearest) continue;
        nearest = score;
        best = [pixels, x, y];
      }
    }
  }
  return best && hitOfPixel(scene, best[0].depth, best[0].frame, best[1], best[2]);
}
