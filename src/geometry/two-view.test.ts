import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../scene/rng.ts';
import { epipoleOf, FUNDAMENTAL, fitFundamental, sampsonPx } from './fundamental.ts';
import { fitHomography, HOMOGRAPHY, transferPx } from './homography.ts';
import { allIndices } from './matches.ts';
import { decomposeHomography, nearestRotation, secondCamToFirst, toRays, triangulateDepths } from './relative-pose.ts';
import { fitLmeds, fitRansac } from './robust-fit.ts';
import { chooseTwoViewModel, estimateTwoViewPose } from './two-view.ts';

const K = { fx: 320, fy: 320, cx: 192, cy: 108 };

/** Rotation about x, y, z by small angles, made exact. */
function turn(x: number, y: number, z: number): Float64Array {
  return nearestRotation(Float64Array.of(1, -z, y, z, 1, -x, -y, x, 1));
}

interface Planted {
  matches: Float64Array;
  depths: Float64Array;
}

/** Points in front of the first camera seen by the second (x₂ = R x₁ + t), with noise and gross outliers. */
function plant(rng: Rng, n: number, rotation: Float64Array, t: readonly number[], options: { noise?: number; outliers?: number; plane?: boolean } = {}): Planted {
  const { noise = 0, outliers = 0, plane = false } = options;
  const matches = new Float64Array(n * 4);
  const depths = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const u = 10 + 364 * rng.next();
    const v = 10 + 196 * rng.next();
    const rx = (u - K.cx) / K.fx;
    const ry = (v - K.cy) / K.fy;
    const z = plane ? 4 / (1 + 0.3 * rx + 0.5 * ry) : 2 + 6 * rng.next();
    const p = [rx * z, ry * z, z];
    const q = [0, 1, 2].map((r) => rotation[r * 3]! * p[0]! + rotation[r * 3 + 1]! * p[1]! + rotation[r * 3 + 2]! * p[2]! + t[r]!);
    depths[i] = z;
    matches.set([u, v, K.cx + (K.fx * q[0]!) / q[2]!, K.cy + (K.fy * q[1]!) / q[2]!], i * 4);
    for (let k = 0; k < 4; k++) matches[i * 4 + k]! += noise * rng.normal();
    if (i < outliers * n) {
      matches[i * 4 + 2]! += 40 * (rng.next() - 0.5);
      matches[i * 4 + 3]! += 40 * (rng.next() - 0.5);
    }
  }
  return { matches, depths };
}

const angleBetween = (a: Float64Array, b: Float64Array) => {
  let trace = 0;
  for (let i = 0; i < 9; i++) trace += a[i]! * b[i]!;
  return Math.acos(Math.min(1, (trace - 1) / 2));
};

describe('fundamental matrix', () => {
  it('explains exact matches exactly', () => {
    const { matches } = plant(createRng(1), 40, turn(0.02, -0.05, 0.01), [0.5, 0.1, 0.1]);
    const f = fitFundamental(matches, allIndices(40))!;
    for (let i = 0; i < 40; i++) expect(FUNDAMENTAL.residualPx(f, matches, i)).toBeLessThan(1e-5);
  });

  it('gives the Sampson distance in pixels', () => {
    // Sideways motion: matches share their row, and F says so.
    const f = Float64Array.of(0, 0, 0, 0, 0, -1, 0, 1, 0);
    expect(sampsonPx(f, 10, 20, 14, 20)).toBeCloseTo(0, 9);
    // 2 px off the row: each view is moved by 1 px, which is √2 in all.
    expect(sampsonPx(f, 10, 20, 14, 22)).toBeCloseTo(Math.SQRT2, 9);
  });

  it('finds the epipole of a forward motion', () => {
    const { matches } = plant(createRng(2), 60, turn(0, 0, 0), [0, 0, -0.5]);
    const e = epipoleOf(fitFundamental(matches, allIndices(60))!)!;
    expect(e.x).toBeCloseTo(K.cx, 2);
    expect(e.y).toBeCloseTo(K.cy, 2);
  });

  for (const [name, fit] of [['LMedS', fitLmeds], ['RANSAC', (m: typeof FUNDAMENTAL, x: Float64Array, r: Rng) => fitRansac(m, x, r, { thresholdPx: 0.8 })]] as const) {
    it(`survives 40 % outliers with ${name}`, () => {
      const { matches } = plant(createRng(3), 300, turn(0.02, -0.05, 0.01), [0.5, 0.1, 0.1], { noise: 0.2, outliers: 0.4 });
      const found = fit(FUNDAMENTAL, matches, createRng(4))!;
      let kept = 0;
      for (let i = 120; i < 300; i++) kept += found.inliers[i]!;
      expect(kept).toBeGreaterThan(165);
      expect(found.scalePx).toBeLessThan(0.4);
    });
  }
});

describe('homography', () => {
  it('survives 40 % outliers', () => {
    const { matches } = plant(createRng(5), 200, turn(0.1, 0.05, -0.02), [0, 0, 0], { noise: 0.2, outliers: 0.4 });
    const found = fitLmeds(HOMOGRAPHY, matches, createRng(6))!;
    let worst = 0;
    const clean = plant(createRng(5), 200, turn(0.1, 0.05, -0.02), [0, 0, 0]).matches;
    for (let i = 0; i < 200; i++) worst = Math.max(worst, transferPx(found.params, clean[i * 4]!, clean[i * 4 + 1]!, clean[i * 4 + 2]!, clean[i * 4 + 3]!));
    expect(worst).toBeLessThan(0.5);
  });

  it('decomposes into the planted pose of a plane', () => {
    const rotation = turn(0.03, 0.08, -0.02);
    const { matches } = plant(createRng(7), 60, rotation, [0.4, -0.1, 0.2], { plane: true });
    const rays = toRays(matches, K, K);
    const h = fitHomography(rays, allIndices(60))!;
    const angles = decomposeHomography(h).map((p) => angleBetween(p.rotation, rotation));
    expect(Math.min(...angles)).toBeLessThan(1e-4);
  });
});

describe('relative pose', () => {
  it('recovers rotation, direction and depth up to scale', () => {
    const rotation = turn(0.02, -0.05, 0.01);
    const { matches, depths } = plant(createRng(8), 300, rotation, [0.6, 0, 0.8], { noise: 0.1, outliers: 0.2 });
    const found = estimateTwoViewPose(matches, K, K, 0.2, createRng(9))!;
    expect(found.kind).toBe('epipolar');
    expect(angleBetween(found.pose.rotation, rotation)).toBeLessThan(0.01);
    const [x, , z] = found.pose.translation;
    expect(0.6 * x! + 0.8 * z!).toBeGreaterThan(0.98);
    expect(found.inFrontShare).toBeGreaterThan(0.95);
    const rays = toRays(matches, K, K);
    const out = new Float64Array(2);
    const ratios: number[] = [];
    for (let i = 60; i < 300; i++) {
      triangulateDepths(found.pose, rays, i * 4, out);
      ratios.push(out[0]! / depths[i]!);
    }
    ratios.sort((a, b) => a - b);
    expect(Math.abs(ratios[120]! - 1)).toBeLessThan(0.05);
  });

  it('says homography for a pure rotation, and reports no parallax', () => {
    const rotation = turn(0.01, 0.12, 0.01);
    const { matches } = plant(createRng(10), 300, rotation, [0, 0, 0], { noise: 0.2, outliers: 0.2 });
    const found = estimateTwoViewPose(matches, K, K, 0.2, createRng(11))!;
    expect(found.kind).toBe('homography');
    expect(angleBetween(found.pose.rotation, rotation)).toBeLessThan(0.01);
  });

  it('says homography for a plane and epipolar for a deep scene', () => {
    const rotation = turn(0.02, -0.05, 0.01);
    const plane = plant(createRng(12), 300, rotation, [0.5, 0, 0.1], { noise: 0.2, plane: true }).matches;
    const deep = plant(createRng(13), 300, rotation, [0.5, 0, 0.1], { noise: 0.2 }).matches;
    expect(chooseTwoViewModel(plane, 0.2, createRng(14))!.kind).toBe('homography');
    expect(chooseTwoViewModel(deep, 0.2, createRng(14))!.kind).toBe('epipolar');
  });

  it('inverts the pose to camera-to-world', () => {
    const pose = { rotation: turn(0.2, 0.1, 0), translation: Float64Array.of(1, 2, 3) };
    const m = secondCamToFirst(pose);
    // The centre of the second camera maps to 0 in its own axes.
    for (let i = 0; i < 3; i++) {
      let p = pose.translation[i]!;
      for (let j = 0; j < 3; j++) p += pose.rotation[i * 3 + j]! * m[j * 4 + 3]!;
      expect(p).toBeCloseTo(0, 9);
    }
  });
});
