import { describe, expect, it } from 'vitest';
import { createRng } from '../scene/rng.ts';
import { boxMean, guidedFilter, hysteresis, labelRegions, removeSpecks } from './mask-shape.ts';

const size = { width: 24, height: 16 };
const draw = (inside: (x: number, y: number) => boolean) => Uint8Array.from({ length: 24 * 16 }, (_, i) => (inside(i % 24, Math.floor(i / 24)) ? 1 : 0));

describe('mask shape', () => {
  it('labels regions that touch along sides, not corners', () => {
    const { areas } = labelRegions(draw((x, y) => (x < 4 && y < 3) || (x === 4 && y === 3)), size);
    expect(areas).toEqual([0, 12, 1]);
  });

  it('keeps weak regions only where they have a strong core', () => {
    const score = Float32Array.from(draw((x) => x < 5 || x > 18), (v) => 3 * v);
    score[2] = 9;
    expect(hysteresis(score, 2, 5, size)).toEqual(draw((x) => x < 5));
  });

  it('removes specks and fills pinholes', () => {
    const noisy = draw((x, y) => (x > 5 && x < 15 && y > 3 && y < 12 && !(x === 9 && y === 7)) || (x === 20 && y === 2));
    expect(removeSpecks(noisy, 4, size)).toEqual(draw((x, y) => x > 5 && x < 15 && y > 3 && y < 12));
  });

  it('takes the same means as the window itself, also at the border', () => {
    const rng = createRng(1);
    const map = Float32Array.from({ length: 24 * 16 }, () => rng.next());
    const means = boxMean(map, 2, size);
    for (const [cx, cy] of [[0, 0], [23, 15], [10, 7], [1, 14]] as const) {
      let sum = 0;
      let count = 0;
      for (let y = Math.max(0, cy - 2); y <= Math.min(15, cy + 2); y++) {
        for (let x = Math.max(0, cx - 2); x <= Math.min(23, cx + 2); x++, count++) sum += map[y * 24 + x]!;
      }
      expect(means[cy * 24 + cx]).toBeCloseTo(sum / count, 5);
    }
  });

  it('moves the edge of a map onto the edge of the image', () => {
    const guide = Float32Array.from(draw((x) => x >= 12));
    const rough = Float32Array.from(draw((x) => x >= 10));
    const soft = guidedFilter(rough, guide, 4, 1e-3, size);
    const row = 8 * 24;
    expect(soft[row + 10]).toBeLessThan(0.6);
    expect(soft[row + 13]).toBeGreaterThan(0.8);
    expect(soft[row + 2]).toBeLessThan(0.1);
  });
});
