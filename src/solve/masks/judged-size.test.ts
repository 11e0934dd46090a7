import { describe, expect, it } from 'vitest';
import { judgedSize, Resampler } from './judged-size.ts';

describe('the size at which motion is judged', () => {
  it.each([[384, 216, 256, 144], [216, 384, 144, 256], [64, 36, 64, 36], [250, 141, 250, 142]])('%i × %i is shown as %i × %i', (width, height, w, h) => {
    expect(judgedSize({ width, height })).toEqual({ width: w, height: h });
  });

  it('takes each value from the place itself, lengths and vectors in px of the new size', () => {
    const from = { width: 6, height: 4 };
    const to = { width: 2, height: 2 };
    const column = Float32Array.from({ length: 24 }, (_, i) => i % 6);
    const resampler = new Resampler(from, to);
    expect([...resampler.map(column)]).toEqual([1, 4, 1, 4]);
    expect([...resampler.lengths(new Float32Array(24).fill(3))]).toEqual([1, 1, 1, 1]);
    const flow = { from: 3, to: 4, ...from, uv: new Float32Array(48).map((_, k) => (k % 2 ? 2 : 3)), sigma: new Float32Array(24).fill(3), consistent: Uint8Array.from(column, (x) => (x > 2 ? 1 : 0)) };
    const small = resampler.flow(flow);
    expect([small.from, small.to, small.width, small.height]).toEqual([3, 4, 2, 2]);
    expect([...small.uv]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect([...small.sigma]).toEqual([1, 1, 1, 1]);
    expect([...small.consistent]).toEqual([0, 1, 0, 1]);
  });
});
