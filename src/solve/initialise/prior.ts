// What is believed before any correspondence speaks: depth per frame up to scale, and a usual focal length.

import { median, quantile } from '../../maths/robust.ts';
import type { PairPrediction, Pointmap } from '../../scene/fields.ts';

/** Field of view across the longer side of a phone's main camera. */
const USUAL_FOV_DEG = 65;
const NARROWEST_FOV_DEG = 25;
const WIDEST_FOV_DEG = 120;

export const focalOfFov = (fovDeg: number, size: number): number => size / 2 / Math.tan((fovDeg * Math.PI) / 360);

/** What a prior deviates by (log units) that is no better than it need be, and the least that is believed of any. */
export const USUAL_SPREAD = 0.15;
const LEAST_SPREAD = 0.01;
/** The tail tells, not the middle: open ground is firm, easy and large, and says little of what stands on it. A normal's 90 % lie within 1.645 sigma. */
const TAIL = 0.9;
const TAIL_SIGMAS = 1.645;
/** Fewer firm cells than this say nothing of a frame's prior. */
const FEWEST_FIRM = 200;

/** What the prior is worth, found where parallax fixes depth for sure. */
export interface PriorCheck {
  /** Standard deviation (log units, from the tail) of depth about the prior; a usual one where too few places can tell. */
  readonly spread: number;
  /** log scale of each frame's prior; null where too few places of the frame can tell. */
  readonly scale: readonly (number | null)[];
}

export function checkPrior(logDepth: readonly Float32Array[], prior: readonly Float32Array[], isFirm: (t: number, g: number) => boolean): PriorCheck {
  const deviations: number[] = [];
  const scale = logDepth.map((depth, t) => {
    const offsets: number[] = [];
    for (let g = 0; g < depth.length; g++) if (isFirm(t, g)) offsets.push(depth[g]! - prior[t]![g]!);
    if (offsets.length < FEWEST_FIRM) return null;
    const middle = median(offsets);
    for (const o of offsets) deviations.push(Math.abs(o - middle));
    return middle;
  });
  return { scale, spread: deviations.length === 0 ? USUAL_SPREAD : Math.max(LEAST_SPREAD, quantile(deviations, TAIL) / TAIL_SIGMAS) };
}

/** Factor on the prior's weight, at least `least`: a prior that proved right where it could be checked is believed elsewhere. Its errors are the less correlated the smaller they are. */
export const priorTrust = (spread: number, least = 1): number => Math.max(least, (USUAL_SPREAD / spread) ** 3);

/** Factor on the prior's weight where parallax cannot be trusted at all: depth is the prior's, and the flow moves cameras only. */
export const PRIOR_ALONE = 1e5;

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
