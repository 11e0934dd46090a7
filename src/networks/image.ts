// Between frames at working size and tensors at network size. Pixel centres lie at +0.5 on both sides.

import { resizeField, type Size } from '../maths/resize.ts';
import { FoursightError } from '../scene/errors.ts';
import type { Frame } from '../scene/frame.ts';
import type { LoadedModel, Tensor } from './runtime.ts';

/** All networks take sides that are multiples of this. */
export const SIDE_MULTIPLE = 32;
/** Longer side of the pictures that networks learn from, px. Larger ones they see at this size: they reach farther, and know better what moves. */
export const LEARNT_SIDE = 256;

/** The network size nearest to a frame's own: sides are multiples of 32, the longer one at most `longest`. */
export function networkSize({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  const snap = (length: number) => Math.max(SIDE_MULTIPLE, SIDE_MULTIPLE * Math.round((length * scale) / SIDE_MULTIPLE));
  return { width: snap(width), height: snap(height) };
}

/** Frame → f32 [3·h·w] RGB in 0…1, channel first, as networks take it. */
export function toPlanes(frame: Frame, size: Size): Float32Array {
  const pixels = resizeField(frame.rgba, frame, size, 4);
  const count = size.width * size.height;
  const planes = new Float32Array(3 * count);
  for (let c = 0; c < 3; c++) for (let i = 0; i < count; i++) planes[c * count + i] = pixels[i * 4 + c]! / 255;
  return planes;
}

/** Frame → tensor f32 [1,3,h,w]. */
export function toImageTensor(frame: Frame, size: Size): Tensor {
  return { data: toPlanes(frame, size), dims: [1, 3, size.height, size.width] };
}

/** [C·P] channel first → [P·C] channel last. */
export function channelLast(planes: Float32Array, channels: number): Float32Array {
  const count = planes.length / channels;
  const out = new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < count; i++) out[i * channels + c] = planes[c * count + i]!;
  return out;
}

/** Runs a model and checks what it says: every promised output, of the promised length, all of it finite. */
export async function runChecked(
  model: LoadedModel, network: string, inputs: Readonly<Record<string, Tensor>>, expected: Readonly<Record<string, number>>,
): Promise<Record<string, Float32Array>> {
  const outputs = await model.run(inputs);
  const checked: Record<string, Float32Array> = {};
  for (const [name, length] of Object.entries(expected)) {
    const data = outputs[name]?.data;
    const fault = !data ? 'is missing' : data.length !== length ? `has ${data.length} values instead of ${length}` : data.every(Number.isFinite) ? '' : 'holds values that are not numbers';
    if (fault || !data) {
      throw new FoursightError('network/bad-output', `The output "${name}" of the ${network} network ${fault} (on ${model.device}); try the other backend.`);
    }
    checked[name] = data;
  }
  return checked;
}
