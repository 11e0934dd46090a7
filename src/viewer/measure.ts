// Lengths between points that stay on what they were set on, and what follows from a length that somebody knows.

import type { Scene } from '../scene/scene.ts';
import type { Hit, Point } from './pick.ts';
import { depthNoise } from './points.ts';

/** One end of a measured length. On something that moves it sticks to a track; without one it holds at its frame only. */
export interface Anchor {
  readonly frame: number;
  /** Scene world, at that frame. */
  readonly point: Point;
  readonly track: number | null;
  readonly moving: boolean;
  /** Spread of the depth around it, scene units; NaN if it cannot be told. */
  readonly noise: number;
}

export interface Measure {
  readonly id: number;
  readonly name: string;
  readonly from: Anchor;
  readonly to: Anchor;
}

/** px of the picture in which a track counts as being at a pixel. */
const TRACK_REACH = 6;

export function anchorAt(scene: Scene, hit: Hit): Anchor {
  const { width: W, height: H, mask, tracks, frameCount: T } = scene;
  const moving = mask[(hit.frame * H + hit.y) * W + hit.x] === 1;
  let track: number | null = null;
  let nearest = TRACK_REACH;
  for (let n = 0; moving && n < tracks.count; n++) {
    const k = n * T + hit.frame;
    if (!tracks.visible[k] || !tracks.xyz || Number.isNaN(tracks.xyz[k * 3])) continue;
    const away = Math.hypot(tracks.uv[k * 2] - hit.x - 0.5, tracks.uv[k * 2 + 1] - hit.y - 0.5);
    if (away < nearest) [track, nearest] = [n, away];
  }
  return { frame: hit.frame, point: hit.point, track, moving, noise: depthNoise(scene, hit.frame, hit.x, hit.y) };
}

/** Where an anchor is at a frame; null if that cannot be told. A track carries the point along, offset kept. */
export function placeOf({ tracks: { xyz }, frameCount: T }: Scene, { frame, point, track, moving }: Anchor, at: number): Point | null {
  if (!moving || at === frame) return point;
  if (track === null || !xyz) return null;
  const [k, k0] = [(track * T + at) * 3, (track * T + frame) * 3];
  if (Number.isNaN(xyz[k])) return null;
  return [point[0] + xyz[k] - xyz[k0], point[1] + xyz[k + 1] - xyz[k0 + 1], point[2] + xyz[k + 2] - xyz[k0 + 2]];
}

/** Scene units; NaN at frames where an end is unknown. */
export function lengthAt(scene: Scene, { from, to }: Measure, frame: number): number {
  const [a, b] = [placeOf(scene, from, frame), placeOf(scene, to, frame)];
  return a && b ? distance(a, b) : NaN;
}

/** One standard deviation of the length, scene units: both ends' noise, as if it lay along the segment. */
export function lengthNoise({ from, to }: Measure): number {
  return Math.hypot(from.noise || 0, to.noise || 0);
}

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Metres per scene unit so that the known lengths fit best (least squares), and the relative spread of their single answers. */
export function scaleFrom(known: readonly { readonly units: number; readonly metres: number }[]): { metresPerUnit: number; spread: number } {
  const metresPerUnit = known.reduce((sum, k) => sum + k.units * k.metres, 0) / known.reduce((sum, k) => sum + k.units * k.units, 0);
  const off = known.map((k) => k.metres / k.units / metresPerUnit - 1);
  return { metresPerUnit, spread: Math.sqrt(off.reduce((sum, o) => sum + o * o, 0) / off.length) };
}

/** Unit normal of the plane through three points, on the side of `up`; null if they lie on a line. */
export function planeNormal(a: Point, b: Point, c: Point, up: Point): Point | null {
  const [u, v] = [[b[0] - a[0], b[1] - a[1], b[2] - a[2]], [c[0] - a[0], c[1] - a[1], c[2] - a[2]]];
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const size = Math.hypot(...n);
  if (size < 1e-3 * Math.hypot(...u) * Math.hypot(...v)) return null;
  const sign = n[0] * up[0] + n[1] * up[1] + n[2] * up[2] < 0 ? -1 : 1;
  return [(sign * n[0]) / size, (sign * n[1]) / size, (sign * n[2]) / size];
}
