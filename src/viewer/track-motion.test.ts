import { expect, it } from 'vitest';
import { slopeAt } from '../maths/slope.ts';
import { makeScene } from './test-scene.ts';
import { chooseTrails, readTrack } from './track-motion.ts';

const scene = makeScene({ frames: 6 });

it('reads speed in units per second, path and distance', () => {
  const motion = readTrack(scene, 0);
  expect([...motion.speed].map((v) => +v.toFixed(6))).toEqual([10, 10, 10, 10, 10, 10]);
  expect([...motion.path]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...motion.distance]).toEqual([0, 1, 2, 3, 4, 5]);
});

it('leaves unknown frames unknown', () => {
  const motion = readTrack(scene, 1);
  // Frame 0 has no known neighbour within its window.
  expect([...motion.speed].map(Number.isNaN)).toEqual([true, true, false, false, false, false]);
  expect(motion.path[1]).toBeNaN();
  expect(motion.path[2]).toBe(0);
});

it('gives the exact slope of a parabola inside', () => {
  const times = Float64Array.from({ length: 7 }, (_, i) => i / 4);
  expect(slopeAt(times.map((t) => t * t), times, 3)).toBeCloseTo(1.5);
});

it('shows moving tracks first and spreads when there are too many', () => {
  expect(chooseTrails(scene, false)).toEqual([0]);
  expect(chooseTrails(scene, true)).toEqual([0, 1]);
  expect(chooseTrails({ ...scene, tracks: { ...scene.tracks, count: 1000, mobility: new Float32Array(1000).fill(1) } }, false).length).toBe(300);
});
