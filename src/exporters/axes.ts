// The one place where a scene's axes and lengths become those of a file: every exporter asks here.

import { expSo3, multiply3 } from '../maths/so3.ts';
import type { Camera } from '../scene/camera.ts';
import type { Scene } from '../scene/scene.ts';

/** World of the file: y-up and z-up are right-handed; opencv is the scene as computed (x right, y down, z forward at frame 0). */
export type WorldAxes = 'y-up' | 'z-up' | 'opencv';
/** opencv: x right, y down, z forward. opengl: x right, y up, looks along −z (glTF, USD, Blender, nerfstudio). */
export type CameraAxes = 'opencv' | 'opengl';
export type Vec3 = readonly [number, number, number];

export const WORLD_AXES: Readonly<Record<WorldAxes, string>> = {
  'y-up': 'right-handed, +y up; the first camera looks along −z',
  'z-up': 'right-handed, +z up; the first camera looks along +y',
  opencv: 'OpenCV, as computed: x right, y down, z forward at the first frame',
};

/** The up of the first camera, in the scene's world. */
export const CAMERA_UP: Vec3 = [0, -1, 0];

export interface Placement {
  readonly axes: WorldAxes;
  /** "m" once the scene has a scale, else "u": relative units. */
  readonly unit: 'm' | 'u';
  /** Lengths of the file per scene unit. */
  readonly scale: number;
  /** f64 [9] row-major: scene world → file world, lengths unchanged. */
  readonly rotation: Float64Array;
}

/** `up` is a direction in the scene's world that becomes the up of the file. */
export function placeWorld(scene: Pick<Scene, 'metresPerUnit'>, axes: WorldAxes, up: Vec3 = CAMERA_UP): Placement {
  return { axes, unit: scene.metresPerUnit === null ? 'u' : 'm', scale: scene.metresPerUnit ?? 1, rotation: rotationOf(axes, up) };
}

function rotationOf(axes: WorldAxes, up: Vec3): Float64Array {
  if (axes === 'opencv') return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const length = Math.hypot(...up) || 1;
  // After half a turn about x the camera's up is +y; what is left is the turn from `up` to +y.
  const [x, y, z] = [up[0] / length, -up[1] / length, -up[2] / length];
  const sine = Math.hypot(x, z);
  const angle = Math.atan2(sine, y);
  const level = sine < 1e-12 ? expSo3(y < 0 ? Math.PI : 0, 0, 0) : expSo3((-z / sine) * angle, 0, (x / sine) * angle);
  const yUp = multiply3(level, Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1));
  return axes === 'y-up' ? yUp : multiply3(Float64Array.of(1, 0, 0, 0, 0, -1, 0, 1, 0), yUp);
}

/** f32 [n·3] points of the scene's world → the file's; unknown points (NaN) stay unknown. */
export function placePoints({ rotation: r, scale }: Placement, xyz: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const out = new Float32Array(xyz.length);
  for (let i = 0; i < xyz.length; i += 3) {
    const [x, y, z] = [xyz[i], xyz[i + 1], xyz[i + 2]];
    for (let k = 0; k < 3; k++) out[i + k] = scale * (r[3 * k] * x + r[3 * k + 1] * y + r[3 * k + 2] * z);
  }
  return out;
}

/** f64 [16] row-major camera → file world. */
export function placeCamera({ rotation, scale }: Placement, { camToWorld: m }: Camera, camera: CameraAxes): Float64Array {
  const turned = multiply3(rotation, Float64Array.of(m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]));
  const sign = camera === 'opengl' ? -1 : 1;
  const out = new Float64Array(16);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) out[4 * i + j] = turned[3 * i + j] * (j === 0 ? 1 : sign);
    out[4 * i + 3] = scale * (rotation[3 * i] * m[3] + rotation[3 * i + 1] * m[7] + rotation[3 * i + 2] * m[11]);
  }
  out[15] = 1;
  return out;
}

/** f64 [16] row-major scene world → file world, scale included. */
export function placementMatrix({ rotation: r, scale: s }: Placement): Float64Array {
  return Float64Array.of(s * r[0], s * r[1], s * r[2], 0, s * r[3], s * r[4], s * r[5], 0, s * r[6], s * r[7], s * r[8], 0, 0, 0, 0, 1);
}

/** Inverse of a rotation with translation, f64 [16] row-major. */
export function invertPose(m: Float64Array): Float64Array {
  const out = new Float64Array(16);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) out[4 * i + j] = m[4 * j + i];
    out[4 * i + 3] = -(m[i] * m[3] + m[4 + i] * m[7] + m[8 + i] * m[11]);
  }
  out[15] = 1;
  return out;
}

/** xyzw of the rotation in a row-major 4×4 (Shepperd's method), with w ≥ 0. */
export function quaternionOf(m: Float64Array): [number, number, number, number] {
  const r = (i: number, j: number) => m[4 * i + j];
  const [a, b, c] = [r(0, 0), r(1, 1), r(2, 2)];
  const candidates = [1 + a - b - c, 1 - a + b - c, 1 - a - b + c, 1 + a + b + c];
  const best = candidates.indexOf(Math.max(...candidates));
  const q: [number, number, number, number] = best === 0 ? [candidates[0], r(0, 1) + r(1, 0), r(0, 2) + r(2, 0), r(2, 1) - r(1, 2)]
    : best === 1 ? [r(0, 1) + r(1, 0), candidates[1], r(1, 2) + r(2, 1), r(0, 2) - r(2, 0)]
      : best === 2 ? [r(0, 2) + r(2, 0), r(1, 2) + r(2, 1), candidates[2], r(1, 0) - r(0, 1)]
        : [r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1), candidates[3]];
  const length = Math.hypot(...q) * (q[3] < 0 ? -1 : 1);
  return [q[0] / length, q[1] / length, q[2] / length, q[3] / length];
}
