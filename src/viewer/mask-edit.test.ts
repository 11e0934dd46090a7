import { describe, expect, it } from 'vitest';
import { applyArea, carryByFlow, masksOf, strokeOf, thresholdMasks, withMasks } from './mask-edit.ts';
import { makeScene } from './test-scene.ts';

const [W, H] = [20, 12];
const count = (mask: Uint8Array) => mask.reduce((a, b) => a + b, 0);

describe('a stroke of the brush', () => {
  it('covers a capsule around its way and nothing else', () => {
    const area = strokeOf(W, H, { x: 5, y: 6 }, { x: 14, y: 6 }, 2);
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const inside = Math.hypot(Math.max(5 - (x + 0.5), x + 0.5 - 14, 0), y + 0.5 - 6) <= 2;
        expect(area[y * W + x] === 1).toBe(inside || (x === 14 && y === 6));
      }
    }
  });

  it('is cut at the border, and never empty inside', () => {
    expect(count(strokeOf(W, H, { x: 0, y: 0 }, { x: 0, y: 0 }, 3))).toBeGreaterThan(3);
    expect(count(strokeOf(W, H, { x: 3.2, y: 3.2 }, { x: 3.2, y: 3.2 }, 0.1))).toBe(1);
    expect(count(strokeOf(W, H, { x: -9, y: 3 }, { x: -9, y: 3 }, 2))).toBe(0);
  });

  it('goes with the flow into the next frame and the one before', () => {
    // Frame 0 → 1: everything moves by (3, 1).
    const flow = Float32Array.from({ length: W * H * 2 }, (_, k) => (k % 2 === 0 ? 3 : 1));
    const area = strokeOf(W, H, { x: 8, y: 5 }, { x: 8, y: 5 }, 2);
    const there = strokeOf(W, H, { x: 11, y: 6 }, { x: 11, y: 6 }, 2);
    expect([...carryByFlow(area, flow, W, H, 0, 1)]).toEqual([...there]);
    expect([...carryByFlow(there, flow, W, H, 1, -1)]).toEqual([...area]);
  });
});

describe('masks', () => {
  const scene = makeScene();
  const { width, height } = scene;

  it('change only at the frames that were painted', () => {
    const area = strokeOf(width, height, { x: 3, y: 3 }, { x: 3, y: 3 }, 2);
    const painted = applyArea(masksOf(scene, 1), area, true);
    const after = withMasks(scene, [painted]);
    const size = width * height;
    area.forEach((a, i) => { if (a) expect([after.mask[size + i], after.maskNow[size + i]]).toEqual([1, 1]); });
    expect([...after.mask.subarray(0, size)]).toEqual([...scene.mask.subarray(0, size)]);
    const erased = applyArea(masksOf(after, 1), area, false);
    area.forEach((a, i) => { if (a) expect(erased.mask[i]).toBe(0); });
  });

  it('from a threshold keep what is over it in one piece, and drop specks', () => {
    const error = new Float32Array(scene.frameCount * width * height);
    const block = strokeOf(width, height, { x: width / 2, y: height / 2 }, { x: width / 2, y: height / 2 }, 3);
    block.forEach((b, i) => { error[i] = b ? 5 : 0.5; });
    error[0] = 9;
    expect([...thresholdMasks(scene, error, 0, 2).mask]).toEqual([...block]);
    expect(count(thresholdMasks(scene, error, 0, 6).mask)).toBe(0);
  });
});
