import { describe, expect, it } from 'vitest';
import { createSyntheticScene } from '../../geometry/synthetic.ts';
import { createRng } from '../../scene/rng.ts';
import { agreeOnDepth, type DepthClip } from './consensus.ts';

const truth = createSyntheticScene({ frameCount: 6, width: 96, height: 64, focalPx: 80 });
const [W, H, T] = [truth.width, truth.height, truth.frameCount];
const P = W * H;
const right = new Float32Array(T * P);
const mask = new Uint8Array(T * P);
const rgb = new Uint8Array(T * P * 3);
for (let t = 0; t < T; t++) {
  const picture = truth.picture(t);
  for (let i = 0; i < P; i++) {
    const seen = truth.see(t, (i % W) + 0.5, Math.floor(i / W) + 0.5);
    right[t * P + i] = seen.depth;
    mask[t * P + i] = Number(seen.moving);
    for (let c = 0; c < 3; c++) rgb[3 * (t * P + i) + c] = picture[4 * i + c]!;
  }
}
const cameras = truth.camToWorld.map((m, frame) => ({ frame, camToWorld: Float64Array.from(m), fx: 80, fy: 80, cx: W / 2, cy: H / 2 }));

function agree(depth: Float32Array): Float32Array {
  const clip: DepthClip = { width: W, height: H, cameras, depth, confidence: new Uint8Array(T * P).fill(128), mask, rgb };
  const steps = agreeOnDepth(clip);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Median and 95th percentile of the relative error of what stands still. */
function errors(depth: Float32Array): { middle: number; high: number } {
  const all = [...depth].flatMap((z, i) => (mask[i] ? [] : [Math.abs(z / right[i]! - 1)])).sort((a, b) => a - b);
  return { middle: all[all.length >> 1]!, high: all[Math.floor(0.95 * all.length)]! };
}

describe('frames that agree on depth', () => {
  it('leave true depth nearly as it is', () => {
    expect(errors(agree(right)).middle).toBeLessThan(0.002);
  });

  it('are nearer to the truth than each by itself, and outvote what only one of them sees', () => {
    const rng = createRng(7);
    const noisy = right.map((z) => z * Math.exp(0.06 * (rng.next() + rng.next() + rng.next() - 1.5)));
    // A block of one frame lies far behind where all others see it.
    for (let y = 20; y < 32; y++) for (let x = 10; x < 24; x++) noisy[3 * P + y * W + x]! *= 1.7;
    const [before, after] = [errors(noisy), errors(agree(noisy))];
    expect(after.middle).toBeLessThan(0.4 * before.middle);
    expect(after.high).toBeLessThan(0.6 * before.high);
    const block = agree(noisy);
    let wrong = 0;
    for (let y = 22; y < 30; y++) for (let x = 12; x < 22; x++) wrong += Number(Math.abs(block[3 * P + y * W + x]! / right[3 * P + y * W + x]! - 1) > 0.2);
    expect(wrong).toBeLessThan(8);
  });

  it('keep a pole that is one pixel wide, and that all of them see', () => {
    const withPole = right.slice();
    const pole = new Set<number>();
    const away = 0.6 * truth.see(0, 30.5, 20.5).depth;
    for (let t = 0; t < T; t++) {
      const m = cameras[t]!.camToWorld;
      for (let y = -1; y < 1; y += 0.004) {
        const d = [-0.3 * away - m[3]!, y * away - m[7]!, away - m[11]!];
        const [x, v, z] = [0, 1, 2].map((c) => m[c]! * d[0]! + m[4 + c]! * d[1]! + m[8 + c]! * d[2]!) as [number, number, number];
        const [column, row] = [Math.floor((80 * x) / z + W / 2), Math.floor((80 * v) / z + H / 2)];
        const i = t * P + row * W + column;
        if (column < 1 || row < 1 || column >= W - 1 || row >= H - 1 || mask[i] || right[i]! < 1.3 * z) continue;
        withPole[i] = z;
        pole.add(i);
      }
    }
    expect(pole.size).toBeGreaterThan(T * 20);
    const after = agree(withPole);
    const kept = [...pole].filter((i) => Math.abs(after[i]! / withPole[i]! - 1) < 0.05).length;
    expect(kept / pole.size).toBeGreaterThan(0.9);
  });

  it('do not touch what moves, nor what is unknown', () => {
    const given = right.slice();
    given[5] = 0;
    const after = agree(given);
    expect(after[5]).toBe(0);
    mask.forEach((m, i) => { if (m) expect(after[i]).toBe(given[i]); });
  });
});
