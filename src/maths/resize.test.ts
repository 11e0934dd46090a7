import { describe, expect, it } from 'vitest';
import { resizeField } from './resize.ts';

/** A field that is linear in the pixel centres survives every resampling (shrinking: within a twentieth of a pixel), away from the edges. */
const ramp = (width: number, height: number) => Float32Array.from({ length: width * height }, (_, i) => 3 * ((i % width) + 0.5) / width + 2 * (Math.floor(i / width) + 0.5) / height);

describe('resizeField', () => {
  it.each([[40, 30, 64, 32], [64, 48, 32, 32], [100, 70, 32, 64], [33, 17, 32, 32], [5, 5, 32, 32]])('keeps places: %i×%i to %i×%i', (w, h, W, H) => {
    const out = resizeField(ramp(w, h), { width: w, height: h }, { width: W, height: H }, 1);
    const truth = ramp(W, H);
    const marginX = Math.ceil(Math.max(1, W / w)) + 1;
    const marginY = Math.ceil(Math.max(1, H / h)) + 1;
    for (let y = marginY; y < H - marginY; y++) for (let x = marginX; x < W - marginX; x++) expect(Math.abs(out[y * W + x]! - truth[y * W + x]!)).toBeLessThan(W < w || H < h ? 0.003 : 1e-5);
  });

  it('keeps a constant everywhere, in every channel, also in one-pixel pictures', () => {
    for (const [w, h] of [[1, 1], [2, 3], [50, 40]] as const) {
      const out = resizeField(Array.from({ length: w * h * 2 }, (_, i) => (i % 2 ? 7 : -1)), { width: w, height: h }, { width: 9, height: 32 }, 2);
      for (let i = 0; i < out.length; i++) expect(out[i]).toBeCloseTo(i % 2 ? 7 : -1, 5);
    }
  });

  it('does not alias when it shrinks', () => {
    const stripes = Float32Array.from({ length: 320 * 8 }, (_, i) => (i % 2 ? 1 : 0));
    const out = resizeField(stripes, { width: 320, height: 8 }, { width: 32, height: 8 }, 1);
    expect(Math.max(...out.map((v) => Math.abs(v - 0.5)))).toBeLessThan(0.1);
  });
});
