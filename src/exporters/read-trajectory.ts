// Trajectories as other programs write them. TUM files put the scalar of the quaternion last; some programs that call theirs so put it
// first, and nothing in the file tells. Whoever knows about where the cameras were can tell.

import { FoursightError } from '../scene/errors.ts';
import { quaternionOf } from './axes.ts';

export type ScalarPlace = 'last' | 'first';

export interface Trajectory {
  readonly times: readonly number[];
  /** camToWorld f64 [16] row-major, per pose. */
  readonly poses: readonly Float64Array[];
  readonly scalar: ScalarPlace;
}

/** Lines of "time tx ty tz" and a quaternion; blank lines and # are passed over. */
export function readTrajectory(text: string, scalar: ScalarPlace): Trajectory {
  const rows = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/[\s,]+/).map(Number));
  const bad = rows.findIndex((row) => row.length !== 8 || !row.every(Number.isFinite) || Math.hypot(...row.slice(4)) < 0.5);
  if (rows.length === 0 || bad >= 0) {
    throw new FoursightError('scene/not-a-scene', rows.length === 0 ? 'The trajectory holds no poses.' : `Pose ${bad + 1} of the trajectory is not "time tx ty tz qx qy qz qw".`);
  }
  return {
    scalar, times: rows.map((row) => row[0]),
    poses: rows.map(([, x, y, z, ...q]) => poseOf([x, y, z], scalar === 'last' ? [q[0], q[1], q[2], q[3]] : [q[1], q[2], q[3], q[0]])),
  };
}

/** Reads it as the one of the two that agrees better with cameras of the same frames; `sure` is false where both do alike. */
export function guessTrajectory(text: string, cameras: readonly Float64Array[]): Trajectory & { readonly sure: boolean } {
  const both = (['last', 'first'] as const).map((scalar) => readTrajectory(text, scalar));
  const [last, first] = both.map(({ poses }) => disagreement(poses, cameras));
  const apart = Math.abs(last - first) > 0.1 * Math.max(last, first);
  return { ...both[apart && first < last ? 1 : 0], sure: apart };
}

/** Sum of the angles between the turns since the first frame, radians. */
function disagreement(poses: readonly Float64Array[], cameras: readonly Float64Array[]): number {
  let sum = 0;
  for (let t = 1; t < Math.min(poses.length, cameras.length); t++) {
    const [, , , w] = quaternionOf(multiplyTransposed(turnSince(poses[0], poses[t]), turnSince(cameras[0], cameras[t])));
    sum += 2 * Math.acos(Math.min(1, w));
  }
  return sum;
}

/** Rotation of b in the axes of a, f64 [16]. */
function turnSince(a: Float64Array, b: Float64Array): Float64Array {
  return rotation((i, j) => a[i] * b[j] + a[4 + i] * b[4 + j] + a[8 + i] * b[8 + j]);
}

/** a bᵀ. */
function multiplyTransposed(a: Float64Array, b: Float64Array): Float64Array {
  return rotation((i, j) => a[4 * i] * b[4 * j] + a[4 * i + 1] * b[4 * j + 1] + a[4 * i + 2] * b[4 * j + 2]);
}

function rotation(at: (row: number, column: number) => number): Float64Array {
  const out = new Float64Array(16);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) out[4 * i + j] = at(i, j);
  out[15] = 1;
  return out;
}

function poseOf(place: readonly [number, number, number], quaternion: readonly [number, number, number, number]): Float64Array {
  const length = Math.hypot(...quaternion);
  const [x, y, z, w] = quaternion.map((v) => v / length);
  return Float64Array.of(
    1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), place[0],
    2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), place[1],
    2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y), place[2], 0, 0, 0, 1);
}
