import { describe, expect, it } from 'vitest';
import type { FlowField } from '../scene/fields.ts';
import { composeFlow, wayBetween } from './compose-flow.ts';
import { flowsByPair } from './follow.ts';
import { turningFlow } from './synthetic.ts';

const SIZE = { width: 40, height: 30 };
const flow = (from: number, to: number): FlowField => turningFlow(from, to, SIZE);

/** Everything slides by `dx` px per frame; what leaves the picture is not consistent. */
function slide(from: number, to: number, dx: number): FlowField {
  const { width, height } = SIZE;
  const uv = Float32Array.from({ length: 2 * width * height }, (_, i) => (i % 2 === 0 ? dx * (to - from) : 0));
  const stays = (x: number) => x + dx * (to - from) >= 0 && x + dx * (to - from) <= width - 1;
  return { from, to, ...SIZE, uv, sigma: new Float32Array(width * height).fill(3), consistent: Uint8Array.from({ length: width * height }, (_, i) => Number(stays(i % width))) };
}
const row = (f: FlowField) => [...f.consistent.subarray(5 * SIZE.width, 6 * SIZE.width)].join('');

describe('flow by way of other frames', () => {
  it('is the flow there and then, inside the picture', () => {
    const composed = composeFlow([flow(0, 1), flow(1, 2), flow(2, 5)]);
    const direct = flow(0, 5);
    expect([composed.from, composed.to]).toEqual([0, 5]);
    for (let y = 8; y < 22; y++) for (let x = 8; x < 32; x++) for (const c of [0, 1]) expect(composed.uv[2 * (y * 40 + x) + c]).toBeCloseTo(direct.uv[2 * (y * 40 + x) + c]!, 3);
  });

  it('leads back when it is followed back', () => {
    const there = composeFlow([flow(0, 2), flow(2, 3)]);
    const loop = composeFlow([there, composeFlow([flow(3, 2), flow(2, 0)])]);
    for (let y = 8; y < 22; y++) for (let x = 8; x < 32; x++) expect(Math.hypot(loop.uv[2 * (y * 40 + x)]!, loop.uv[2 * (y * 40 + x) + 1]!)).toBeLessThan(1e-3);
  });

  it('variances add up, and what one step loses is lost', () => {
    const steps = [slide(0, 1, 3), slide(1, 2, 3)];
    steps[1]!.consistent[5 * SIZE.width + 8] = 0;
    const composed = composeFlow(steps);
    expect(composed.sigma[0]).toBeCloseTo(Math.sqrt(18), 5);
    // Gone after two steps, from x = 34 on; hidden on the second step where x = 5 has come to 8.
    expect(row(composed)).toBe(`${'1'.repeat(5)}0${'1'.repeat(28)}${'0'.repeat(6)}`);
  });

  it('goes in the longest steps there are, either way', () => {
    const pairs = [[0, 1], [1, 2], [2, 3], [3, 4], [0, 2], [2, 4], [4, 3], [3, 2], [2, 1], [1, 0], [4, 2]] as const;
    const way = (a: number, b: number, longest = 2) => {
      const known = pairs.filter(([from, to]) => Math.abs(from - to) <= longest).map(([from, to]) => slide(from, to, 1));
      return wayBetween(a, b, flowsByPair(known)).map((f) => `${f.from}-${f.to}`);
    };
    expect(way(0, 4)).toEqual(['0-2', '2-4']);
    expect(way(0, 4, 1)).toEqual(['0-1', '1-2', '2-3', '3-4']);
    expect(way(4, 0)).toEqual(['4-2', '2-1', '1-0']);
    expect(() => way(0, 5)).toThrow('No flow leads from frame 4');
  });
});
