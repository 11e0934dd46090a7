// Robust estimation of two-view models: least median of squares, RANSAC, and the final fit on the inliers.

import type { Rng } from '../scene/rng.ts';
import type { Matches } from './matches.ts';

/** A two-view model given by a 3×3 matrix. */
export interface RobustModel {
  readonly sampleSize: number;
  fit(matches: Matches, indices: ArrayLike<number>, weights?: Float64Array): Float64Array | null;
  residualPx(params: Float64Array, matches: Matches, index: number): number;
  /** Turns the squared algebraic error of the linear fit into a squared distance in px. */
  weight(params: Float64Array, matches: Matches, index: number): number;
}

export interface RobustFit {
  /** f64 [9]. */
  readonly params: Float64Array;
  /** Standard deviation of the inliers' residual, px; from the median, so outliers do not count. */
  readonly scalePx: number;
  /** u8 [N], 1 = inlier. */
  readonly inliers: Uint8Array;
  readonly inlierCount: number;
}

/** Trials that hit a clean sample of 8 with 99 % at 45 % outliers; more only helps when nothing else does. */
export const DEFAULT_TRIALS = 500;
/** Inliers lie within this many standard deviations (Rousseeuw & Leroy). */
const INLIER_SIGMAS = 2.5;
/** Residuals below this are finer than any flow or track; a floor keeps exact data from rejecting itself. */
const MIN_SCALE_PX = 0.01;

/**
 * Least median of squares: needs no threshold, right as long as more than half of the matches obey the model.
 * Medians are taken over at most `maxScored` evenly spread matches; the scale and the final fit use them all.
 */
export function fitLmeds(model: RobustModel, matches: Matches, rng: Rng, options: { trials?: number; maxScored?: number } = {}): RobustFit | null {
  const n = matches.length / 4;
  const { trials = DEFAULT_TRIALS, maxScored = 400 } = options;
  if (n < model.sampleSize) return null;
  const scored = spread(n, maxScored);
  const residuals = new Float64Array(scored.length);
  const sample = new Int32Array(model.sampleSize);
  let best: Float64Array | null = null;
  let bestMedian = Infinity;
  const half = scored.length >> 1;
  for (let trial = 0; trial < trials; trial++) {
    drawSample(sample, n, rng);
    const params = model.fit(matches, sample);
    if (!params) continue;
    // Most trials are lost early: give up as soon as half of the residuals exceed the best median.
    let above = 0;
    let k = 0;
    for (; k < scored.length && above <= scored.length - half; k++) {
      residuals[k] = model.residualPx(params, matches, scored[k]!);
      if (residuals[k]! >= bestMedian) above++;
    }
    if (k < scored.length) continue;
    const median = medianOf(residuals);
    if (median < bestMedian) {
      bestMedian = median;
      best = params;
    }
  }
  return best && refineFit(model, matches, best, scaleFromMedian(bestMedian, n, model.sampleSize));
}

/**
 * RANSAC with a truncated quadratic score (MSAC).
 * @param support f64 [N] how much each match counts, all 1 if absent; lets the border of the picture count more.
 */
export function fitRansac(model: RobustModel, matches: Matches, rng: Rng, options: { thresholdPx: number; trials?: number; maxScored?: number; support?: Float64Array }): RobustFit | null {
  const n = matches.length / 4;
  const { thresholdPx, trials = DEFAULT_TRIALS, maxScored = 600, support } = options;
  if (n < model.sampleSize) return null;
  const scored = spread(n, maxScored);
  const sample = new Int32Array(model.sampleSize);
  let best: Float64Array | null = null;
  let bestCost = Infinity;
  for (let trial = 0; trial < trials; trial++) {
    drawSample(sample, n, rng);
    const params = model.fit(matches, sample);
    if (!params) continue;
    let cost = 0;
    for (let k = 0; k < scored.length && cost < bestCost; k++) {
      const i = scored[k]!;
      const r = model.residualPx(params, matches, i) / thresholdPx;
      cost += Math.min(1, r * r) * (support ? support[i]! : 1);
    }
    if (cost < bestCost) {
      bestCost = cost;
      best = params;
    }
  }
  return best && refineFit(model, matches, best, thresholdPx / INLIER_SIGMAS);
}

/** Weighted fits on the inliers, scale from their median each time; three rounds settle the set. */
export function refineFit(model: RobustModel, matches: Matches, start: Float64Array, startScalePx: number): RobustFit {
  const n = matches.length / 4;
  const residuals = new Float64Array(n);
  let current = assess(model, matches, start, startScalePx, residuals);
  for (let round = 0; round < 3; round++) {
    const indices: number[] = [];
    for (let i = 0; i < n; i++) if (current.inliers[i]) indices.push(i);
    if (indices.length < model.sampleSize) break;
    const weights = Float64Array.from(indices, (i) => {
      const r = residuals[i]! / (INLIER_SIGMAS * current.scalePx);
      return model.weight(current.params, matches, i) * Math.max(0, 1 - r * r) ** 2 + 1e-300;
    });
    const params = model.fit(matches, indices, weights);
    if (!params) break;
    const inlierResiduals = Float64Array.from(indices, (i) => model.residualPx(params, matches, i));
    const scale = Math.max(MIN_SCALE_PX, scaleFromMedian(medianOf(inlierResiduals), indices.length, model.sampleSize));
    const next = assess(model, matches, params, scale, residuals);
    // A fit that loses its own support has left the structure it came from.
    if (next.inlierCount < 0.7 * current.inlierCount) break;
    current = next;
  }
  return current;
}

function assess(model: RobustModel, matches: Matches, params: Float64Array, scalePx: number, residuals: Float64Array): RobustFit {
  const scale = Math.max(MIN_SCALE_PX, scalePx);
  const inliers = new Uint8Array(residuals.length);
  let inlierCount = 0;
  for (let i = 0; i < residuals.length; i++) {
    residuals[i] = model.residualPx(params, matches, i);
    if (residuals[i]! <= INLIER_SIGMAS * scale) {
      inliers[i] = 1;
      inlierCount++;
    }
  }
  return { params, scalePx: scale, inliers, inlierCount };
}

/** σ = 1.4826 (1 + 5 / (n − p)) · median |r| for residuals of zero mean (Rousseeuw & Leroy 1987). */
function scaleFromMedian(median: number, n: number, sampleSize: number): number {
  return 1.4826 * (1 + 5 / Math.max(1, n - sampleSize)) * median;
}

function spread(n: number, most: number): Int32Array {
  const count = Math.min(n, most);
  return Int32Array.from({ length: count }, (_, k) => Math.floor((k * n) / count));
}

function drawSample(sample: Int32Array, n: number, rng: Rng): void {
  for (let k = 0; k < sample.length; k++) {
    let index: number;
    do index = rng.int(n); while (sample.subarray(0, k).includes(index));
    sample[k] = index;
  }
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted.length ? sorted[sorted.length >> 1]! : NaN;
}
