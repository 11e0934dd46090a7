import { describe, expect, it } from 'vitest';
import { networkSize, runChecked, toPlanes } from './image.ts';
import type { LoadedModel } from './runtime.ts';

it('toPlanes gives RGB in 0…1, channel first', () => {
  const planes = toPlanes({ index: 0, timeSecs: 0, width: 2, height: 1, rgba: Uint8Array.of(255, 0, 51, 9, 0, 255, 102, 9) }, { width: 2, height: 1 });
  expect([...planes].map((v) => Math.round(v * 10) / 10)).toEqual([1, 0, 0, 1, 0.2, 0.4]);
});

it('networkSize snaps to multiples of 32 near the frame', () => {
  expect(networkSize({ width: 384, height: 216 }, 768)).toEqual({ width: 384, height: 224 });
  expect(networkSize({ width: 384, height: 216 }, 256)).toEqual({ width: 256, height: 160 });
  expect(networkSize({ width: 64, height: 10 }, 768)).toEqual({ width: 64, height: 32 });
});

describe('runChecked', () => {
  const model = (data: Float32Array): LoadedModel => ({ device: 'wasm', version: '1', run: async () => ({ uv: { data, dims: [data.length] } }), dispose: async () => {} });
  it.each([['values that are not numbers', Float32Array.of(1, NaN)], ['1 values instead of 2', Float32Array.of(1)]])('refuses %s', async (words, data) => {
    await expect(runChecked(model(data), 'flow', {}, { uv: 2 })).rejects.toMatchObject({ code: 'network/bad-output', message: expect.stringContaining(words) });
  });
  it('refuses a missing output', async () => {
    await expect(runChecked(model(Float32Array.of(1, 2)), 'flow', {}, { sigma: 2 })).rejects.toMatchObject({ code: 'network/bad-output' });
  });
});
