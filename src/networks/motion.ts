import { resizeField, type Size } from '../maths/resize.ts';
import type { MotionClues, MovingShare } from '../scene/fields.ts';
import { runChecked } from './image.ts';
import type { LoadedModel } from './runtime.ts';

/** Planes of clues that it is shown. */
export const CLUE_COUNT = 20;
/** The network halves its planes this often. */
const MULTIPLE = 8;

/** How likely each pixel moves, at the size `to`. */
export async function judgeMotion(model: LoadedModel, { count, width, height, data }: MotionClues, to: Size): Promise<MovingShare> {
  const wide = Math.ceil(width / MULTIPLE) * MULTIPLE;
  const high = Math.ceil(height / MULTIPLE) * MULTIPLE;
  const padded = new Float32Array(count * high * wide);
  for (let k = 0, at = 0; k < count; k++) {
    for (let y = 0; y < high; y++) {
      const row = (k * height + Math.min(y, height - 1)) * width;
      for (let x = 0; x < wide; x++) padded[at++] = data[row + Math.min(x, width - 1)]!;
    }
  }
  const { moving } = await runChecked(model, 'motion', { clues: { data: padded, dims: [1, count, high, wide] } }, { moving: 2 * high * wide });
  const crop = (channel: number) => Float32Array.from({ length: height * width }, (_, i) => moving![(channel * high + Math.floor(i / width)) * wide + (i % width)]!);
  const [ever, now] = [0, 1].map((channel) => resizeField(crop(channel), { width, height }, to, 1)) as [Float32Array, Float32Array];
  return { ever, now };
}
