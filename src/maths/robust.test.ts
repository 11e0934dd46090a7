import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { robustLine } from './robust.ts';

describe('robustLine', () => {
  it('finds a line through values of which three in ten are wild', () => {
    fc.assert(fc.property(fc.double({ min: 0.5, max: 5, noNaN: true }), fc.double({ min: -0.05, max: 0.05, noNaN: true }), fc.infiniteStream(fc.double({ min: -0.3, max: 3, noNaN: true })), (at, slope, wild) => {
      const x = Array.from({ length: 60 }, (_, i) => i - 20);
      const y = x.map((v, i) => at + slope * v + (i % 10 < 3 ? 3 * at + wild.next().value! : 0));
      const found = robustLine(x, y);
      expect(Math.abs(found.at - at)).toBeLessThan(0.06 * at + 0.05);
    }), { seed: 7, numRuns: 50 });
  });
  it('is level where all x are the same', () => {
    expect(robustLine([2, 2, 2], [1, 1, 1])).toEqual({ at: 1, slope: 0 });
  });
});
