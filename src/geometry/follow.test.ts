import { expect, it } from 'vitest';
import type { FlowField } from '../scene/fields.ts';
import { heldAllTheWay } from './follow.ts';

const [W, H] = [20, 10];

/** Everything moves by `dx` px per frame; what leaves the picture is not consistent, but for a wide flow that is sure of itself everywhere. */
function flow(from: number, to: number, dx: number): FlowField {
  const uv = Float32Array.from({ length: 2 * W * H }, (_, i) => (i % 2 === 0 ? dx * (to - from) : 0));
  const stays = (x: number) => x + dx * (to - from) >= 0 && x + dx * (to - from) <= W - 1;
  const consistent = Uint8Array.from({ length: W * H }, (_, i) => Number(Math.abs(to - from) > 1 || stays(i % W)));
  return { from, to, width: W, height: H, uv, sigma: new Float32Array(W * H).fill(1), consistent };
}

const row = (f: FlowField) => [...f.consistent.subarray(5 * W, 6 * W)].join('');

it('a wide flow is believed only where the flows between hold', () => {
  const near = [flow(0, 1, 3), flow(1, 2, 3), flow(1, 0, 3), flow(2, 1, 3)];
  near[1]!.consistent[5 * W + 8] = 0;
  const held = heldAllTheWay([...near, flow(0, 2, 3), flow(2, 0, 3)]);
  expect(held.slice(0, 4)).toEqual(near);
  // Gone after two steps, from x = 14 on; hidden on the second step where x = 5 has come to 8.
  expect(row(held[4]!)).toBe('11111011111111000000');
  expect(row(held[5]!)).toBe('00000011111111111111');
});
