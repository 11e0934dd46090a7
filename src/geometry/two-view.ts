// Two views of a scene: which model explains the static matches (still, homography, epipolar), and the relative pose it gives.

import type { Rng } from '../scene/rng.ts';
import { FUNDAMENTAL } from './fundamental.ts';
import { HOMOGRAPHY } from './homography.ts';
import type { Matches } from './matches.ts';
import {
  calibrateHomography, chooseCheiral, decomposeEssential, decomposeHomography, essentialFrom, toRays, triangulateDepths,
  type Intrinsics, type RelativePose,
} from './relative-pose.ts';
import { fitLmeds, type RobustFit } from './robust-fit.ts';

/** Torr's geometric robust information criterion: λ₁ = ln 4, λ₂ = ln(4 n), λ₃ = 2. Smaller is better. */
export function gric(squaredResiduals: Float64Array, sigmaPx: number, kind: 'epipolar' | 'homography'): number {
  const n = squaredResiduals.length;
  // Dimension of the manifold of matches, and parameters of the model.
  const [d, k] = kind === 'epipolar' ? [3, 7] : [2, 8];
  const cap = 2 * (4 - d);
  let sum = 0;
  for (const e2 of squaredResiduals) sum += Math.min(e2 / (sigmaPx * sigmaPx), cap);
  return sum + Math.log(4) * d * n + Math.log(4 * n) * k;
}

export interface TwoViewModel {
  readonly kind: 'epipolar' | 'homography';
  readonly fit: RobustFit;
  readonly epipolar: RobustFit | null;
  readonly homography: RobustFit | null;
}

/**
 * Fits both models robustly and keeps the better one.
 * @param sigmaPx least noise of a match; the noise found under F is used where it is larger. A guess above the true noise hides parallax.
 */
export function chooseTwoViewModel(matches: Matches, sigmaPx: number, rng: Rng): TwoViewModel | null {
  const epipolar = fitLmeds(FUNDAMENTAL, matches, rng);
  const homography = fitLmeds(HOMOGRAPHY, matches, rng, { trials: 200 });
  if (!epipolar || !homography) {
    const fit = epipolar ?? homography;
    return fit && { kind: epipolar ? 'epipolar' : 'homography', fit, epipolar, homography };
  }
  const kind = preferHomography(matches, epipolar, homography, sigmaPx) ? 'homography' : 'epipolar';
  return { kind, fit: kind === 'homography' ? homography : epipolar, epipolar, homography };
}

/**
 * GRIC on the matches that either model accepts: what neither explains moves, and says nothing about the camera.
 * The transfer error lives in one view only; halving its square makes it a distance in both, as the Sampson error is.
 */
export function preferHomography(matches: Matches, epipolar: RobustFit, homography: RobustFit, sigmaPx: number): boolean {
  const sigma = Math.max(sigmaPx, epipolar.scalePx);
  const epipolarSquares: number[] = [];
  const homographySquares: number[] = [];
  for (let i = 0; i < matches.length / 4; i++) {
    if (!epipolar.inliers[i] && !homography.inliers[i]) continue;
    epipolarSquares.push(FUNDAMENTAL.residualPx(epipolar.params, matches, i) ** 2);
    homographySquares.push(HOMOGRAPHY.residualPx(homography.params, matches, i) ** 2 / 2);
  }
  return gric(Float64Array.from(homographySquares), sigma, 'homography') < gric(Float64Array.from(epipolarSquares), sigma, 'epipolar');
}

export interface TwoViewPose {
  readonly pose: RelativePose;
  readonly kind: 'epipolar' | 'homography';
  /** u8 [N], 1 = obeys the model. */
  readonly inliers: Uint8Array;
  /** Share of the inliers that lie in front of both cameras, 0…1; low = do not trust. */
  readonly inFrontShare: number;
  /** Median angle between the rays of the inliers, rad. */
  readonly parallaxRad: number;
}

/** Relative pose from static matches and known intrinsics, or null when there are fewer than 8 of them. */
export function estimateTwoViewPose(matches: Matches, first: Intrinsics, second: Intrinsics, sigmaPx: number, rng: Rng): TwoViewPose | null {
  const model = chooseTwoViewModel(matches, sigmaPx, rng);
  if (!model) return null;
  const rays = toRays(matches, first, second);
  const { kind, fit } = model;
  const poses: RelativePose[] = kind === 'epipolar'
    ? decomposeEssential(essentialFrom(fit.params, first, second))
    : decomposeHomography(calibrateHomography(fit.params, first, second));
  const turning = kind === 'homography' && poses.length === 1;
  const { pose, inFront } = turning ? { pose: poses[0]!, inFront: fit.inlierCount } : chooseCheiral(poses, rays, fit.inliers);
  return {
    pose, kind, inliers: fit.inliers,
    inFrontShare: inFront / Math.max(1, fit.inlierCount),
    parallaxRad: turning ? 0 : medianParallax(pose, rays, fit.inliers),
  };
}

function medianParallax(pose: RelativePose, rays: Float64Array, inliers: Uint8Array): number {
  const depths = new Float64Array(2);
  const angles: number[] = [];
  for (let i = 0; i < inliers.length; i++) if (inliers[i]) angles.push(triangulateDepths(pose, rays, i * 4, depths));
  angles.sort((a, b) => a - b);
  return angles[angles.length >> 1] ?? 0;
}
