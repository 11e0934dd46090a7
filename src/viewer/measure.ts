// Lengths between points that stay on what they were set on, and what follows from a length that somebody knows.

import type { Scene } from '../scene/scene.ts';
import type { Hit } from './hits.ts';
import type { Point } from './pick.ts';
import { depthNoise } from './points.ts';

/** One end of a measured length. On something that moves it sticks to a track; without one it holds at its frame only. */
export interface Anchor {
  readonly frame: number;
  /** Scene world, at that frame. */
  readonly point: Point;
  /** Where it is marked: on the surface as it is drawn. Measures from older visits have none. */
  readonly drawn?: Point;
  readonly track: number | null;
  readonly moving: boolean;
  /** Spread of the depth around it, scene units; NaN if it cannot be told. */
  readonly noise: number;
}

/** length: between two points; path: along several; angle: at the middle one of three; height: of one above the floor. */
export type MeasureKind = 'length' | 'path' | 'angle' | 'height';

export interface Measure {
  readonly id: number;
  readonly name: string;
  readonly kind: MeasureKind;
  readonly points: readonly Anchor[];
  readonly hidden: boolean;
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
  return { frame: hit.frame, point: hit.point, drawn: hit.drawn, track, moving, noise: depthNoise(scene, hit.frame, hit.x, hit.y) };
}

/** Where an anchor is at a frame; null if that cannot be told. A track carries the point along, offset kept. */
export function placeOf({ tracks: { xyz }, frameCount: T }: Scene, { frame, point, track, moving }: Anchor, at: number): Point | null {
  if (!moving || at === frame) return point;
  if (track === null || !xyz) return null;
  const [k, k0] = [(track * T + at) * 3, (track * T + frame) * 3];
  if (Number.isNaN(xyz[k])) return null;
  return [point[0] + xyz[k] - xyz[k0], point[1] + xyz[k + 1] - xyz[k0 + 1], point[2] + xyz[k + 2] - xyz[k0 + 2]];
}

/** Where it is marked at a frame; null if that cannot be told. */
export const markOf = (scene: Scene, anchor: Anchor, at: number): Point | null => placeOf(scene, { ...anchor, point: anchor.drawn ?? anchor.point }, at);

/** Scene units, or degrees for an angle; NaN at frames where a point is unknown. `heightOf` gives the height above the floor, scene units. */
export function valueAt(scene: Scene, { kind, points }: Measure, frame: number, heightOf: (point: Point) => number): number {
  const places = points.map((anchor) => placeOf(scene, anchor, frame));
  if (!places.every((place) => place !== null)) return NaN;
  if (kind === 'height') return heightOf(places[0]);
  if (kind === 'angle') return angleAt(places[0], places[1], places[2]);
  return places.slice(1).reduce((sum, place, k) => sum + distance(places[k], place), 0);
}

/** One standard deviation of the value at the frames its points were set on, as if all noise lay along it; scene units or degrees. */
export function noiseOf({ kind, points }: Measure): number {
  const noise = points.map((anchor) => anchor.noise || 0);
  if (kind !== 'angle') return Math.hypot(...noise.flatMap((n, k) => (k > 0 && k < noise.length - 1 ? [n, n] : [n])));
  const arm = (k: number) => Math.hypot(noise[k], noise[1]) / Math.max(1e-9, distance(points[k].point, points[1].point));
  return (Math.hypot(arm(0), arm(2)) * 180) / Math.PI;
}

/** Degrees between the arms from `at` to `a` and to `b`. */
export function angleAt(a: Point, at: Point, b: Point): number {
  const [u, v] = [[a[0] - at[0], a[1] - at[1], a[2] - at[2]], [b[0] - at[0], b[1] - at[1], b[2] - at[2]]];
  const cosine = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) / (Math.hypot(...u) * Math.hypot(...v));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
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
