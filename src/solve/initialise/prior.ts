// What is believed before any correspondence speaks: depth per frame up to scale, and a usual focal length.

import { median } from '../../maths/robust.ts';
import type { PairPrediction, Pointmap } from '../../scene/fields.ts';

/** Field of view across the longer side of a phone's main camera. */
const USUAL_FOV_DEG = 65;
const NARROWEST_FOV_DEG = 25;
const WIDEST_FOV_DEG = 120;

export const focalOfFov = (fovDeg: number, size: number): number => size / 2 / Math.tan((fovDeg * Math.PI) / 360);

/** Keeps a focal length (px) within 25–120 degrees across the longer side. */
export function clampFocal(focal: number, longerSide: number): number {
  return Math.min(focalOfFov(NARROWEST_FOV_DEG, longerSide), Math.max(focalOfFov(WIDEST_FOV_DEG, longerSide), focal));
}

/**
 * px. Where self-calibration starts. The pointmaps' own focal length is not asked: on the development scenes it says about 55 degrees whatever
 * the lens, which is farther from the truth (0.38 in log units on average) than a usual lens is (0.25).
 */
export const usualFocal = (longerSide: number): number => focalOfFov(USUAL_FOV_DEG, longerSide);

/**
 * log depth of frame t at the given pixels (working size), fused over its pairs by confidence; median 0. All 0 where no pair has the frame.
 */
export function fusePrior(pairs: readonly PairPrediction[], t: number, x: Float32Array, y: Float32Array, width: number, height: number): Float32Array {
  const n = x.length;
  const sum = new Float64Array(n);
  const weight = new Float64Array(n);
  for (const { from, ofFrom } of pairs) {
    if (from !== t) continue;
    const logs = sampleLogDepth(ofFrom, x, y, width, height);
    const middle = median(logs.value);
    for (let i = 0; i < n; i++) {
      sum[i]! += logs.weight[i]! * (logs.value[i]! - middle);
      weight[i]! += logs.weight[i]!;
    }
  }
  return Float32Array.from(sum, (s, i) => (weight[i]! > 0 ? s / weight[i]! : 0));
}

/** DUSt3R weighs by log confidence; a small floor keeps hopeless pixels defined. */
function sampleLogDepth(map: Pointmap, x: Float32Array, y: Float32Array, width: number, height: number): { value: Float32Array; weight: Float32Array } {
  const value = new Float32Array(x.length);
  const weight = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const px = Math.min(map.width - 1, Math.floor((x[i]! * map.width) / width));
    const py = Math.min(map.height - 1, Math.floor((y[i]! * map.height) / height));
    const o = py * map.width + px;
    value[i] = Math.log(Math.max(1e-4, map.xyz[3 * o + 2]!));
    weight[i] = Math.log(Math.max(1, map.confidence[o]!)) + 0.05;
  }
  return { value, weight };
}
