import { describe, expect, it } from 'vitest';
import { createRng } from '../scene/rng.ts';
import { apertureSigma } from './aperture.ts';

const size = { width: 40, height: 30 };
const picture = (luma: (x: number, y: number) => number) => Float32Array.from({ length: size.width * size.height }, (_, i) => luma(i % size.width, Math.floor(i / size.width)));
const inTheMiddle = (sigma: Float32Array) => sigma[15 * size.width + 20]!;

describe('least deviation of flow', () => {
  const rng = createRng(1);
  const grain = picture(() => rng.next());

  it('is small where there is texture, and goes with its contrast', () => {
    const full = inTheMiddle(apertureSigma(grain, size));
    const faint = inTheMiddle(apertureSigma(grain.map((l) => 0.5 + 0.1 * (l - 0.5)), size));
    expect(full).toBeLessThan(0.05);
    expect(faint / full).toBeCloseTo(10, 3);
  });

  it('is large on plain surfaces, ramps and straight lines, which leave one direction open', () => {
    for (const plain of [picture(() => 0.4), picture((x) => x / 80), picture((x) => Number(x > 20)), picture((x, y) => 0.002 * (x + 2 * y) ** 1.5)]) {
      expect(inTheMiddle(apertureSigma(plain, size))).toBeGreaterThan(1);
    }
  });

  it('is the same in a picture on its side', () => {
    const turned = { width: size.height, height: size.width };
    const onSide = Float32Array.from({ length: grain.length }, (_, i) => grain[(i % turned.width) * size.width + Math.floor(i / turned.width)]!);
    const upright = apertureSigma(grain, size);
    apertureSigma(onSide, turned).forEach((s, i) => expect(s).toBeCloseTo(upright[(i % turned.width) * size.width + Math.floor(i / turned.width)]!, 6));
  });
});
