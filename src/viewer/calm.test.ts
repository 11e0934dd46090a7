import { describe, expect, it } from 'vitest';
import { createRng } from '../scene/rng.ts';
import { calmDepth } from './calm.ts';
import { buildTriangles, unevenness } from './surface.ts';

const [W, H] = [96, 60];
const size = W * H;
const grey = new Uint8Array(size * 3).fill(120);
const still = new Uint8Array(size);
const unsure = new Uint8Array(size).fill(40);
const every = new Uint8Array(size).fill(1);

describe('calm depth', () => {
  /** A floor whose depth runs from 2 to 4, with steps of up to 10 % every few pixels. */
  const stairs = () => {
    const random = createRng(3);
    const steps = Array.from({ length: W }, () => 1 + 0.1 * random.next());
    return Float32Array.from({ length: size }, (_, i) => (1 / (0.5 - (0.25 * Math.floor(i / W)) / H)) * steps[Math.floor((i % W) / 6)]);
  };

  it('evens out steps that the picture does not have, and closes the surface over them', () => {
    const rough = stairs();
    const calm = calmDepth(rough, grey, unsure, still, W, H);
    expect(unevenness(calm, W, H)).toBeLessThan(0.4 * unevenness(rough, W, H));
    expect(buildTriangles(calm, every, W, H, 1, true).length / 6).toBeGreaterThan(0.99 * (W - 1) * (H - 1));
  });

  it('keeps the slope of a plane up to its borders', () => {
    const plane = Float32Array.from({ length: size }, (_, i) => 1 / (0.5 - (0.3 * (i % W)) / W));
    const calm = calmDepth(plane, grey, unsure, still, W, H);
    for (const i of [0, W - 1, size >> 1, size - 1]) expect(Math.abs(calm[i] / plane[i] - 1)).toBeLessThan(0.03);
  });

  it('leaves edges that the picture has too, large ones without it, and the outline of what moves', () => {
    const half = (near: number, far: number) => Float32Array.from({ length: size }, (_, i) => (i % W < W / 2 ? near : far));
    const [left, right] = [30 * W + W / 2 - 1, 30 * W + W / 2];
    const painted = grey.slice();
    for (let i = 0; i < size; i++) if (i % W >= W / 2) painted.fill(200, 3 * i, 3 * i + 3);
    const ratio = (depth: Float32Array) => depth[right] / depth[left];
    expect(ratio(calmDepth(half(2, 2.4), painted, unsure, still, W, H))).toBeGreaterThan(1.17);
    expect(ratio(calmDepth(half(2, 2.4), grey, unsure, still, W, H))).toBeLessThan(1.05);
    expect(ratio(calmDepth(half(2, 6), grey, unsure, still, W, H))).toBeGreaterThan(2.5);
    expect(ratio(calmDepth(half(2, 2.4), grey, unsure, still.map((_, i) => Number(i % W >= W / 2)), W, H))).toBeCloseTo(1.2, 5);
  });

  it('does not touch certain depth, and knows no depth where there is none', () => {
    const rough = stairs();
    expect(calmDepth(rough, grey, new Uint8Array(size).fill(255), still, W, H)).toEqual(rough);
    rough[500] = 0;
    expect(calmDepth(rough, grey, unsure, still, W, H)[500]).toBe(0);
  });
});

it('asks more of a skin where the depth is noisy', () => {
  const ramp = Float32Array.from({ length: size }, (_, i) => 2 * (i % W < 45 ? 1 : i % W > 49 ? 1.3 : 1 + 0.06 * ((i % W) - 44)));
  const random = createRng(5);
  const noisy = ramp.map((z) => z * (1 + 0.03 * (random.next() - 0.5)));
  const cut = (depth: Float32Array) => (W - 1) * (H - 1) - buildTriangles(depth, every, W, H, 1, true).length / 6;
  expect(cut(ramp)).toBeGreaterThan(2 * H);
  expect(cut(noisy)).toBeLessThan(0.5 * H);
});
