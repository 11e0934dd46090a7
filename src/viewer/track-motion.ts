// What can be read off one 3D track: place, speed and distances over time.

import type { Scene } from '../scene/scene.ts';

export interface TrackMotion {
  /** Scene units, NaN where unknown; world axes of the first camera. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Scene units per second; NaN where a neighbour is unknown. */
  readonly speed: Float64Array;
  /** Path from the first known point up to each frame, scene units; gaps are bridged straight. */
  readonly path: Float64Array;
  /** Straight line from the first known point, scene units. */
  readonly distance: Float64Array;
}

/** Frames on either side that a speed is read from: five in all, as Savitzky and Golay smooth. */
const SMOOTHING_REACH = 2;

export function readTrack({ tracks, times, frameCount: T }: Scene, track: number): TrackMotion {
  const column = (axis: number) => Float64Array.from({ length: T }, (_, t) => (tracks.xyz ? tracks.xyz[(track * T + t) * 3 + axis] : NaN));
  const [x, y, z] = [column(0), column(1), column(2)];
  const speed = Float64Array.from({ length: T }, (_, t) => Math.hypot(slopeAt(x, times, t), slopeAt(y, times, t), slopeAt(z, times, t)));
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
  return { x, y, z, speed, path, distance };
}

/** Slope of the least-squares line through the known values within two frames on either side. */
export function slopeAt(values: Float64Array, times: Float64Array, t: number): number {
  if (Number.isNaN(values[t])) return NaN;
  let [n, sumT, sumV, sumTT, sumTV] = [0, 0, 0, 0, 0];
  // A window that is even on both sides: for a parabola its line has exactly the slope at the middle.
  let reach = Math.min(SMOOTHING_REACH, t, values.length - 1 - t);
  if (reach === 0) reach = 1;
  for (let k = Math.max(0, t - reach); k <= Math.min(values.length - 1, t + reach); k++) {
    if (Number.isNaN(values[k])) continue;
    const dt = times[k] - times[t];
    n++;
    sumT += dt;
    sumV += values[k];
    sumTT += dt * dt;
    sumTV += dt * values[k];
  }
  const spread = n * sumTT - sumT * sumT;
  return n > 1 && spread > 0 ? (n * sumTV - sumT * sumV) / spread : NaN;
}

/** A speed that nearly all tracks stay under: the top of the colour scale, scene units per second. */
export function topSpeed(scene: Scene, tracks: readonly number[]): number {
  const speeds = tracks.flatMap((track) => [...readTrack(scene, track).speed].filter((v) => !Number.isNaN(v))).sort((a, b) => a - b);
  return speeds[Math.floor(0.97 * (speeds.length - 1))] || 1;
}

/** Tracks whose trails are shown: moving ones first, spread evenly over the list when there are too many. */
export function chooseTrails({ tracks }: Scene, all: boolean, limit = 300): number[] {
  const candidates = Array.from({ length: tracks.count }, (_, i) => i).filter((i) => all || tracks.mobility[i] > 0.5);
  if (candidates.length <= limit) return candidates;
  return Array.from({ length: limit }, (_, k) => candidates[Math.floor((k * candidates.length) / limit)]);
}
