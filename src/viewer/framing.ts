// Where the view starts, and what "everything" means for fitting and for the clipping planes.

import { Matrix4, Vector3 } from 'three';
import type { Scene } from '../scene/scene.ts';
import { cameraMatrix, poseMatrix } from './axes.ts';

export interface Framing {
  /** Where most of the scene is, three's world. */
  readonly centre: Vector3;
  readonly radius: number;
  /** Box around it, three's world. */
  readonly low: Vector3;
  readonly high: Vector3;
  /** Height of the lowest surface. */
  readonly floor: number;
  /** Start view: 15° beside and 10° above the first camera. */
  readonly eye: Vector3;
  readonly target: Vector3;
}

const BESIDE = (15 * Math.PI) / 180;
const ABOVE = (10 * Math.PI) / 180;
/** The start view steps back for the cameras up to this many times the middle depth. */
const CAMERAS_IN_VIEW = 1.4;
/** Surfaces further away than this many times the middle depth (sky, horizon) do not pull the view back. */
const FAR_SHARE = 3;

/** `fovY` in radians; `aspect` width over height of the view. */
export function frameScene(scene: Scene, world: Matrix4, fovY: number, aspect: number): Framing {
  const points = samplePoints(scene, world);
  const sorted = (k: 'x' | 'y' | 'z') => points.all.map((p) => p[k]).sort((a, b) => a - b);
  const at = (values: readonly number[], share: number) => values[Math.floor(share * (values.length - 1))] ?? 0;
  const axes = (['x', 'y', 'z'] as const).map(sorted);
  const low = new Vector3(...axes.map((v) => at(v, 0.03)));
  const high = new Vector3(...axes.map((v) => at(v, 0.97)));
  // The way of the camera belongs to the picture, unless it leads far off.
  const reach = low.distanceTo(high);
  for (const camera of scene.cameras) {
    const place = new Vector3().setFromMatrixPosition(cameraMatrix(world, camera));
    if (place.distanceTo(place.clone().clamp(low, high)) > reach) continue;
    low.min(place);
    high.max(place);
  }
  const centre = low.clone().add(high).multiplyScalar(0.5);
  const radius = Math.max(1e-6, low.distanceTo(high) / 2);

  const first = cameraMatrix(world, scene.cameras[0]);
  const position = new Vector3().setFromMatrixPosition(first);
  const forward = new Vector3(0, 0, -1).transformDirection(first);
  // The target lies on the first camera's axis, as deep as what is in the middle of its picture.
  const distance = Math.max(1e-3, medianDepth(scene));
  const target = position.clone().addScaledVector(forward, distance);
  const offset = position.clone().sub(target);
  const across = new Vector3().crossVectors(new Vector3(0, 1, 0), offset).normalize();
  offset.applyAxisAngle(new Vector3(0, 1, 0), BESIDE).applyAxisAngle(across.applyAxisAngle(new Vector3(0, 1, 0), BESIDE), -ABOVE);
  const direction = offset.normalize();
  const visible = points.moving.concat(points.all.filter((_, i) => i % 2 === 0));
  const needed = fitDistance(visible, target, direction, fovY, aspect);
  // From a little behind the cameras, so that they are in the picture too, unless they went far.
  const cameras = scene.cameras.map((camera) => new Vector3().setFromMatrixPosition(cameraMatrix(world, camera)));
  const behind = Math.min(CAMERAS_IN_VIEW * distance, fitDistance(cameras, target, direction, fovY, aspect));
  const eye = target.clone().addScaledVector(direction, Math.min(2.2 * distance, Math.max(1.15 * distance, behind, needed)));
  return { centre, radius, low, high, floor: at(axes[1], 0.01), eye, target };
}

/** How far back the eye has to stand for nearly all points to lie inside the view. */
export function fitDistance(points: readonly Vector3[], target: Vector3, direction: Vector3, fovY: number, aspect: number): number {
  const right = new Vector3().crossVectors(new Vector3(0, 1, 0), direction).normalize();
  const up = new Vector3().crossVectors(direction, right);
  const tanY = Math.tan(fovY / 2);
  const tanX = tanY * aspect;
  const needs = points.map((point) => {
    const p = point.clone().sub(target);
    return p.dot(direction) + Math.max(Math.abs(p.dot(right)) / tanX, Math.abs(p.dot(up)) / tanY);
  }).sort((a, b) => a - b);
  return 1.05 * (needs[Math.floor(0.94 * (needs.length - 1))] ?? 1);
}

/** What encloses the known points of some tracks; null if there is none. */
export function tracksSphere({ tracks: { xyz }, frameCount: T }: Scene, world: Matrix4, tracks: readonly number[], least: number): { centre: Vector3; radius: number } | null {
  if (!xyz) return null;
  const points = tracks.flatMap((track) => Array.from({ length: T }, (_, t) => (track * T + t) * 3))
    .filter((k) => !Number.isNaN(xyz[k])).map((k) => new Vector3().fromArray(xyz, k).applyMatrix4(world));
  if (points.length === 0) return null;
  const centre = points.reduce((sum, p) => sum.add(p), new Vector3()).divideScalar(points.length);
  return { centre, radius: Math.max(least, ...points.map((p) => p.distanceTo(centre))) };
}

function medianDepth({ depth, width: W, height: H }: Scene): number {
  const values: number[] = [];
  for (let i = 0; i < W * H; i += 7) if (depth[i] > 0) values.push(depth[i]);
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 1;
}

function samplePoints(scene: Scene, world: Matrix4): { all: Vector3[]; moving: Vector3[] } {
  const { width: W, height: H, frameCount: T, depth, mask, cameras } = scene;
  const far = FAR_SHARE * medianDepth(scene);
  const stride = Math.max(1, Math.round(Math.max(W, H) / 48));
  const all: Vector3[] = [];
  const moving: Vector3[] = [];
  for (let t = 0; t < T; t += Math.max(1, Math.floor(T / 6))) {
    const { fx, fy, cx, cy } = cameras[t];
    const toWorld = world.clone().multiply(poseMatrix(cameras[t]));
    for (let y = stride >> 1; y < H; y += stride) {
      for (let x = stride >> 1; x < W; x += stride) {
        const i = (t * H + y) * W + x;
        const z = depth[i];
        if (z <= 0 || z > far) continue;
        const point = new Vector3(((x + 0.5 - cx) / fx) * z, ((y + 0.5 - cy) / fy) * z, z).applyMatrix4(toWorld);
        all.push(point);
        if (mask[i]) moving.push(point);
      }
    }
  }
  return { all, moving };
}
