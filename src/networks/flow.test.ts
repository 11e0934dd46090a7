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

const frameOf = (index: number, width: number, height: number): Frame => ({ index, timeSecs: index, width, height, rgba: new Uint8Array(width * height * 4) });

/** A network that moves every pixel by so many of its own pixels to the right and down; `asked` hears the height and width of what it sees. */
function network(motionAt: (width: number) => number, asked: number[][] = []): LoadedModel {
  return {
    device: 'wasm', version: '1', dispose: async () => {},
    async run({ image1 }) {
      const [, , h, w] = image1!.dims as [number, number, number, number];
      asked.push([h, w]);
      return { flow: { data: new Float32Array(2 * h * w).fill(motionAt(w)), dims: [1, 2, h, w] }, sigma: { data: new Float32Array(h * w).fill(2), dims: [1, 1, h, w] } };
    },
  };
}

it('vectors and sigma come back in px of the frame', async () => {
  // 80×48 is asked at 96×32 or 96×64: whatever the size, the answer is one network pixel to the right and one down.
  const { uv, sigma, from, to, width, height } = await predictFlow(network(() => 1), frameOf(3, 80, 48), frameOf(5, 80, 48));
  expect([from, to, width, height, uv.length]).toEqual([3, 5, 80, 48, 80 * 48 * 2]);
  expect(uv[0]).toBeCloseTo(80 / 96);
  expect(uv[1]).toBeCloseTo(48 / 64);
  expect(sigma[0]).toBeCloseTo(2 * Math.sqrt((80 / 96) * (48 / 64)));
});

it('a picture that is larger than the network is to see is shown smaller', async () => {
  const asked: number[][] = [];
  const { uv } = await predictFlow(network((width) => (2 * width) / 96, asked), frameOf(0, 96, 64), frameOf(1, 96, 64), 64);
  expect(asked).toEqual([[32, 64]]);
  for (let i = 0; i < uv.length; i += 2) expect(uv[i]).toBeCloseTo(2);
});
