// The whole path on truth: whatever is wrong in the result, the pipeline did.

import { beforeAll, describe, expect, it } from 'vitest';
import { median, scoreDepth, scoreMask, scorePoses } from '../eval/metrics.ts';
import { createNodeRuntime } from '../eval/node-runtime.ts';
import { createSyntheticScene, type SyntheticScene } from '../geometry/synthetic.ts';
import { createFakePlatform as fakePlatform } from '../platform/fake/index.ts';
import { checkOptions } from '../scene/options.ts';
import type { Scene } from '../scene/scene.ts';
import type { Platform } from './platform.ts';
import { reconstruct, solveAgain, type Predictions } from './reconstruct.ts';

const networks = createNodeRuntime('public/models', 1);
const createFakePlatform = (world: SyntheticScene): Platform => fakePlatform(world, () => networks.load('motion'));

const truth = createSyntheticScene();
const { width, height, frameCount } = truth;
const P = width * height;
const pixels = Array.from({ length: P }, (_, i) => [(i % width) + 0.5, Math.floor(i / width) + 0.5] as const);
const OPTIONS = checkOptions({ maxFrames: frameCount, size: Math.max(width, height), tracks: 128 });

describe('the pipeline with networks that return the truth', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = (await reconstruct(createFakePlatform(truth), OPTIONS)).scene;
  }, 180_000);

  it('finds the cameras within 1 % of the path', () => {
    const score = scorePoses(scene.cameras.map((c) => c.camToWorld), truth.camToWorld);
    expect(score.atePathShare).toBeLessThan(0.01);
    expect(score.rotationDeg).toBeLessThan(0.1);
  });

  it('finds the depth of what stands still within 2 %', () => {
    for (let t = 0; t < frameCount; t++) {
      const right = Float32Array.from(pixels, ([x, y]) => {
        const seen = truth.see(t, x, y);
        return seen.moving ? 0 : seen.depth;
      });
      expect(scoreDepth(scene.depth.subarray(t * P, (t + 1) * P), right)!.absRel).toBeLessThan(0.02);
    }
  });

  it('puts what moves where it is', () => {
    const ratios: number[] = [];
    for (let t = 0; t < frameCount; t++) {
      pixels.forEach(([x, y], i) => {
        const seen = truth.see(t, x, y);
        if (seen.moving && scene.mask[t * P + i]) ratios.push(scene.depth[t * P + i]! / seen.depth);
      });
    }
    const still = pixels.flatMap(([x, y], i) => (truth.see(0, x, y).moving ? [] : [scene.depth[i]! / truth.see(0, x, y).depth]));
    const scale = median(still);
    expect(median(ratios.map((r) => Math.abs(r / scale - 1)))).toBeLessThan(0.05);
  });

  it('tells moving tracks from static ones by the solved cameras', () => {
    const { tracks } = scene;
    let right = 0;
    let judged = 0;
    for (let n = 0; n < tracks.count; n++) {
      const t = tracks.visible.subarray(n * frameCount, (n + 1) * frameCount).indexOf(1);
      if (t < 0) continue;
      judged++;
      const { moving } = truth.see(t, tracks.uv[2 * (n * frameCount + t)]!, tracks.uv[2 * (n * frameCount + t) + 1]!);
      if (moving === tracks.mobility[n]! > 0.5) right++;
    }
    expect(judged).toBeGreaterThan(100);
    expect(right / judged).toBeGreaterThan(0.95);
  });

  it('finds what moves', () => {
    const each = truth.camToWorld.map((_, t) => scoreMask(scene.mask.subarray(t * P, (t + 1) * P), Uint8Array.from(pixels, ([x, y]) => Number(truth.see(t, x, y).moving)), width, height, 1));
    expect(each.reduce((a, b) => a + b, 0) / frameCount).toBeGreaterThan(0.9);
  });
});

describe('cameras without parallax', () => {
  const small = { frameCount: 8, width: 96, height: 64, focalPx: 80 };
  const run = async (given: Parameters<typeof createSyntheticScene>[0]) => {
    const world = createSyntheticScene({ ...small, ...given });
    const { scene } = await reconstruct(createFakePlatform(world), checkOptions({ maxFrames: 8, size: 96, tracks: 64 }));
    return { world, scene };
  };

  it('that stand still get fixed poses, and the mover is found', async () => {
    const { world, scene } = await run({ step: 0, turn: 0 });
    expect(scene.meta.summary!.model).toBe('still');
    expect(scene.meta.summary!.sentence).toContain('depth is a guess');
    for (const { camToWorld } of scene.cameras) expect([...camToWorld]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    const truthMask = Uint8Array.from({ length: 96 * 64 }, (_, i) => Number(world.see(4, (i % 96) + 0.5, Math.floor(i / 96) + 0.5).moving));
    expect(scoreMask(scene.mask.subarray(4 * 96 * 64, 5 * 96 * 64), truthMask, 96, 64, 1)).toBeGreaterThan(0.8);
  }, 180_000);

  it('that only turn get rotations, all from one place', async () => {
    const { world, scene } = await run({ step: 0, turn: 0.03, movers: false });
    expect(scene.meta.summary!.model).toBe('rotating');
    for (const { camToWorld } of scene.cameras) expect(Math.hypot(camToWorld[3]!, camToWorld[7]!, camToWorld[11]!)).toBe(0);
    expect(scorePoses(scene.cameras.map((c) => c.camToWorld), world.camToWorld).rotationDeg).toBeLessThan(0.2);
  }, 180_000);
});

describe('a second solution from the same predictions', () => {
  it('has the masks that were drawn, asks no network, and keeps what the first one took', async () => {
    const world = createSyntheticScene({ frameCount: 6, width: 96, height: 64, focalPx: 80 });
    let found: Predictions | null = null;
    const options = checkOptions({ maxFrames: 6, size: 96, tracks: 64 });
    const first = await reconstruct(createFakePlatform(world), options, undefined, undefined, (kept) => { found = kept; });
    expect(first.motionErrorPx.some((e) => e > 1)).toBe(true);
    const mask = first.scene.mask.map((_, i) => Number((i % 96) < 30));
    const deaf: Platform = { ...createFakePlatform(world), source: { ...createFakePlatform(world).source, read: () => Promise.reject(new Error('read again')) } };
    const seen = new Set<string>();
    const { scene, report } = await solveAgain(deaf, found!, { mask, maskNow: mask }, undefined, ({ stage }) => seen.add(stage));
    expect([...scene.mask]).toEqual([...mask]);
    expect([...seen]).toEqual(['solve', 'assemble']);
    expect(report.stages.map((s) => s.stage)).toContain('flow');
    expect(scene.tracks.uv).toEqual(first.scene.tracks.uv);
  }, 180_000);
});
