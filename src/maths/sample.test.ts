import { expect, it } from 'vitest';
import { sampleAt, spotAt } from './sample.ts';

const size = { width: 5, height: 4 };
/** Two channels that are planes over the picture. */
const plane = (channel: number, x: number, y: number) => (channel === 0 ? 2 * x - 3 * y + 1 : x + y);
const field = Float64Array.from({ length: 40 }, (_, k) => plane(k % 2, (Math.floor(k / 2) % 5) + 0.5, Math.floor(k / 10) + 0.5));
const at = (channel: number, x: number, y: number) => sampleAt(field, spotAt(x, y, size), size.width, 2, channel);

it('is exact on planes, and at the centres of pixels', () => {
  for (const [x, y] of [[0.5, 0.5], [4.5, 3.5], [2.5, 1.5], [1.2, 2.9], [3.99, 0.51]] as const) {
    for (const channel of [0, 1]) expect(at(channel, x, y)).toBeCloseTo(plane(channel, x, y), 10);
  }
});

it('has beyond the border what lies nearest inside', () => {
  expect(at(0, -3, 2)).toBeCloseTo(plane(0, 0.5, 2), 10);
  expect(at(1, 9, 9)).toBeCloseTo(plane(1, 4.5, 3.5), 10);
});
