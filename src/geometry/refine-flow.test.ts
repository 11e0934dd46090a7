import { describe, expect, it } from 'vitest';
import type { FlowField } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { refineFlow } from './refine-flow.ts';

const WIDTH = 96;
const HEIGHT = 64;

const frame = (index: number, luma: (x: number, y: number) => number): Frame => {
  const rgba = new Uint8Array(4 * WIDTH * HEIGHT).fill(255);
  for (let i = 0; i < WIDTH * HEIGHT; i++) rgba.fill(Math.round(255 * luma(i % WIDTH, Math.floor(i / WIDTH))), 4 * i, 4 * i + 3);
  return { index, timeSecs: index, width: WIDTH, height: HEIGHT, rgba };
};

const field = (at: (x: number, y: number) => [number, number]): FlowField => ({
  from: 0, to: 1, width: WIDTH, height: HEIGHT, sigma: new Float32Array(WIDTH * HEIGHT).fill(0.5), consistent: new Uint8Array(WIDTH * HEIGHT).fill(1),
  uv: Float32Array.from({ length: 2 * WIDTH * HEIGHT }, (_, i) => at((i >> 1) % WIDTH, Math.floor((i >> 1) / WIDTH))[i % 2]!),
});

/** Waves of several lengths and directions: texture that nothing repeats in. */
const texture = (x: number, y: number): number => 0.5 + 0.12 * (Math.sin(0.9 * x + 0.3 * y) + Math.sin(0.41 * x - 0.77 * y + 1) + Math.sin(0.23 * x + 1.1 * y + 2) + Math.sin(0.13 * x - 0.19 * y));

/** px: mean end-point error away from the border. */
function meanError({ uv }: FlowField, truth: (x: number, y: number) => [number, number], counts: (x: number, y: number) => boolean = () => true): number {
  let sum = 0;
  let count = 0;
  for (let y = 8; y < HEIGHT - 8; y++) {
    for (let x = 8; x < WIDTH - 8; x++) {
      if (!counts(x, y)) continue;
      const [u, v] = truth(x, y);
      const i = 2 * (y * WIDTH + x);
      sum += Math.hypot(uv[i]! - u, uv[i + 1]! - v);
      count++;
    }
  }
  return sum / count;
}

describe('the variational step', () => {
  it('finds sub-pixels of a smooth flow that starts off by most of a pixel', () => {
    const truth = (x: number, y: number): [number, number] => [1.3 + 0.01 * y, -0.6 + 0.008 * x];
    // The flow is linear: where a point (x, y) of the second picture came from solves a 2 × 2 system.
    const [a, d] = [0.01, 0.008];
    const from = (x: number, y: number): [number, number] => {
      const [p, q] = [x - 1.3, y + 0.6];
      return [(p - a * q) / (1 - a * d), (q - d * p) / (1 - a * d)];
    };
    const start = field((x, y) => [truth(x, y)[0] + 0.7 * Math.sin(y / 9), truth(x, y)[1] - 0.7 * Math.cos(x / 11)]);
    const refined = refineFlow(frame(0, texture), frame(1, (x, y) => texture(...from(x, y))), start);
    expect(meanError(start, truth)).toBeGreaterThan(0.6);
    expect(meanError(refined, truth)).toBeLessThan(0.04);
  });

  it('puts a blurred outline between two motions where the picture has it', () => {
    // The near half moves to the left: nothing is uncovered on the far one but at the outline.
    const near = (x: number) => x < 48;
    const speckle = (x: number, y: number) => 0.5 + 0.7 * (texture(1.7 * x + 31, 1.3 * y) - 0.5);
    const truth = (x: number): [number, number] => (near(x) ? [-2, 0] : [0, 0]);
    const ramp = (x: number): [number, number] => [-2 + 2 / (1 + Math.exp(-(x - 47.5) / 4)), 0];
    const first = frame(0, (x, y) => (near(x) ? 0.25 * speckle(x, y) : 0.4 + 0.6 * texture(x, y)));
    const second = frame(1, (x, y) => (near(x + 2) ? 0.25 * speckle(x + 2, y) : 0.4 + 0.6 * texture(x, y)));
    const beside = (x: number) => Math.abs(x - 47.5) < 10;
    const start = field(ramp);
    expect(meanError(refineFlow(first, second, start), truth, beside)).toBeLessThan(meanError(start, truth, beside) / 4);
  });

  it('leaves alone what plain pictures say nothing of, and the field it was given', () => {
    const start = field(() => [3, -2]);
    const plain = frame(0, () => 0.5);
    const refined = refineFlow(plain, plain, start);
    expect(meanError(refined, () => [3, -2])).toBeLessThan(1e-3);
    expect(start.uv.every((value, i) => value === (i % 2 === 0 ? 3 : -2))).toBe(true);
  });

  it('is less sure where it changed more', () => {
    const start = field((x) => (x < 48 ? [0, 0] : [0.8, 0]));
    const { sigma } = refineFlow(frame(0, texture), frame(1, texture), start);
    expect(sigma[32 * WIDTH + 80]!).toBeGreaterThan(2 * sigma[32 * WIDTH + 16]!);
  });
});
