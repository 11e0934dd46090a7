import { expect, it } from 'vitest';
import type { FlowField } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { checkConsistency, predictFlow } from './flow.ts';
import type { LoadedModel } from './runtime.ts';

const WIDTH = 40;
const HEIGHT = 30;

function field(from: number, to: number, flowAt: (x: number, y: number) => [number, number]): FlowField {
  const uv = Float32Array.from({ length: WIDTH * HEIGHT * 2 }, (_, i) => flowAt((i >> 1) % WIDTH, Math.floor((i >> 1) / WIDTH))[i % 2]!);
  return { from, to, width: WIDTH, height: HEIGHT, uv, sigma: new Float32Array(WIDTH * HEIGHT).fill(1), consistent: new Uint8Array(WIDTH * HEIGHT).fill(1) };
}

it('flows that cancel are consistent, except where they leave the picture', () => {
  const [forward, backward] = checkConsistency(field(0, 1, () => [4.5, 0]), field(1, 0, () => [-4.5, 0]));
  expect(forward.consistent[10 * WIDTH + 10]).toBe(1);
  expect(forward.consistent[10 * WIDTH + WIDTH - 2]).toBe(0);
  expect(backward.consistent[10 * WIDTH + 1]).toBe(0);
  expect(backward.consistent[10 * WIDTH + 10]).toBe(1);
});

it('a hidden place is not consistent, and the inputs stay as they are', () => {
  const forward = field(0, 1, (x) => (x < 20 ? [6, 0] : [0, 0]));
  const backward = field(1, 0, (x) => (x < 20 ? [0, 0] : [0, 0]));
  const [checked] = checkConsistency(forward, backward);
  expect(checked.consistent[5 * WIDTH + 5]).toBe(0);
  expect(checked.consistent[5 * WIDTH + 30]).toBe(1);
  expect(forward.consistent[5 * WIDTH + 5]).toBe(1);
});

it('vectors and sigma come back in px of the frame', async () => {
  const frame = (index: number): Frame => ({ index, timeSecs: index, width: 80, height: 48, rgba: new Uint8Array(80 * 48 * 4) });
  const model: LoadedModel = {
    device: 'wasm', version: '1', dispose: async () => {},
    async run({ image1 }) {
      // 80×48 is asked at 96×32 or 96×64: whatever the size, the answer is one network pixel to the right and one down.
      const [, , h, w] = image1!.dims as [number, number, number, number];
      return { flow: { data: new Float32Array(2 * h * w).fill(1), dims: [1, 2, h, w] }, sigma: { data: new Float32Array(h * w).fill(2), dims: [1, 1, h, w] } };
    },
  };
  const { uv, sigma, from, to, width, height } = await predictFlow(model, frame(3), frame(5));
  expect([from, to, width, height, uv.length]).toEqual([3, 5, 80, 48, 80 * 48 * 2]);
  expect(uv[0]).toBeCloseTo(80 / 96);
  expect(uv[1]).toBeCloseTo(48 / 64);
  expect(sigma[0]).toBeCloseTo(2 * Math.sqrt((80 / 96) * (48 / 64)));
});

it('a picture that is larger than the network is to see is shown smaller', async () => {
  const frame = (index: number): Frame => ({ index, timeSecs: index, width: 96, height: 64, rgba: new Uint8Array(96 * 64 * 4) });
  const asked: number[][] = [];
  const model: LoadedModel = {
    device: 'wasm', version: '1', dispose: async () => {},
    async run({ image1 }) {
      const [, , h, w] = image1!.dims as [number, number, number, number];
      asked.push([h, w]);
      return { flow: { data: new Float32Array(2 * h * w).fill((2 * w) / 96), dims: [1, 2, h, w] }, sigma: { data: new Float32Array(h * w), dims: [1, 1, h, w] } };
    },
  };
  const { uv } = await predictFlow(model, frame(0), frame(1), 64);
  expect(asked).toEqual([[32, 64]]);
  for (let i = 0; i < uv.length; i += 2) expect(uv[i]).toBeCloseTo(2);
});
