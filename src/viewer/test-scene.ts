// A made-up scene for tests: a floor and a wall behind it, seen by cameras that move to the right and look down.

import type { Scene } from '../scene/scene.ts';

interface Made { readonly frames?: number; readonly tiltDeg?: number; readonly width?: number; readonly height?: number }

export function makeScene({ frames: T = 3, tiltDeg = 20, width: W = 64, height: H = 48 }: Made = {}): Scene {
  const [fx, cx, cy] = [60, W / 2, H / 2];
  const [sin, cos] = [Math.sin((tiltDeg * Math.PI) / 180), Math.cos((tiltDeg * Math.PI) / 180)];
  const depth = new Float32Array(T * W * H);
  for (let i = 0; i < W * H; i++) {
    const y = (Math.floor(i / W) + 0.5 - cy) / fx;
    // Ray in level axes: floor 1.5 below the camera, wall 6 in front.
    const [down, forward] = [y * cos + sin, cos - y * sin];
    const z = Math.min(down > 0 ? 1.5 / down : Infinity, 6 / forward);
    for (let t = 0; t < T; t++) depth[t * W * H + i] = z;
  }
  const mask = new Uint8Array(T * W * H);
  const N = 2;
  const xyz = new Float32Array(N * T * 3);
  // Track 0 goes right by one unit a frame; track 1 rests and is unknown at frame 1.
  for (let t = 0; t < T; t++) {
    xyz.set([t, 0, 4], t * 3);
    xyz.set(t === 1 ? [NaN, NaN, NaN] : [0, 0, 4], (T + t) * 3);
  }
  return {
    meta: { title: 'Made', source: { name: 'made', sha256: '', frameIndices: [] }, networks: {}, settings: {}, summary: null, timings: {}, peakMemoryBytes: null, warnings: [] },
    metresPerUnit: null, frameCount: T, width: W, height: H, times: Float64Array.from({ length: T }, (_, t) => t / 10),
    cameras: Array.from({ length: T }, (_, frame) => ({ frame, camToWorld: Float64Array.from([1, 0, 0, frame * 0.2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), fx, fy: fx, cx, cy })),
    rgb: new Uint8Array(T * W * H * 3).fill(128), depth, confidence: new Uint8Array(T * W * H).fill(255), mask, maskNow: mask.slice(),
    tracks: {
      count: N, frameCount: T, uv: new Float32Array(N * T * 2), visible: new Uint8Array(N * T).fill(1), confidence: new Float32Array(N * T).fill(1),
      mobility: Float32Array.from([1, 0.2]), xyz,
    },
  };
}
