// A track that was asked for after the solve: laid on the surface it crosses, and put beside the others.

import type { Scene } from '../scene/scene.ts';
import type { TrackSet } from '../scene/tracks.ts';
import { unproject } from './points.ts';
import { findSkins } from './surface.ts';

/** Most of what a track crosses has to move for the track to count as moving. */
const MASK_WEIGHT = 0.75;

/** The scene with one more track. `found`: uv and visible of one track, px of the scene's frames. */
export function appendTrack(scene: Scene, found: TrackSet): Scene {
  const { tracks, frameCount: T, width: W, height: H, mask } = scene;
  const xyz = layOnSurface(scene, found);
  const seen = Array.from({ length: T }, (_, t) => t).filter((t) => found.visible[t] && pixelAt(found.uv, t, W, H) >= 0);
  const inMask = seen.filter((t) => mask[t * W * H + pixelAt(found.uv, t, W, H)]).length / Math.max(1, seen.length);
  const join = <A extends Float32Array | Uint8Array>(a: A, b: A): A => {
    const both = new (a.constructor as new (n: number) => A)(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  return {
    ...scene,
    tracks: {
      count: tracks.count + 1, frameCount: T, uv: join(tracks.uv, found.uv.slice(0, 2 * T)), visible: join(tracks.visible, found.visible.slice(0, T)), confidence: join(tracks.confidence, found.confidence.slice(0, T)),
      mobility: join(tracks.mobility, Float32Array.of(MASK_WEIGHT * inMask + (1 - MASK_WEIGHT) * found.mobility[0])), xyz: join(tracks.xyz ?? new Float32Array(tracks.count * T * 3).fill(NaN), xyz),
    },
  };
}

/** f32 [T·3] scene world; NaN where the point is hidden, outside, without depth, or between two surfaces. */
function layOnSurface({ frameCount: T, width: W, height: H, depth, cameras }: Scene, { uv, visible }: TrackSet): Float32Array {
  const xyz = new Float32Array(T * 3).fill(NaN);
  for (let t = 0; t < T; t++) {
    const pixel = pixelAt(uv, t, W, H);
    if (!visible[t] || pixel < 0) continue;
    const own = depth.subarray(t * W * H, (t + 1) * W * H);
    if (own[pixel] > 0 && !findSkins(own, W, H)[pixel]) xyz.set(unproject(cameras[t], uv[2 * t], uv[2 * t + 1], own[pixel]), t * 3);
  }
  return xyz;
}

/** Index of the pixel a track is on, or -1 outside the picture. */
function pixelAt(uv: Float32Array, t: number, W: number, H: number): number {
  const [x, y] = [Math.floor(uv[2 * t]), Math.floor(uv[2 * t + 1])];
  return x < 0 || y < 0 || x >= W || y >= H ? -1 : y * W + x;
}
