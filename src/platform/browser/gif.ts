// A looping GIF with one table of colours, in which only what changes is written anew.

import { applyPalette, GIFEncoder, quantize } from 'gifenc';

/** One of the 256 colours stands for "as before". */
const COLOURS = 255;
/** Pixels that the colours are chosen from, over all frames. */
const ASKED = 200_000;

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly data: Uint8ClampedArray;
}

/** `delays`: how long each picture is on show, ms, multiples of ten. All pictures have one size. */
export function encodeGif(pictures: readonly Picture[], delays: readonly number[]): Uint8Array<ArrayBuffer> {
  const { width, height } = pictures[0];
  const palette = quantize(samplePixels(pictures), COLOURS);
  const gif = GIFEncoder();
  let before: Uint8Array | null = null;
  pictures.forEach(({ data }, i) => {
    const index = applyPalette(data, palette);
    const same = before;
    gif.writeFrame(same ? index.map((v, k) => (v === same[k] ? COLOURS : v)) : index, width, height, {
      // Every GIF table has a power of two entries, so there is one behind the last colour.
      ...(same ? { transparent: true, transparentIndex: COLOURS, dispose: 1 } : { palette: [...palette, ...Array.from({ length: COLOURS + 1 - palette.length }, () => [0, 0, 0])], repeat: 0, dispose: 1 }),
      delay: delays[i],
    });
    before = index;
  });
  gif.finish();
  return gif.bytes();
}

/** Every n-th pixel of all pictures, RGBA. */
function samplePixels(pictures: readonly Picture[]): Uint8ClampedArray {
  const size = pictures[0].width * pictures[0].height;
  const stride = Math.max(1, Math.floor((pictures.length * size) / ASKED));
  const sample = new Uint8ClampedArray(Math.floor((pictures.length * size - 1) / stride + 1) * 4);
  for (let k = 0, to = 0; k < pictures.length * size; k += stride, to += 4) {
    const from = (k % size) * 4;
    const { data } = pictures[Math.floor(k / size)];
    for (let c = 0; c < 4; c++) sample[to + c] = data[from + c];
  }
  return sample;
}
