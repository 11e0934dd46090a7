import { describe, expect, it } from 'vitest';
import { createSyntheticScene } from '../../geometry/synthetic.ts';
import type { FlowField, MotionMask } from '../../scene/fields.ts';
import { drain } from '../../scene/job.ts';
import type { State } from '../problem.ts';
import { sharpen } from './sharpen.ts';

const truth = createSyntheticScene({ frameCount: 3, width: 96, height: 64, focalPx: 80, step: 0.4, movers: false });
const [W, H] = [truth.width, truth.height];
const P = W * H;
const state: State = {
  rotation: Float64Array.from(truth.camToWorld.flatMap((m) => [m[0]!, m[1]!, m[2]!, m[4]!, m[5]!, m[6]!, m[8]!, m[9]!, m[10]!])),
  centre: Float64Array.from(truth.camToWorld.flatMap((m) => [m[3]!, m[7]!, m[11]!])),
  logDepth: new Float32Array(0), priorScale: new Float64Array(3), logFocal: Math.log(truth.focalPx),
};
const right = Float32Array.from({ length: P }, (_, i) => Math.log(truth.see(0, (i % W) + 0.5, Math.floor(i / W) + 0.5).depth));
const flowTo = (to: number): FlowField => {
  const uv = new Float32Array(2 * P);
  for (let i = 0; i < P; i++) {
    const [x, y] = [(i % W) + 0.5, Math.floor(i / W) + 0.5];
    const there = truth.carry(0, x, y, to);
    uv.set([there.x - x, there.y - y], 2 * i);
  }
  return { from: 0, to, width: W, height: H, uv, sigma: new Float32Array(P).fill(0.1), consistent: new Uint8Array(P).fill(1) };
};
const flows = [flowTo(1), flowTo(2)];
const run = (mask: MotionMask, depth: Float32Array) => drain(sharpen({ width: W, height: H, flows, leastSigma: [new Float32Array(P)] }, [mask], state, [depth]), new AbortController().signal, () => {});
const still = (): MotionMask => ({ frame: 0, ever: new Uint8Array(P), now: new Uint8Array(P), errorPx: new Float32Array(P), model: 'ego-flow' });
/** A line one pixel wide that the grid has lost: it lies at the wrong depth. */
const line = Array.from({ length: W }, (_, x) => 40 * W + x);
const worst = (depth: Float32Array, among: readonly number[]) => Math.max(...among.map((i) => Math.abs(depth[i]! - right[i]!)));

describe('sharpening', () => {
  it('finds a line of single pixels again, and leaves what is right as it is', async () => {
    const depth = right.map((l, i) => l + (line.includes(i) ? 0.4 : 0));
    await run(still(), depth);
    // The tie to what the cells agreed on keeps a share of the error.
    expect(worst(depth, line)).toBeLessThan(0.1);
    expect(worst(depth, [...depth.keys()].filter((i) => !line.includes(i)))).toBeLessThan(0.01);
  });

  it('does not touch what moves', async () => {
    const mask = { ...still(), ever: Uint8Array.from({ length: P }, (_, i) => (line.includes(i) ? 1 : 0)) };
    const depth = right.map((l, i) => l + (line.includes(i) ? 0.4 : 0));
    const before = depth.slice();
    await run(mask, depth);
    expect(line.every((i) => depth[i] === before[i])).toBe(true);
  });
});
