// What lies under the pointer: plain maths on projected points, so it is the same in 3D and in the video.

export interface Spot {
  readonly x: number;
  readonly y: number;
}

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

/** World point → px of a view; null behind the eye. `m` is projection · view, column-major as three and WebGL have it. */
export function project(m: ArrayLike<number>, x: number, y: number, z: number, width: number, height: number): Spot | null {
  const w = m[3] * x + m[7] * y + m[11] * z + m[15];
  if (w <= 0) return null;
  const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
  const v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
  return { x: ((u + 1) / 2) * width, y: ((1 - v) / 2) * height };
}
