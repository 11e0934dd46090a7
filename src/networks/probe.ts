import { CLUE_COUNT } from './motion.ts';
import type { NetworkName, Tensor } from './runtime.ts';

const WIDTH = 64;
const HEIGHT = 64;
const WINDOW = 8;
const POINTS = 3;

/**
 * The smallest sensible question to a network: one device's answer is compared with another's before it is trusted.
 * models/export asks PyTorch the same, for the fixtures of the parity tests.
 */
export function probeInputs(name: NetworkName): Record<string, Tensor> {
  if (name === 'motion') return { clues: { data: clues(), dims: [1, CLUE_COUNT, HEIGHT, WIDTH] } };
  if (name !== 'track') {
    const image = (k: number): Tensor => ({ data: picture(k), dims: [1, 3, HEIGHT, WIDTH] });
    return { image1: image(0), image2: image(1) };
  }
  const frames = new Float32Array(WINDOW * 3 * HEIGHT * WIDTH);
  for (let k = 0; k < WINDOW; k++) frames.set(picture(k), k * 3 * HEIGHT * WIDTH);
  const queries = Float32Array.from({ length: POINTS * 3 }, (_, i) => {
    const n = Math.floor(i / 3);
    return [n % WINDOW, 10.5 + 13 * n, 12.5 + 9 * n][i % 3]!;
  });
  return { frames: { data: frames, dims: [WINDOW, 3, HEIGHT, WIDTH] }, queries: { data: queries, dims: [POINTS, 3] } };
}

/** f32 [CLUE_COUNT·H·W]. */
function clues(): Float32Array {
  const planes = new Float32Array(CLUE_COUNT * HEIGHT * WIDTH);
  for (let k = 0; k < CLUE_COUNT; k++) planes.set(picture(k).subarray(0, HEIGHT * WIDTH).map((v) => 4 * v - 2), k * HEIGHT * WIDTH);
  return planes;
}

/** f32 [3·H·W]: overlaid waves that travel with k. */
function picture(k: number): Float32Array {
  return Float32Array.from({ length: 3 * HEIGHT * WIDTH }, (_, i) => {
    const x = i % WIDTH;
    const y = Math.floor(i / WIDTH) % HEIGHT;
    const c = Math.floor(i / (WIDTH * HEIGHT));
    return 0.5 + 0.25 * Math.sin(0.31 * (x - 2 * k) + 0.7 * c) + 0.2 * Math.cos(0.23 * (y + k) + 0.05 * x);
  });
}

/** Values beyond this share may differ: a matcher that picks one of two equal peaks is not wrong. */
const TYPICAL = 0.95;

/** Difference that 95 % of the values stay below, relative to the largest value of each output (and 1, so that tiny outputs do not count). */
export function compareOutputs(a: Readonly<Record<string, Tensor>>, b: Readonly<Record<string, Tensor>>): number {
  let worst = 0;
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]?.data;
    if (!other || other.length !== data.length || !other.every(Number.isFinite)) return Infinity;
    const differences = data.map((value, i) => Math.abs(value - other[i]!)).sort();
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    worst = Math.max(worst, differences[Math.floor(TYPICAL * (data.length - 1))]! / largest);
  }
  return worst;
}
