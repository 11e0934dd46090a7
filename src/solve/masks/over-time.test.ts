// A square that slides to the right by two pixels a frame, before a background at rest.

import { describe, expect, it } from 'vitest';
import { flowsByPair } from '../../geometry/follow.ts';
import type { FlowField } from '../../scene/fields.ts';
import { agreeOnMovers } from './over-time.ts';

const SIZE = { width: 48, height: 16 };
const FRAMES = 12;
const PIXELS = SIZE.width * SIZE.height;
const inSquare = (i: number, t: number) => {
  const x = (i % SIZE.width) - 4 - 2 * t;
  const y = Math.floor(i / SIZE.width) - 5;
  return x >= 0 && y >= 0 && x < 6 && y < 6;
};

const flows = Array.from({ length: FRAMES }, (_, t) => [t - 1, t + 1]).flatMap((ends, from) => ends.filter((to) => to >= 0 && to < FRAMES).map((to): FlowField => {
  const uv = new Float32Array(2 * PIXELS);
  for (let i = 0; i < PIXELS; i++) if (inSquare(i, from)) uv[2 * i] = 2 * (to - from);
  // The background that the square is about to cover, or covered a moment ago, has nowhere to go.
  const consistent = Uint8Array.from({ length: PIXELS }, (_, i) => (!inSquare(i, from) && inSquare(i, to) ? 0 : 1));
  return { from, to, ...SIZE, uv, sigma: new Float32Array(PIXELS).fill(0.2), consistent };
}));

/** Chance per pixel of each frame: `square(t)` inside, `elsewhere(i, t)` outside. */
const chances = (square: (t: number) => number, elsewhere: (i: number, t: number) => number) => (
  Array.from({ length: FRAMES }, (_, t) => Float32Array.from({ length: PIXELS }, (_, i) => (inSquare(i, t) ? square(t) : elsewhere(i, t)))));
const share = (map: Float32Array, t: number, inside: boolean) => {
  const of = [...map.keys()].filter((i) => inSquare(i, t) === inside);
  return of.filter((i) => map[i]! > 0).length / of.length;
};

describe('what moves, agreed on over the clip', () => {
  const agree = (maps: Float32Array[]) => agreeOnMovers(maps, flowsByPair(flows));

  it('holds in all frames what moves for sure in a few', () => {
    const agreed = agree(chances((t) => (t >= 7 && t < 11 ? 0.97 : 0.3), () => 0.02));
    for (const [t, map] of agreed.entries()) {
      expect(share(map, t, true), `frame ${t}`).toBe(1);
      expect(share(map, t, false), `frame ${t}`).toBe(0);
    }
  });

  it('outvotes a false alarm of one frame', () => {
    const agreed = agree(chances(() => 0.9, (i, t) => (t === 5 && i % SIZE.width > 40 ? 0.7 : 0.1)));
    expect(share(agreed[5]!, 5, false)).toBe(0);
    expect(share(agreed[5]!, 5, true)).toBe(1);
  });

  it('takes the word of one frame where the flow leads nowhere', () => {
    const lost = agreeOnMovers(chances(() => 0.95, () => 0.05), () => undefined);
    expect(share(lost[3]!, 3, true)).toBe(1);
    expect(share(lost[3]!, 3, false)).toBe(0);
  });
});
