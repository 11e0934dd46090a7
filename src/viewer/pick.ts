// What lies under the pointer: plain maths on projected points, so it is the same in 3D and in the video.

import type { Scene } from '../scene/scene.ts';

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export type Point = readonly [number, number, number];

/** Distance from p to the segment a–b, px. */
export function distanceToSegment(p: Spot, a: Spot, b: Spot): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length > 0 ? Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length)) : 0;
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

export interface Line {
  readonly id: number;
  /** Gaps are null: they end the line. */
  readonly spots: readonly (Spot | null)[];
}

/** The line that passes nearest to p within `reach` px, or null. */
export function nearestLine(p: Spot, lines: Iterable<Line>, reach: number): number | null {
  let best: number | null = null;
  let bestDistance = reach;
  for (const { id, spots } of lines) {
    for (let k = 0; k < spots.length; k++) {
      const spot = spots[k];
      if (!spot) continue;
      const distance = distanceToSegment(p, spots[k - 1] ?? spot, spot);
      if (distance < bestDistance) [best, bestDistance] = [id, distance];
    }
  }
  return best;
}

/** How a view shows the scene's world. */
export interface Projection {
  /** projection · view · world, column-major as three and WebGL have it. */
  readonly matrix: ArrayLike<number>;
  /** px of the view. */
  readonly width: number;
  readonly height: number;
}

/** Scene world → px of a view and the distance along it; null behind the eye. */
export function project({ matrix: m, width, height }: Projection, x: number, y: number, z: number): (Spot & { readonly depth: number }) | null {
  const w = m[3] * x + m[7] * y + m[11] * z + m[15];
  if (w <= 0) return null;
  const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
  const v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
  return { x: ((u + 1) / 2) * width, y: ((1 - v) / 2) * height, depth: w };
}

/** `k` = track · T + frame. Null where the point is unknown or out of sight. */
export function spotOfTrack({ tracks: { xyz } }: Scene, k: number, view: Projection): Spot | null {
  return xyz && !Number.isNaN(xyz[k * 3]) ? project(view, xyz[k * 3], xyz[k * 3 + 1], xyz[k * 3 + 2]) : null;
}

/** Tracks that are seen at a frame within a closed line of a view; `spotOf` tells where, k = track · T + frame. */
export function tracksWithin({ tracks: { count, visible, frameCount: T } }: Scene, frame: number, outline: readonly Spot[], spotOf: (k: number) => Spot | null): number[] {
  return Array.from({ length: count }, (_, track) => track).filter((track) => {
    const k = track * T + frame;
    const spot = visible[k] ? spotOf(k) : null;
    return spot !== null && isWithin(spot, outline);
  });
}

/** The four corners of an upright box between two spots. */
export const boxBetween = (a: Spot, b: Spot): Spot[] => [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];

/** The trails as they are on show: the last frames of each, and selected ones in full. */
export function* trailLines(scene: Scene, shown: readonly number[], selected: readonly number[], frame: number, length: number, view: Projection): Generator<Line> {
  const T = scene.frameCount;
  for (const id of new Set([...selected, ...shown])) {
    const [from, to] = selected.includes(id) ? [0, T - 1] : [Math.max(0, frame - length), frame];
    yield { id, spots: Array.from({ length: to - from + 1 }, (_, i) => spotOfTrack(scene, id * T + from + i, view)) };
  }
}

/** Even–odd rule. */
export function isWithin({ x, y }: Spot, outline: readonly Spot[]): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [a, b] = [outline[i], outline[j]];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}
