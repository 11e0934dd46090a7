// What can be read off one 3D track: place, speed and distances over time.

import { slopeAt, SMOOTHING_REACH } from '../maths/slope.ts';
import type { Scene } from '../scene/scene.ts';
import { moves } from '../scene/tracks.ts';
import { angleAt } from './measure.ts';
import type { Point } from './pick.ts';

export interface TrackMotion {
  /** Scene units, NaN where unknown; world axes of the first camera. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Scene units per second; NaN where a neighbour is unknown. */
  readonly speed: Float64Array;
  /** Length of the change of velocity, scene units per second squared. */
  readonly acceleration: Float64Array;
  /** Path from the first known point up to each frame, scene units; gaps are bridged straight. */
  readonly path: Float64Array;
  /** Straight line from the first known point, scene units. */
  readonly distance: Float64Array;
}

/** Where a point of the scene's world is, at a frame, as something else sees it. */
export type Seen = (point: Point, frame: number) => Point;

/** In the axes of the recorded camera of each frame. */
export const seenFromCamera = ({ cameras }: Scene): Seen => ([x, y, z], frame) => {
  const m = cameras[frame].camToWorld;
  const [dx, dy, dz] = [x - m[3], y - m[7], z - m[11]];
  return [m[0] * dx + m[4] * dy + m[8] * dz, m[1] * dx + m[5] * dy + m[9] * dz, m[2] * dx + m[6] * dy + m[10] * dz];
};

/** As an offset from another track; unknown where that one is. */
export const seenFromTrack = ({ tracks: { xyz }, frameCount: T }: Scene, track: number): Seen => ([x, y, z], frame) => {
  const k = (track * T + frame) * 3;
  return xyz ? [x - xyz[k], y - xyz[k + 1], z - xyz[k + 2]] : [NaN, NaN, NaN];
};

const AS_IT_IS: Seen = (point) => point;

export function readTrack({ tracks, times, frameCount: T }: Scene, track: number, reach = SMOOTHING_REACH, seen = AS_IT_IS): TrackMotion {
  const places = Array.from({ length: T }, (_, t): Point => {
    const k = (track * T + t) * 3;
    return tracks.xyz && !Number.isNaN(tracks.xyz[k]) ? seen([tracks.xyz[k], tracks.xyz[k + 1], tracks.xyz[k + 2]], t) : [NaN, NaN, NaN];
  });
  const column = (axis: number) => Float64Array.from(places, (place) => place[axis]);
  const slopes = (values: Float64Array) => values.map((_, t) => slopeAt(values, times, t, reach));
  const length = (a: Float64Array, b: Float64Array, c: Float64Array) => a.map((v, t) => Math.hypot(v, b[t], c[t]));
  const [x, y, z] = [column(0), column(1), column(2)];
  const velocity = [x, y, z].map(slopes);
  const [vx, vy, vz] = velocity;
  const [ax, ay, az] = velocity.map(slopes);
  const path = new Float64Array(T).fill(NaN);
  const distance = new Float64Array(T).fill(NaN);
  let first = -1;
  let before = -1;
  for (let t = 0; t < T; t++) {
    if (Number.isNaN(x[t])) continue;
    if (first < 0) first = t;
    path[t] = before < 0 ? 0 : path[before] + Math.hypot(x[t] - x[before], y[t] - y[before], z[t] - z[before]);
    distance[t] = Math.hypot(x[t] - x[first], y[t] - y[first], z[t] - z[first]);
    before = t;
  }
  return { x, y, z, speed: length(vx, vy, vz), acceleration: length(ax, ay, az), path, distance };
}

/** Degrees at the second of three tracks between the other two; NaN where one is unknown. */
export function angleBetween({ tracks: { xyz }, frameCount: T }: Scene, [a, at, b]: readonly number[]): Float64Array {
  const place = (track: number, t: number): Point => (xyz ? [xyz[(track * T + t) * 3], xyz[(track * T + t) * 3 + 1], xyz[(track * T + t) * 3 + 2]] : [NaN, NaN, NaN]);
  return Float64Array.from({ length: T }, (_, t) => angleAt(place(a, t), place(at, t), place(b, t)));
}

/** A speed that nearly all tracks stay under: the top of the colour scale, scene units per second. */
export function topSpeed(scene: Scene, tracks: readonly number[]): number {
  const speeds = tracks.flatMap((track) => [...readTrack(scene, track).speed].filter((v) => !Number.isNaN(v))).sort((a, b) => a - b);
  return speeds[Math.floor(0.97 * (speeds.length - 1))] || 1;
}

export interface TrailChoice {
  /** Also those that stand still. */
  readonly all: boolean;
  /** Known for at least so many frames. */
  readonly minFrames: number;
  /** As sure on average over the frames in which it is seen, 0…1. */
  readonly minConfidence: number;
  /** Only these; null: all of them. */
  readonly within: readonly number[] | null;
}

/** Tracks whose trails are shown, spread evenly over the list when there are too many. */
export function chooseTrails({ tracks }: Scene, { all, minFrames, minConfidence, within }: TrailChoice, limit = 300): number[] {
  const { xyz, mobility, confidence, visible, frameCount: T } = tracks;
  const known = (track: number) => {
    let n = 0;
    for (let t = 0; t < T; t++) if (xyz && !Number.isNaN(xyz[(track * T + t) * 3])) n++;
    return n;
  };
  const sure = (track: number) => {
    let [sum, n] = [0, 0];
    for (let k = track * T; k < (track + 1) * T; k++) {
      if (!visible[k]) continue;
      sum += confidence[k];
      n++;
    }
    return n > 0 ? sum / n : 0;
  };
  const candidates = (within ?? Array.from({ length: tracks.count }, (_, i) => i)).filter((i) => (all || moves(mobility[i])) && known(i) >= Math.min(minFrames, T) && sure(i) >= minConfidence);
  if (candidates.length <= limit) return candidates;
  return Array.from({ length: limit }, (_, k) => candidates[Math.floor((k * candidates.length) / limit)]);
}

/** The last frame at which a track was seen, or -1. */
export function lastSeen({ tracks: { visible, frameCount: T } }: Scene, track: number): number {
  let t = T - 1;
  while (t >= 0 && !visible[track * T + t]) t--;
  return t;
}

/** A step from frame to frame that four in five of a track's steps stay under, scene units. */
export function largeStep({ tracks: { xyz, frameCount: T } }: Scene, track: number): number {
  const steps: number[] = [];
  for (let k = (track * T + 1) * 3; xyz && k < (track + 1) * T * 3; k += 3) {
    const step = Math.hypot(xyz[k] - xyz[k - 3], xyz[k + 1] - xyz[k - 2], xyz[k + 2] - xyz[k - 1]);
    if (!Number.isNaN(step)) steps.push(step);
  }
  return steps.sort((a, b) => a - b)[Math.floor(0.8 * (steps.length - 1))] ?? 0;
}

export interface TrackEvent {
  readonly frame: number;
  readonly shape: 'start' | 'peak' | 'lost';
}

/** Where a track is first seen, where it is fastest, and where it is lost before the clip ends. */
export function trackEvents(scene: Scene, track: number): TrackEvent[] {
  const { visible, frameCount: T } = scene.tracks;
  const first = visible.subarray(track * T, (track + 1) * T).indexOf(1);
  if (first < 0) return [];
  const { speed } = readTrack(scene, track);
  const peak = speed.reduce((best, v, t) => (v > (speed[best] || 0) ? t : best), first);
  const last = lastSeen(scene, track);
  return [{ frame: first, shape: 'start' }, { frame: peak, shape: 'peak' }, ...(last < T - 1 ? [{ frame: last, shape: 'lost' as const }] : [])];
}
