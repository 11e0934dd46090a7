// Followed points that stand still, with the pixels at which each picture saw them: what photogrammetry calls tracks.

import type { Scene } from '../scene/scene.ts';

export interface ObservedPoint {
  /** Scene world. */
  readonly xyz: readonly [number, number, number];
  /** sRGB. */
  readonly rgb: readonly [number, number, number];
  /** At least two, each in another frame; px, the centre of the top-left pixel is (0.5, 0.5). */
  readonly seen: readonly { readonly frame: number; readonly u: number; readonly v: number }[];
  /** Mean distance between where it was seen and where it falls, px. */
  readonly errorPx: number;
}

/** A pixel further from where the point falls was a slip of the tracker or something in front. */
const MAX_ERROR_PX = 2;
const MOVES = 0.5;

export function observedPoints(scene: Scene): ObservedPoint[] {
  const { tracks, frameCount: T, width: W, height: H, rgb } = scene;
  if (!tracks.xyz) return [];
  const points: ObservedPoint[] = [];
  for (let k = 0; k < tracks.count; k++) {
    if (tracks.mobility[k] >= MOVES) continue;
    const frames = Array.from({ length: T }, (_, t) => t).filter((t) => tracks.visible[k * T + t] && Number.isFinite(tracks.xyz![3 * (k * T + t)]));
    if (frames.length < 2) continue;
    // Each frame has its own opinion of where it is; the middle one counts.
    const middle = (axis: number) => frames.map((t) => tracks.xyz![3 * (k * T + t) + axis]).sort((a, b) => a - b)[frames.length >> 1];
    const xyz = [middle(0), middle(1), middle(2)] as const;
    let sum = 0;
    const seen = frames.flatMap((frame) => {
      const [u, v] = [tracks.uv[2 * (k * T + frame)], tracks.uv[2 * (k * T + frame) + 1]];
      const error = distanceTo(scene, frame, xyz, u, v);
      if (!(error <= MAX_ERROR_PX) || u < 0 || v < 0 || u >= W || v >= H) return [];
      sum += error;
      return [{ frame, u, v }];
    });
    if (seen.length < 2) continue;
    const pixel = 3 * ((seen[0].frame * H + Math.floor(seen[0].v)) * W + Math.floor(seen[0].u));
    points.push({ xyz, rgb: [rgb[pixel], rgb[pixel + 1], rgb[pixel + 2]], seen, errorPx: sum / seen.length });
  }
  return points;
}

/** px between (u, v) and where a point of the world falls in a frame; infinite behind the camera. */
function distanceTo({ cameras }: Scene, frame: number, [x, y, z]: readonly [number, number, number], u: number, v: number): number {
  const { camToWorld: m, fx, fy, cx, cy } = cameras[frame];
  const [dx, dy, dz] = [x - m[3], y - m[7], z - m[11]];
  const inCamera = (c: number) => m[c] * dx + m[4 + c] * dy + m[8 + c] * dz;
  const depth = inCamera(2);
  return depth > 0 ? Math.hypot(cx + (fx * inCamera(0)) / depth - u, cy + (fy * inCamera(1)) / depth - v) : Infinity;
}
