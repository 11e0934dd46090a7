// Measures of point tracks, in 2D as TAP-Vid has them and in 3D.

import { moves } from '../scene/tracks.ts';
import { applySim3, mean, median, type Sim3 } from './metrics.ts';

export interface TrackScores {
  /** Mean share of visible points within 1, 2, 4, 8, 16 px of a 256×256 picture. */
  readonly deltaAvg: number;
  /** Average Jaccard. */
  readonly averageJaccard: number;
  /** Share of frames whose visibility is right. */
  readonly occlusionAccuracy: number;
  readonly medianPx: number;
}

export interface TrackComparison {
  readonly count: number;
  readonly frameCount: number;
  readonly width: number;
  readonly height: number;
  /** [N·T·2] px. */
  readonly uv: ArrayLike<number>;
  readonly truthUv: ArrayLike<number>;
  /** [N·T]. */
  readonly visible: ArrayLike<number>;
  readonly truthVisible: ArrayLike<number>;
  /** [N·T], 1 = this frame counts (labelled, not the query). */
  readonly judged: ArrayLike<number>;
}

export function scoreTracks(c: TrackComparison): TrackScores {
  const places = c.count * c.frameCount;
  const errors = new Float64Array(places);
  let judged = 0;
  let right = 0;
  const seen: number[] = [];
  for (let i = 0; i < places; i++) {
    errors[i] = Math.hypot(((c.uv[2 * i]! - c.truthUv[2 * i]!) * 256) / c.width, ((c.uv[2 * i + 1]! - c.truthUv[2 * i + 1]!) * 256) / c.height);
    if (!c.judged[i]) continue;
    judged++;
    if (!!c.visible[i] === !!c.truthVisible[i]) right++;
    if (c.truthVisible[i]) seen.push(errors[i]!);
  }
  const deltas: number[] = [];
  const jaccards: number[] = [];
  for (const limit of [1, 2, 4, 8, 16]) {
    let hits = 0;
    let truths = 0;
    let falses = 0;
    for (let i = 0; i < places; i++) {
      if (!c.judged[i]) continue;
      const close = errors[i]! < limit;
      if (c.truthVisible[i]) truths++;
      if (c.visible[i] && c.truthVisible[i] && close) hits++;
      else if (c.visible[i]) falses++;
    }
    deltas.push(seen.filter((e) => e < limit).length / seen.length);
    jaccards.push(hits / (truths + falses));
  }
  return { deltaAvg: mean(deltas), averageJaccard: mean(jaccards), occlusionAccuracy: right / judged, medianPx: median(seen) };
}

/** Share of tracks whose mobility falls on the right side of one half. */
export function scoreMobility(mobility: ArrayLike<number>, moving: ArrayLike<number>): number {
  let right = 0;
  for (let n = 0; n < mobility.length; n++) if (moves(mobility[n]!) === !!moving[n]) right++;
  return right / mobility.length;
}

/**
 * Share of visible 3D points that lie within 10 % of their distance to the camera after the alignment of the cameras.
 * @param xyz [M·3] estimated; NaN counts as missed. @param truth [M·3]. @param distances [M] true distance to the camera.
 */
export function scorePoints3d(xyz: ArrayLike<number>, truth: ArrayLike<number>, distances: ArrayLike<number>, alignment: Sim3): number {
  const aligned = applySim3(alignment, xyz);
  let close = 0;
  for (let i = 0; i < distances.length; i++) {
    const o = 3 * i;
    if (Math.hypot(aligned[o]! - truth[o]!, aligned[o + 1]! - truth[o + 1]!, aligned[o + 2]! - truth[o + 2]!) < 0.1 * distances[i]!) close++;
  }
  return close / distances.length;
}
