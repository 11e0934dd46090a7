// How well a picture can tell where its points went (Lucas and Kanade 1981; Shi and Tomasi 1994).

import { smallerEigenvalue } from '../maths/symmetric2.ts';
import { boxMean, type Size } from './mask-shape.ts';

/** px: two box means of this radius make the window around a pixel. */
const RADIUS = 3;
/** Deviation of the mean luma difference of a window between frames: sensor noise, compression and changes of light, all taken together. */
const LUMA_NOISE = 0.003;
const LEAST_CURVATURE = 1e-8;

/**
 * The least deviation per axis of flow from each pixel, px: the noise of luma over the smaller eigenvalue's root of the structure tensor.
 * A plain wall and a straight line give flow nothing to hold on to, however sure a network is of what it fills in.
 * @param luma f32 [H·W] in 0…1
 */
export function apertureSigma(luma: Float32Array, size: Size): Float32Array {
  const { width, height } = size;
  const xx = new Float32Array(luma.length);
  const xy = new Float32Array(luma.length);
  const yy = new Float32Array(luma.length);
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width;
    const down = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const gx = (luma[y * width + Math.min(width - 1, x + 1)]! - luma[y * width + Math.max(0, x - 1)]!) / 2;
      const gy = (luma[down + x]! - luma[up + x]!) / 2;
      xx[i] = gx * gx;
      xy[i] = gx * gy;
      yy[i] = gy * gy;
    }
  }
  const around = (map: Float32Array) => boxMean(boxMean(map, RADIUS, size), RADIUS, size);
  const [a, b, c] = [around(xx), around(xy), around(yy)];
  return a.map((_, i) => LUMA_NOISE / Math.sqrt(Math.max(LEAST_CURVATURE, smallerEigenvalue(a[i]!, b[i]!, c[i]!))));
}
