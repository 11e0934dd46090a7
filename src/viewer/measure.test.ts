import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countShown, levelAt, smoothConfidence, spreadConfidence } from './confidence.ts';
import { anchorAt, noiseOf, planeNormal, placeOf, scaleFrom, valueAt, type Measure } from './measure.ts';
import { moveView, viewAlongKeys } from './moves.ts';
import { appendTrack } from './new-track.ts';
import { depthNoise, pointOfPixel, projectInto, unproject } from './points.ts';
import { makeScene } from './test-scene.ts';

describe('points', () => {
  const scene = makeScene({ frames: 3 });

  it('unprojects and projects back to the same place', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 64, noNaN: true }), fc.double({ min: 0, max: 48, noNaN: true }), fc.double({ min: 0.1, max: 50, noNaN: true }), (u, v, z) => {
      const spot = projectInto(scene.cameras[2], unproject(scene.cameras[2], u, v, z))!;
      expect(spot.x).toBeCloseTo(u, 6);
      expect(spot.y).toBeCloseTo(v, 6);
      expect(spot.depth).toBeCloseTo(z, 6);
    }));
  });

  it('has no point outside the picture or without depth, and none behind the camera', () => {
    expect(pointOfPixel(scene, 0, -1, 5)).toBeNull();
    expect(pointOfPixel(scene, 0, 5, 48)).toBeNull();
    expect(projectInto(scene.cameras[0], [0, 0, -1])).toBeNull();
  });

  it('finds no noise on a plane, and the noise that is there', () => {
    expect(depthNoise(scene, 0, 30, 40)).toBeLessThan(1e-5);
    const noisy = makeScene({ frames: 1, tiltDeg: 0 });
    noisy.depth.fill(2);
    for (let i = 0; i < noisy.depth.length; i++) noisy.depth[i] += i % 2 === Math.floor(i / 64) % 2 ? 0.02 : -0.02;
    expect(depthNoise(noisy, 0, 30, 20)).toBeGreaterThan(0.015);
    expect(depthNoise(noisy, 0, 30, 20)).toBeLessThan(0.03);
  });
});

it('is no surer of a depth than the frames agree on it', () => {
  const scene = makeScene({ frames: 3, tiltDeg: 0 });
  const size = 64 * 48;
  expect(depthNoise(scene, 0, 30, 10)).toBeLessThan(1e-4);
  // The other frames see the wall two per cent further away.
  for (let i = size; i < 3 * size; i++) scene.depth[i] *= 1.02;
  expect(depthNoise(scene, 0, 30, 10) / scene.depth[10 * 64 + 30]).toBeCloseTo(1.4826 * 0.02, 2);
});

describe('measures', () => {
  const scene = makeScene({ frames: 3 });
  scene.mask[24 * 64 + 32] = 1;
  // Track 0 passes the middle of the first frame.
  scene.tracks.uv.set([32.5, 24.5], 0);
  const point = pointOfPixel(scene, 0, 32, 24)!;
  const onMover = anchorAt(scene, { frame: 0, x: 32, y: 24, point, drawn: point });
  const onWall = anchorAt(scene, { frame: 0, x: 10, y: 5, point: pointOfPixel(scene, 0, 10, 5)!, drawn: pointOfPixel(scene, 0, 10, 5)! });

  it('stick to the track of what moves, and to the place of what stands', () => {
    expect(onMover.track).toBe(0);
    expect(placeOf(scene, onMover, 2)).toEqual([point[0] + 2, point[1], point[2]]);
    expect(placeOf(scene, onWall, 2)).toEqual(onWall.point);
    const measure: Measure = { id: 1, name: '', kind: 'length', points: [onMover, onWall], hidden: false };
    expect(valueAt(scene, measure, 2, () => 0)).toBeGreaterThan(valueAt(scene, measure, 0, () => 0));
  });

  it('add up along a path, open at a corner, and stand above the floor', () => {
    const at = (x: number, y: number, z: number, noise = 0) => ({ ...onWall, point: [x, y, z] as const, noise });
    const made = (kind: Measure['kind'], ...points: Measure['points']): Measure => ({ id: 1, name: '', kind, points, hidden: false });
    const value = (measure: Measure) => valueAt(scene, measure, 0, ([, y]) => -y);
    expect(value(made('path', at(0, 0, 0), at(3, 4, 0), at(3, 4, 2)))).toBeCloseTo(7);
    expect(value(made('angle', at(1, 0, 0), at(0, 0, 0), at(0, 0, 5)))).toBeCloseTo(90);
    expect(value(made('height', at(0, -1.5, 0)))).toBeCloseTo(1.5);
    expect(noiseOf(made('length', at(0, 0, 0, 0.3), at(1, 0, 0, 0.4)))).toBeCloseTo(0.5);
    // A tenth of the arm's length is some six degrees.
    expect(noiseOf(made('angle', at(1, 0, 0, 0.1), at(0, 0, 0), at(0, 0, 5)))).toBeCloseTo(5.73, 1);
  });

  it('without a track, on something that moves, hold at their own frame only', () => {
    const lone = { ...onMover, track: null };
    expect(placeOf(scene, lone, 0)).toEqual(point);
    expect(placeOf(scene, lone, 1)).toBeNull();
  });

  it('give the scale that fits all known lengths, and how far they disagree', () => {
    expect(scaleFrom([{ units: 2, metres: 3 }])).toEqual({ metresPerUnit: 1.5, spread: 0 });
    const { metresPerUnit, spread } = scaleFrom([{ units: 1, metres: 1 }, { units: 1, metres: 1.2 }]);
    expect(metresPerUnit).toBeCloseTo(1.1);
    expect(spread).toBeCloseTo(0.1 / 1.1);
  });

  it('level the floor by three points that are not in line', () => {
    expect(planeNormal([0, 1, 0], [1, 1, 0], [0, 1, 1], [0, -1, 0])).toEqual([0, -1, 0]);
    expect(planeNormal([0, 0, 0], [1, 1, 1], [2, 2, 2], [0, -1, 0])).toBeNull();
  });
});

it('leaves out the share of pixels it was asked to, separately for what moves', () => {
  const scene = makeScene({ frames: 1 });
  for (let i = 0; i < scene.confidence.length; i++) scene.confidence[i] = 2 * (i % 100);
  scene.mask.fill(1, 0, 100);
  const { still, moving } = spreadConfidence(scene);
  expect(moving.reduce((a, b) => a + b, 0)).toBe(100);
  expect(levelAt(moving, 30)).toBe(60);
  expect(countShown(moving, 30)).toEqual({ shown: 70, total: 100 });
  expect(countShown(still, 0).shown).toBe(countShown(still, 0).total);
  // All alike: none is the least certain.
  expect(countShown(new Float64Array(256).fill(50, 254, 255), 95)).toEqual({ shown: 50, total: 50 });
});

it('smooths confidence within each frame, and leaves what is even as it is', () => {
  const scene = makeScene({ frames: 2 });
  expect(new Set(smoothConfidence(scene))).toEqual(new Set([255]));
  const spotted = makeScene({ frames: 2 });
  spotted.confidence.fill(100, 0, 64 * 48).fill(0, 64 * 48);
  spotted.confidence[20 * 64 + 30] = 10;
  const smooth = smoothConfidence(spotted);
  // One of nine pixels is less certain.
  expect([smooth[20 * 64 + 30], smooth[21 * 64 + 31], smooth[22 * 64 + 30]]).toEqual([90, 90, 100]);
  expect(Math.max(...smooth.subarray(64 * 48))).toBe(0);
});

it('moves the view: around and back, closer and never through', () => {
  const view = { eye: [0, 1, 4], target: [0, 0, 0] } as const;
  for (const share of [0, 1]) moveView(view, 'turntable', share).eye.forEach((v, k) => expect(v).toBeCloseTo(view.eye[k], 9));
  expect(moveView(view, 'turntable', 0.25).eye[0]).toBeCloseTo(4, 9);
  expect(moveView(view, 'push-in', 1).eye[2]).toBeCloseTo(2.2, 9);
  expect(moveView(view, 'as-is', 0.5)).toEqual(view);
});

it('moves along keys: through each at its time, straight or in curves, at rest before and after', () => {
  const times = Float64Array.from([0, 1, 2, 3, 4]);
  const key = (frame: number, x: number, fov = 50) => ({ frame, view: { eye: [x, 0, 5], target: [x, 0, 0] } as const, fov });
  const keys = [key(0, 0), key(2, 4, 30), key(4, 0)];
  const x = (secs: number, straight: boolean) => viewAlongKeys(keys, times, secs, straight).view.eye[0];
  for (const straight of [true, false]) expect([-1, 0, 2, 4, 9].map((t) => x(t, straight))).toEqual([0, 0, 4, 0, 0]);
  expect(x(1, true)).toBe(2);
  expect(viewAlongKeys(keys, times, 1, true).fov).toBe(40);
  // A curve starts slowly.
  expect(x(0.2, false)).toBeLessThan(0.5 * x(0.2, true));
  expect(viewAlongKeys([key(1, 3)], times, 4, false).view.eye[0]).toBe(3);
});

it('lays a new track on the surface, where it is seen', () => {
  const scene = makeScene({ frames: 3 });
  const found = { count: 1, frameCount: 3, uv: Float32Array.from([32.5, 40.5, 33.5, 40.5, 90, 40.5]), visible: Uint8Array.from([1, 1, 1]), confidence: new Float32Array(3).fill(1), mobility: Float32Array.of(0.4), xyz: null };
  const { tracks } = appendTrack(scene, found);
  expect(tracks.count).toBe(3);
  expect([...tracks.xyz!.slice(18, 21)]).toEqual([...Float32Array.from(pointOfPixel(scene, 0, 32, 40)!)]);
  // It left the picture.
  expect(tracks.xyz![24]).toBeNaN();
  expect(tracks.mobility[2]).toBeCloseTo(0.1);
});
