// Between frames at working size and tensors at network size. Pixel centres lie at +0.5 on both sides.

import { FoursightError } from '../scene/errors.ts';
import type { Frame } from '../scene/frame.ts';
import type { LoadedModel, Tensor } from './runtime.ts';

export interface Size { readonly width: number; readonly height: number }

/** All networks take sides that are multiples of this. */
export const SIDE_MULTIPLE = 32;

/** The network size nearest to a frame's own, or to so many times that: sides are multiples of 32, the longer one at most `longest`. */
export function networkSize({ width, height }: Size, longest: number, enlarged = 1): Size {
  const scale = Math.min(enlarged, longest / Math.max(width, height));
  const snap = (length: number) => Math.max(SIDE_MULTIPLE, SIDE_MULTIPLE * Math.round((length * scale) / SIDE_MULTIPLE));
  return { width: snap(width), height: snap(height) };
}

/** For each place of a line of `to` samples: which of the `from` samples it mixes, and with which weights. */
interface Line {
  /** First source sample of each place. */
  readonly start: Int32Array;
  /** [to·taps], each place sums to 1. */
  readonly weights: Float32Array;
  readonly taps: number;
}

/** Linear interpolation when enlarging; a triangle as wide as the shrinking when shrinking, so that nothing aliases. */
function planLine(from: number, to: number): Line {
  const ratio = from / to;
  const reach = Math.max(1, ratio);
  const taps = Math.ceil(2 * reach) + 1;
  const start = new Int32Array(to);
  const weights = new Float32Array(to * taps);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * ratio - 0.5;
    const first = Math.floor(centre - reach) + 1;
    start[i] = Math.max(0, Math.min(from - taps, first));
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += Math.max(0, 1 - Math.abs(first + k - centre) / reach);
    for (let k = 0; k < taps; k++) {
      const weight = Math.max(0, 1 - Math.abs(first + k - centre) / reach) / sum;
      // Beyond the edge the outermost sample repeats.
      const source = Math.max(0, Math.min(from - 1, first + k));
      weights[i * taps + Math.max(0, Math.min(taps - 1, source - start[i]!))]! += weight;
    }
  }
  return { start, weights, taps };
}

/**
 * Resamples a field of `channels` values per place.
 * @param data [h·w·channels] row-major, channel last.
 * @returns f32 [H·W·channels].
 */
export function resizeField(data: ArrayLike<number>, from: Size, to: Size, channels: number): Float32Array {
  if (from.width === to.width && from.height === to.height) return Float32Array.from(data);
  const across = planLine(from.width, to.width);
  const down = planLine(from.height, to.height);
  const rows = new Float32Array(from.height * to.width * channels);
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < to.width; x++) {
      const target = (y * to.width + x) * channels;
      for (let k = 0; k < across.taps; k++) {
        const weight = across.weights[x * across.taps + k]!;
        if (weight === 0) continue;
        const source = (y * from.width + across.start[x]! + k) * channels;
        for (let c = 0; c < channels; c++) rows[target + c]! += weight * data[source + c]!;
      }
    }
  }
  const out = new Float32Array(to.height * to.width * channels);
  const stride = to.width * channels;
  for (let y = 0; y < to.height; y++) {
    for (let k = 0; k < down.taps; k++) {
      const weight = down.weights[y * down.taps + k]!;
      if (weight === 0) continue;
      const source = (down.start[y]! + k) * stride;
      for (let i = 0; i < stride; i++) out[y * stride + i]! += weight * rows[source + i]!;
    }
  }
  return out;
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
