import { describe, expect, it } from 'vitest';
import { chooseFrames, compareNatural, workingSize } from './sampling.ts';

const regular = (count: number, fps: number) => Array.from({ length: count }, (_, index) => ({ index, timeSecs: index / fps }));
const all = { startSecs: null, endSecs: null };

describe('chooseFrames', () => {
  it('takes everything when it fits the budget', () => {
    expect(chooseFrames(regular(10, 24), { maxFrames: 48, ...all })).toHaveLength(10);
  });

  it('spreads evenly and keeps both ends', () => {
    const chosen = chooseFrames(regular(100, 25), { maxFrames: 10, ...all }).map((f) => f.index);
    expect(chosen).toEqual([0, 11, 22, 33, 44, 55, 66, 77, 88, 99]);
  });

  it('spreads over time, not over frame numbers', () => {
    // The first second at 60 a second, the second one at 6.
    const times = [...regular(60, 60), ...Array.from({ length: 7 }, (_, i) => ({ index: 60 + i, timeSecs: 1 + i / 6 }))];
    const chosen = chooseFrames(times, { maxFrames: 5, ...all }).map((f) => f.timeSecs);
    for (const [i, t] of chosen.entries()) expect(Math.abs(t - i / 2)).toBeLessThan(0.01);
  });

  it('never takes a frame twice, also where frames are rare', () => {
    const times = [0, 0.01, 0.02, 0.03, 5, 9.98, 9.99, 10].map((timeSecs, index) => ({ index, timeSecs }));
    for (let maxFrames = 2; maxFrames <= 8; maxFrames++) {
      const chosen = chooseFrames(times, { maxFrames, ...all }).map((f) => f.index);
      expect(new Set(chosen).size).toBe(maxFrames);
      expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
      expect([chosen[0], chosen.at(-1)]).toEqual([0, 7]);
    }
  });

  it('trims, both ends included', () => {
    const chosen = chooseFrames(regular(100, 10), { maxFrames: 48, startSecs: 2, endSecs: 3 }).map((f) => f.index);
    expect(chosen).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(chooseFrames(regular(100, 10), { maxFrames: 48, startSecs: 20, endSecs: 30 })).toEqual([]);
  });
});

describe('workingSize', () => {
  it('keeps the aspect, in even numbers', () => {
    expect(workingSize(1920, 1080, 384)).toEqual({ width: 384, height: 216 });
    expect(workingSize(368, 480, 384)).toEqual({ width: 294, height: 384 });
    expect(workingSize(7680, 4320, 384)).toEqual({ width: 384, height: 216 });
    expect(workingSize(101, 75, 384)).toEqual({ width: 102, height: 76 });
  });

  it('does not enlarge, and survives very narrow pictures', () => {
    expect(workingSize(64, 48, 384)).toEqual({ width: 64, height: 48 });
    expect(workingSize(4000, 3, 384)).toEqual({ width: 384, height: 2 });
  });
});

describe('compareNatural', () => {
  it('orders files as people number them', () => {
    const names = ['frame10.png', 'frame2.png', 'Frame1.png', 'b/1.png', 'a/3.png', '007.png', '8.png'];
    expect([...names].sort(compareNatural)).toEqual(['007.png', '8.png', 'a/3.png', 'b/1.png', 'Frame1.png', 'frame2.png', 'frame10.png']);
  });
});
