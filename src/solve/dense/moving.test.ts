// A ground seen by a level camera before a far wall; on it stand things that move.

import { describe, expect, it } from 'vitest';
import type { MotionMask } from '../../scene/fields.ts';
import { placeMoving } from './moving.ts';

const SIZE = { width: 128, height: 96 };
const FOCAL = 110;
const EYE = 1.6;
const WALL = 12;
const PIXELS = SIZE.width * SIZE.height;

/** z of what stands still: ground 1.6 below the eye, wall behind. */
const backdrop = (y: number) => Math.min(WALL, y + 0.5 > SIZE.height / 2 ? (EYE * FOCAL) / (y + 0.5 - SIZE.height / 2) : WALL);
const still = () => Float32Array.from({ length: PIXELS }, (_, i) => Math.log(backdrop(Math.floor(i / SIZE.width))));
/** Row of the ground at a depth. */
const rowOf = (z: number) => Math.floor((EYE * FOCAL) / z + SIZE.height / 2);

function maskOf(...boxes: { left: number; right: number; top: number; bottom: number }[]): MotionMask {
  const ever = Uint8Array.from({ length: PIXELS }, (_, i) => {
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)];
    return boxes.some((b) => x >= b.left && x < b.right && y >= b.top && y < b.bottom) ? 1 : 0;
  });
  return { frame: 0, ever, now: ever, errorPx: new Float32Array(PIXELS), model: 'ego-flow' };
}

function placed(mask: MotionMask, prior = still()): Float32Array {
  const log = [still()];
  placeMoving(log, [prior], [mask], [mask], [], true, SIZE);
  return log[0]!.map(Math.exp);
}
const at = (depth: Float32Array, x: number, y: number) => depth[y * SIZE.width + x]!;

describe('depth of movers', () => {
  it('is that of the ground at their feet, though the prior knows only the wall', () => {
    const feet = rowOf(5);
    const depth = placed(maskOf({ left: 50, right: 62, top: 30, bottom: feet }));
    expect(at(depth, 56, 40)).toBeGreaterThan(4.5);
    expect(at(depth, 56, 40)).toBeLessThan(5.5);
  });

  it('is one for the parts of a thing', () => {
    const feet = rowOf(5);
    const depth = placed(maskOf({ left: 50, right: 62, top: 50, bottom: feet }, { left: 50, right: 62, top: 30, bottom: 49 }), new Float32Array(PIXELS));
    expect(Math.abs(Math.log(at(depth, 56, 40) / at(depth, 56, 60)))).toBeLessThan(0.05);
  });

  it('is not behind what is seen beside them where the picture cuts them off', () => {
    const depth = placed(maskOf({ left: 50, right: 62, top: 30, bottom: SIZE.height }));
    expect(at(depth, 56, 40)).toBeLessThan(5.5);
  });

  it('leaves what stands still alone', () => {
    const depth = placed(maskOf({ left: 50, right: 62, top: 30, bottom: rowOf(5) }));
    const before = still();
    for (let i = 0; i < PIXELS; i += 17) if (i % SIZE.width < 50) expect(depth[i]).toBeCloseTo(Math.exp(before[i]!), 5);
  });
});
