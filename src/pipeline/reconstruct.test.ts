// The whole path on truth: whatever is wrong in the result, the pipeline did.

import { beforeAll, describe, expect, it } from 'vitest';
import { scoreDepth, scoreMask, scorePoses } from '../eval/metrics.ts';
import { createSyntheticScene } from '../geometry/synthetic.ts';
import { createFakePlatform } from '../platform/fake/index.ts';
import { checkOptions } from '../scene/options.ts';
import type { Scene } from '../scene/scene.ts';
import { reconstruct } from './reconstruct.ts';

const truth = createSyntheticScene();
const { width, height, frameCount } = truth;
const P = width * height;
const pixels = Array.from({ length: P }, (_, i) => [(i % width) + 0.5, Math.floor(i / width) + 0.5] as const);
const OPTIONS = checkOptions({ maxFrames: frameCount, size: Math.max(width, height), tracks: 128 });

describe('the pipeline with networks that return the truth', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = (await reconstruct(createFakePlatform(truth), OPTIONS)).scene;
  }, 60_000);

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

  it('finds what moves', () => {
    const each = truth.camToWorld.map((_, t) => scoreMask(scene.mask.subarray(t * P, (t + 1) * P), Uint8Array.from(pixels, ([x, y]) => Number(truth.see(t, x, y).moving)), width, height, 1));
    expect(each.reduce((a, b) => a + b, 0) / frameCount).toBeGreaterThan(0.9);
  });
});
