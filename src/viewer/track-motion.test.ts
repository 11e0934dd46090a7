import { expect, it } from 'vitest';
import { slopeAt } from '../maths/slope.ts';
import { makeScene } from './test-scene.ts';
import { angleBetween, chooseTrails, readTrack, seenFromCamera, seenFromTrack } from './track-motion.ts';

const scene = makeScene({ frames: 6 });

it('reads speed in units per second, path and distance', () => {
  const motion = readTrack(scene, 0);
  expect([...motion.speed].map((v) => +v.toFixed(6))).toEqual([10, 10, 10, 10, 10, 10]);
  expect([...motion.path]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...motion.distance]).toEqual([0, 1, 2, 3, 4, 5]);
});

it('reads the same track relative to the camera and to another track', () => {
  // The cameras go right by 0.2 a frame, the track by 1.
  expect(readTrack(scene, 0, 1, seenFromCamera(scene)).x[5]).toBeCloseTo(4, 5);
  expect(readTrack(scene, 0, 1, seenFromCamera(scene)).speed[2]).toBeCloseTo(8, 4);
  const apart = readTrack(scene, 0, 1, seenFromTrack(scene, 1));
  expect(apart.x[3]).toBe(3);
  expect(apart.x[1]).toBeNaN();
  expect(readTrack(scene, 0, 1, seenFromTrack(scene, 0)).path[5]).toBe(0);
});

it('opens an angle between three tracks', () => {
  const xyz = Float32Array.from([[1, 0, 0], [0, 0, 0], [0, 2, 0]].flat());
  expect([...angleBetween({ ...makeScene({ frames: 1 }), frameCount: 1, tracks: { ...scene.tracks, count: 3, frameCount: 1, xyz } }, [0, 1, 2])]).toEqual([90]);
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
  const moving = { all: false, minFrames: 2, minConfidence: 0, within: null };
  const every = { ...moving, all: true };
  expect(chooseTrails(scene, moving)).toEqual([0]);
  expect(chooseTrails(scene, every)).toEqual([0, 1]);
  expect(chooseTrails(scene, { ...every, within: [1] })).toEqual([1]);
  expect(chooseTrails(scene, { ...moving, within: [1] })).toEqual([]);
  expect(chooseTrails({ ...scene, tracks: { ...scene.tracks, confidence: scene.tracks.confidence.map((c, k) => (k < 6 ? 0.4 : c)) } }, { ...every, minConfidence: 0.5 })).toEqual([1]);
  expect(chooseTrails({ ...scene, tracks: { ...scene.tracks, count: 1000, mobility: new Float32Array(1000).fill(1) } }, moving).length).toBe(300);
});
