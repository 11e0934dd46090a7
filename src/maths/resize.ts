// Fields at another size. Pixel centres lie at +0.5 on both sides.

export interface Size { readonly width: number; readonly height: number }

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

/** Vectors [h·w·2] in px of one picture size → f32 [H·W·2] in px of another. */
export function resizeVectors(uv: ArrayLike<number>, from: Size, to: Size): Float32Array {
  const scaleX = to.width / from.width;
  const scaleY = to.height / from.height;
  const out = resizeField(uv, from, to, 2);
  for (let i = 0; i < out.length; i += 2) {
    out[i]! *= scaleX;
    out[i + 1]! *= scaleY;
  }
  return out;
}
