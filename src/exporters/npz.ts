// X6: the scene itself, and the same numbers under TAPIP3D's names.

import { zipSync } from 'fflate';
import { encodeNpy, type NpyArray } from '../scene/npy.ts';
import { writeSceneNpz } from '../scene/npz.ts';
import { invertPose, placeCamera, placePoints, placeWorld } from './axes.ts';
import type { Exporter } from './exporter.ts';

export const npz: Exporter = {
  name: 'npz', title: 'Scene file (NPZ)', purpose: 'NumPy, and opening the scene here again without loss',
  fixedAxes: 'opencv',
  conventions: ['cam_to_world: camera to world, OpenCV camera axes.', 'Lengths are scene units whatever the scale; meta.json holds the scale (metres per unit, or null).'],
  single: { extension: '.npz', path: 'scene.npz' },
  estimate: ({ rgb, depth }) => ({ bytes: rgb.byteLength + 1.05 * depth.byteLength, notes: [] }),
  *write(scene) {
    yield { path: 'scene.npz', bytes: writeSceneNpz(scene) as Uint8Array<ArrayBuffer> };
  },
};

export const tapip3d: Exporter = {
  name: 'tapip3d', title: 'Tracks with TAPIP3D\'s names (NPZ)', purpose: 'scripts and viewers made for TAPIP3D',
  fixedAxes: 'opencv',
  conventions: ['extrinsics: world to camera, OpenCV camera axes.', 'video u8 [T,H,W,3], depths f32 [T,H,W], intrinsics f64 [T,3,3] px, extrinsics f64 [T,4,4], coords f32 [T,N,3] world, visibs bool as u8 [T,N].'],
  single: { extension: '.npz', path: 'tapip3d.npz' },
  estimate: ({ rgb, depth }) => ({ bytes: rgb.byteLength + depth.byteLength, notes: [] }),
  *write(scene) {
    const { frameCount: T, width: W, height: H, tracks, cameras } = scene;
    const place = placeWorld(scene, 'opencv');
    const N = tracks.count;
    const xyz = placePoints(place, tracks.xyz ?? new Float32Array(3 * N * T).fill(NaN));
    const coords = new Float32Array(3 * N * T);
    const visibs = new Uint8Array(N * T);
    for (let k = 0; k < N; k++) {
      for (let t = 0; t < T; t++) {
        const known = Number.isFinite(xyz[3 * (k * T + t)]);
        for (let c = 0; c < 3; c++) coords[3 * (t * N + k) + c] = known ? xyz[3 * (k * T + t) + c] : 0;
        visibs[t * N + k] = known && tracks.visible[k * T + t] ? 1 : 0;
      }
    }
    const arrays: Record<string, NpyArray> = {
      video: { shape: [T, H, W, 3], data: scene.rgb },
      depths: { shape: [T, H, W], data: scene.depth.map((z) => z * place.scale) },
      intrinsics: { shape: [T, 3, 3], data: Float64Array.from(cameras.flatMap((c) => [c.fx, 0, c.cx, 0, c.fy, c.cy, 0, 0, 1])) },
      extrinsics: { shape: [T, 4, 4], data: Float64Array.from(cameras.flatMap((c) => [...invertPose(placeCamera(place, c, 'opencv'))])) },
      coords: { shape: [T, N, 3], data: coords }, visibs: { shape: [T, N], data: visibs },
    };
    yield 0.4;
    yield { path: 'tapip3d.npz', bytes: zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)])), { level: 1 }) };
  },
};
