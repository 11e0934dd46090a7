// What the selected tracks can be plotted by, over time.

import type { Scene } from '../../scene/scene.ts';
import { readTrack, type Seen, type TrackMotion } from '../../viewer/track-motion.ts';
import type { Viewer } from '../../viewer/viewer.ts';
import { unitOf } from '../format.ts';
import type { Curve } from './plots.ts';

export type Quantity = 'x' | 'y' | 'z' | 'speed' | 'acceleration' | 'path' | 'distance' | 'height';
export const QUANTITIES: readonly (readonly [Quantity, string, '' | '/s' | '/s²'])[] = [
  ['x', 'x', ''], ['y', 'y', ''], ['z', 'z', ''], ['speed', 'speed', '/s'], ['acceleration', 'acceleration', '/s²'], ['height', 'height above the floor', ''], ['path', 'path length', ''], ['distance', 'distance from start', ''],
];

/** Scene units; the height above the floor too. */
export interface Read extends TrackMotion { readonly height: Float64Array }

/** `reach`: frames to each side that speeds are smoothed over; `seen`: what places are told relative to. */
export function readTracks(viewer: Viewer, scene: Scene, tracks: readonly number[], reach?: number, seen?: Seen): Read[] {
  return tracks.map((track) => {
    const standing = readTrack(scene, track, reach);
    return { ...(seen ? readTrack(scene, track, reach, seen) : standing), height: standing.x.map((x, t) => viewer.heightOf(x, standing.y[t], standing.z[t])) };
  });
}

/** `raw`: the same tracks read without smoothing. */
export function curveOf(scene: Scene, reads: readonly Read[], [id, label, per]: typeof QUANTITIES[number], raw?: readonly Read[]): Curve {
  const { name, factor } = unitOf(scene);
  const rowsOf = (all: readonly Read[]) => all.map((read) => read[id].map((v) => v * factor));
  // Only what is a slope is smoothed at all.
  return { id, label, unit: `${name}${per}`, rows: rowsOf(reads), raw: raw && per ? rowsOf(raw) : undefined };
}
