// Which way is up, from the cameras and the surfaces they saw.

import type { Scene } from '../scene/scene.ts';

export type Vec3 = readonly [number, number, number];

/** People tilt cameras up and down, rarely to the side; more than this is not searched, degrees. */
const MAX_TILT = 45;
/** Share of the surface votes a floor needs to be believed. */
const MIN_SHARE = 0.12;

/** Under this name the upright direction is kept in a scene's settings. */
export const UP_SETTING = 'up';

/** The upright direction that somebody set, scene world. */
export function upOf({ meta }: Scene): Vec3 | undefined {
  const up = meta.settings[UP_SETTING];
  return Array.isArray(up) && up.length === 3 && up.every((v) => typeof v === 'number' && Number.isFinite(v)) && Math.hypot(...(up as number[])) > 0.5 ? (up as unknown as Vec3) : undefined;
}

const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vec3, b: Vec3): Vec3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const normalise = (a: Vec3): Vec3 => {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
};

export interface UpJudgement {
  /** Unit vector in the scene's world. */
  readonly up: Vec3;
  /** surfaces: level ones agree on it; cameras: nothing but the way they were held speaks for it. */
  readonly source: 'surfaces' | 'cameras';
}

export const estimateUp = (scene: Scene): Vec3 => judgeUp(scene).up;

/** `vector` turned about a unit axis, right-handed. */
export function turnAbout(vector: Vec3, axis: Vec3, degrees: number): Vec3 {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [side, along] = [cross(axis, vector), dot(axis, vector) * (1 - c)];
  return normalise([0, 1, 2].map((k) => vector[k] * c + side[k] * s + axis[k] * along) as unknown as Vec3);
}

/**
 * Cameras are held level from side to side, so up lies in the plane across their mean
 * right axis; the tilt in that plane is the one that most level surfaces (floor, table, ceiling) agree on.
 */
export function judgeUp(scene: Scene): UpJudgement {
  const axis = (k: number, sign: number) => normalise(scene.cameras.reduce<Vec3>(
    (sum, { camToWorld: m }) => [sum[0] + sign * m[k], sum[1] + sign * m[4 + k], sum[2] + sign * m[8 + k]], [0, 0, 0]));
  const right = axis(0, 1);
  const raw = axis(1, -1);
  const along = dot(raw, right);
  const up = normalise([raw[0] - along * right[0], raw[1] - along * right[1], raw[2] - along * right[2]]);
  const back = cross(right, up);
  const best = bestTilt(scene, right, up, back);
  const tilt = ((best ?? 0) * Math.PI) / 180;
  const [c, s] = [Math.cos(tilt), Math.sin(tilt)];
  return { up: normalise([up[0] * c + back[0] * s, up[1] * c + back[1] * s, up[2] * c + back[2] * s]), source: best === null ? 'cameras' : 'surfaces' };
}

/** Degrees from `up` towards `back`; null when no level surface stands out. */
function bestTilt(scene: Scene, right: Vec3, up: Vec3, back: Vec3): number | null {
  const votes = new Float64Array(2 * MAX_TILT + 1);
  let total = 0;
  for (const frame of new Set([0, scene.frameCount >> 1, scene.frameCount - 1])) {
    for (const normal of sampleNormals(scene, frame)) {
      total++;
      if (Math.abs(dot(normal, right)) > 0.25) continue;
      let degrees = (Math.atan2(dot(normal, back), dot(normal, up)) * 180) / Math.PI;
      if (degrees > 90) degrees -= 180;
      if (degrees < -90) degrees += 180;
      if (Math.abs(degrees) <= MAX_TILT) votes[Math.round(degrees) + MAX_TILT]++;
    }
  }
  let best: number | null = null;
  let bestScore = 0;
  for (let degrees = -MAX_TILT; degrees <= MAX_TILT; degrees++) {
    let near = 0;
    for (let d = -4; d <= 4; d++) near += (1 - Math.abs(d) / 5) * (votes[degrees + d + MAX_TILT] ?? 0);
    // A mild pull to the camera's own up settles ties.
    const score = near * Math.cos((degrees * Math.PI) / 180);
    if (near > MIN_SHARE * total && score > bestScore) [best, bestScore] = [degrees, score];
  }
  return best;
}

/** World normals of static surface, on a coarse grid of pixels. */
function* sampleNormals({ width: W, height: H, depth, mask, cameras }: Scene, frame: number): Generator<Vec3> {
  const { camToWorld: m, fx, fy, cx, cy } = cameras[frame];
  const step = Math.max(2, Math.round(Math.max(W, H) / 96));
  const start = frame * W * H;
  const point = (x: number, y: number): Vec3 => {
    const z = depth[start + y * W + x];
    return [((x + 0.5 - cx) / fx) * z, ((y + 0.5 - cy) / fy) * z, z];
  };
  for (let y = step; y < H - step; y += step) {
    for (let x = step; x < W - step; x += step) {
      const i = start + y * W + x;
      const corners = [i - step, i + step, i - step * W, i + step * W].map((k) => depth[k]);
      if (mask[i] || Math.min(...corners) <= 0 || Math.max(...corners) > 1.15 * Math.min(...corners)) continue;
      const [l, r, t, b] = [point(x - step, y), point(x + step, y), point(x, y - step), point(x, y + step)];
      const n = normalise(cross([r[0] - l[0], r[1] - l[1], r[2] - l[2]], [b[0] - t[0], b[1] - t[1], b[2] - t[2]]));
      yield [m[0] * n[0] + m[1] * n[1] + m[2] * n[2], m[4] * n[0] + m[5] * n[1] + m[6] * n[2], m[8] * n[0] + m[9] * n[1] + m[10] * n[2]];
    }
  }
}
