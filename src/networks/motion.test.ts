import { describe, expect, it } from 'vitest';
import { judgeMotion } from './motion.ts';
import type { LoadedModel } from './runtime.ts';

/** Answers with the first two planes that it is shown. */
const echo: LoadedModel = {
  device: 'wasm', version: '1', dispose: async () => {},
  async run({ clues }) {
    const [, , height, width] = clues!.dims as [number, number, number, number];
    expect([height % 8, width % 8]).toEqual([0, 0]);
    return { moving: { data: clues!.data.slice(0, 2 * height * width), dims: [1, 2, height, width] } };
  },
};

describe('judging motion', () => {
  it('fills up to the network\'s size and cuts back to the clues\'', async () => {
    const [count, width, height] = [3, 13, 10];
    const data = Float32Array.from({ length: count * width * height }, (_, i) => i);
    const { ever, now } = await judgeMotion(echo, { count, width, height, data }, { width, height });
    expect(ever).toEqual(data.slice(0, width * height));
    expect(now).toEqual(data.slice(width * height, 2 * width * height));
  });
});
