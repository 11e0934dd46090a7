import { SIDE_MULTIPLE } from './image.ts';
import type { NetworkName, Tensor } from './runtime.ts';

const SIDE = 2 * SIDE_MULTIPLE;

/** The smallest sensible question to a network: one device's answer is compared with another's before it is trusted. */
export function probeInputs(name: NetworkName): Record<string, Tensor> {
  if (name === 'track') {
    const frames = new Float32Array(8 * 3 * SIDE * SIDE);
    for (let s = 0; s < 8; s++) frames.set(pattern(s), s * 3 * SIDE * SIDE);
    return { frames: { data: frames, dims: [8, 3, SIDE, SIDE] }, queries: { data: Float32Array.of(0, 20.5, 24.5, 3, 40.5, 33.5), dims: [2, 3] } };
  }
  const image = (shift: number): Tensor => ({ data: pattern(shift), dims: [1, 3, SIDE, SIDE] });
  return { image1: image(0), image2: image(2) };
}

/** f32 [3·SIDE·SIDE]: overlaid waves, moved to the right by `shift` px. */
function pattern(shift: number): Float32Array {
  const data = new Float32Array(3 * SIDE * SIDE);
  for (let c = 0, i = 0; c < 3; c++) {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++, i++) {
        data[i] = 0.5 + 0.2 * Math.sin((x - shift) * 0.31 + c) + 0.2 * Math.sin(y * 0.23 - c) + 0.1 * Math.sin(((x - shift) * y) / 40);
      }
    }
  }
  return data;
}

/** Largest difference, relative to the spread of the values (and 1, so that tiny outputs do not count). */
export function compareOutputs(a: Readonly<Record<string, Tensor>>, b: Readonly<Record<string, Tensor>>): number {
  let worst = 0;
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]?.data;
    if (!other || other.length !== data.length) return Infinity;
    let largest = 1;
    let difference = 0;
    for (let i = 0; i < data.length; i++) {
      largest = Math.max(largest, Math.abs(data[i]!));
      const gap = Math.abs(data[i]! - other[i]!);
      // Also catches NaN, which every comparison would let pass.
      if (!(gap <= difference)) difference = gap;
    }
    worst = Math.max(worst, difference / largest);
    if (Number.isNaN(difference)) return Infinity;
  }
  return worst;
}
