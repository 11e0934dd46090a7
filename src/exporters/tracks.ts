// Tracks as lines for files: which ones, cut where a point is not known.

import type { Scene } from '../scene/scene.ts';
import { moves } from '../scene/tracks.ts';
import { placePoints, type Placement } from './axes.ts';

/** More trails than this are a thicket, and heavy for text formats. */
export const MOST_TRACKS = 300;

export interface Trail {
  readonly track: number;
  /** Frame of each point. */
  readonly frames: readonly number[];
  /** f32 [n·3] in the file's world. */
  readonly xyz: Float32Array<ArrayBuffer>;
  /** sRGB 0…1. */
  readonly colour: readonly [number, number, number];
}

/** Okabe and Ito's colours, which colour-blind people tell apart. */
const COLOURS: readonly (readonly [number, number, number])[] = [
  [0.902, 0.624, 0], [0.337, 0.706, 0.914], [0, 0.62, 0.451], [0.941, 0.894, 0.259], [0, 0.447, 0.698], [0.835, 0.369, 0], [0.8, 0.475, 0.655],
];

/** Moving tracks, spread evenly; one trail per unbroken run of known points. */
export function movingTrails(scene: Scene, place: Placement, most = MOST_TRACKS): Trail[] {
  const { tracks, frameCount: T } = scene;
  if (!tracks.xyz) return [];
  const moving = Array.from({ length: tracks.count }, (_, k) => k).filter((k) => moves(tracks.mobility[k]));
  const chosen = moving.length <= most ? moving : Array.from({ length: most }, (_, i) => moving[Math.floor((i * moving.length) / most)]);
  const trails: Trail[] = [];
  chosen.forEach((track, n) => {
    const xyz = placePoints(place, tracks.xyz!.subarray(3 * track * T, 3 * (track + 1) * T));
    let start = 0;
    for (let t = 0; t <= T; t++) {
      if (t < T && Number.isFinite(xyz[3 * t])) continue;
      if (t - start >= 2) trails.push({ track, frames: Array.from({ length: t - start }, (_, i) => start + i), xyz: xyz.slice(3 * start, 3 * t), colour: COLOURS[n % COLOURS.length] });
      start = t + 1;
    }
  });
  return trails;
}
