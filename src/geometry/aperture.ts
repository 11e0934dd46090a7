// How well a picture can tell where its points went (Lucas and Kanade 1981; Shi and Tomasi 1994).

import { centralDifferences } from '../maths/differences.ts';
import type { Size } from '../maths/resize.ts';
import { smallerEigenvalue } from '../maths/symmetric2.ts';
import { boxMean } from './mask-shape.ts';

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
  const [gx, gy] = centralDifferences(luma, size);
  const around = (map: Float32Array) => boxMean(boxMean(map, RADIUS, size), RADIUS, size);
  const [a, b, c] = [around(gx.map((x) => x * x)), around(gx.map((x, i) => x * gy[i]!)), around(gy.map((y) => y * y))];
  return a.map((_, i) => LUMA_NOISE / Math.sqrt(Math.max(LEAST_CURVATURE, smallerEigenvalue(a[i]!, b[i]!, c[i]!))));
}
