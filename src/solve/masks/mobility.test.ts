import { describe, expect, it } from 'vitest';
import type { TrackSet } from '../../scene/tracks.ts';
import { mobilityMap } from './mobility.ts';

const size = { width: 100, height: 60 };
const UNKNOWN = 0.6;

/** Tracks that rest at (x, y) through two frames; the last is hidden in the second. */
function tracksAt(points: readonly [x: number, y: number, mobility: number][]): TrackSet {
  const count = points.length;
  return {
    count, frameCount: 2, xyz: null,
    uv: Float32Array.from(points.flatMap(([x, y]) => [x, y, x, y])),
    visible: Uint8Array.from(points.flatMap((_, n) => [1, n === count - 1 ? 0 : 1])),
    confidence: new Float32Array(2 * count).fill(1),
    mobility: Float32Array.from(points, ([, , m]) => m),
  };
}

describe('mobility over the picture', () => {
  const tracks = tracksAt([[20, 30, 0.1], [26, 30, 0.9], [80, 30, 1]]);
  const at = (map: Float32Array, x: number, y: number) => map[y * size.width + x]!;

  it('is that of a track beside it, between two it is between theirs, and far from all it is unknown', () => {
    const map = mobilityMap(tracks, 0, size, UNKNOWN);
    expect(at(map, 17, 30)).toBeCloseTo(0.1, 1);
    expect(at(map, 79, 29)).toBeCloseTo(1, 5);
    expect(at(map, 22, 30)).toBeGreaterThan(0.3);
    expect(at(map, 22, 30)).toBeLessThan(0.7);
    expect(at(map, 50, 5)).toBeCloseTo(UNKNOWN, 5);
  });

  it('hears visible tracks only', () => {
    const map = mobilityMap(tracks, 1, size, UNKNOWN);
    expect(at(map, 79, 29)).toBeCloseTo(UNKNOWN, 5);
    expect(at(map, 17, 30)).toBeCloseTo(0.1, 1);
  });
});
