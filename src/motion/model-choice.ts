// The motion of the static world between two frames: still, homography or epipolar (method.md 4 and 4.4).

import { epipoleOf, FUNDAMENTAL } from '../geometry/fundamental.ts';
import { HOMOGRAPHY } from '../geometry/homography.ts';
import { fitLmeds, fitRansac, refineFit, type RobustFit, type RobustModel } from '../geometry/robust-fit.ts';
import { preferHomography } from '../geometry/two-view.ts';
import type { Rng } from '../scene/rng.ts';
import { MIN_STATIC_TRACKS, selectMatches, type PairMatches } from './static-tracks.ts';

/** A camera whose static flow stays below this stands still, px (median). */
export const STILL_FLOW_PX = 0.3;
/** A match supports a model within this many of its expected errors, and within these bounds in px. */
const SUPPORT_SIGMAS = 3;
const SUPPORT_PX = { min: 0.8, max: 1.5 };
/** Tracks that call themselves static are believed while their model keeps this share of the best support found without them. */
const BELIEVE_TRACKS = 0.85;
/**
 * A model of part of the picture that fits so much more finely than the one of most support, and still holds for this share, is the better one:
 * an epipolar geometry bent towards a large mover gains support and loses precision.
 */
const FINER = { scaleRatio: 1 / 3, support: 0.55 };
/** Parallax below this drowns in the noise of flow; a homography, which constrains both directions, then tells more. */
const MIN_PARALLAX_PX = 0.05;
/** Hit a clean sample with 97 % at 60 % inliers (8 points) and with 99 % at 50 % (4 points). */
const TRIALS = { epipolar: 200, homography: 70 };
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

export interface PairModel {
  readonly kind: 'still' | 'homography' | 'epipolar';
  /** f64 [9]: F for epipolar, else H (identity when still), from → to. */
  readonly params: Float64Array;
  /** f64 [9] H that explains the same set best; used near an epipole. */
  readonly homography: Float64Array;
  /** Share of the weighted matches that obey the model, 0…1. */
  readonly support: number;
  /** px in the first frame; null when outside of the picture or not epipolar. */
  readonly epipole: { readonly x: number; readonly y: number } | null;
  /** True when the tracks' own word about what is static was not followed. */
  readonly ignoredTracks: boolean;
}

/**
 * @param isStatic whether a track is believed to be static.
 * @returns null when there are too few matches for any model.
 */
export function chooseModel(pair: PairMatches, isStatic: (track: number) => boolean, size: { width: number; height: number }, rng: Rng): PairModel | null {
  const { matches, support } = pair;
  const supportPx = Math.min(SUPPORT_PX.max, Math.max(SUPPORT_PX.min, SUPPORT_SIGMAS * pair.sigmaPx));
  if (matches.length / 4 < 2 * MIN_STATIC_TRACKS) return null;
  const staticMatches = selectMatches(matches.subarray(0, 4 * pair.trackCount), (i) => isStatic(pair.trackIds[i]!));
  const fromTracks = staticMatches.length / 4 >= MIN_STATIC_TRACKS;

  const fit = (model: RobustModel, trials: number): { fit: RobustFit; ignored: boolean } | null => {
    const wide = fitRansac(model, matches, rng, { thresholdPx: supportPx, trials, support });
    const fine = fitLmeds(model, matches, rng, { trials });
    const finer = wide && fine && fine.scalePx < FINER.scaleRatio * wide.scalePx && supportOf(model, fine.params, matches, support, supportPx) > FINER.support;
    const free = finer ? fine : wide;
    const led = fromTracks ? fitLmeds(model, staticMatches, rng, { trials }) : null;
    // The tracks' model is carried to all matches before the two are compared.
    const ledAll = led && refineFit(model, matches, led.params, led.scalePx);
    if (!free || !ledAll) return free || ledAll ? { fit: (free ?? ledAll)!, ignored: fromTracks && !ledAll } : null;
    const believe = supportOf(model, ledAll.params, matches, support, supportPx) >= BELIEVE_TRACKS * supportOf(model, free.params, matches, support, supportPx);
    return { fit: believe ? ledAll : free, ignored: !believe };
  };

  const stillPx = weightedMedian(Float64Array.from({ length: support.length }, (_, i) => HOMOGRAPHY.residualPx(IDENTITY, matches, i)), support);
  const epipolar = fit(FUNDAMENTAL, TRIALS.epipolar);
  const homography = fit(HOMOGRAPHY, TRIALS.homography);
  if (!epipolar || !homography) return null;
  const H = homography.fit.params;
  if (stillPx < STILL_FLOW_PX) {
    return { kind: 'still', params: IDENTITY, homography: IDENTITY, support: supportOf(HOMOGRAPHY, IDENTITY, matches, support, supportPx), epipole: null, ignoredTracks: false };
  }
  if (preferHomography(matches, epipolar.fit, homography.fit, MIN_PARALLAX_PX)) {
    return { kind: 'homography', params: H, homography: H, support: supportOf(HOMOGRAPHY, H, matches, support, supportPx), epipole: null, ignoredTracks: homography.ignored };
  }
  const F = epipolar.fit.params;
  const e = epipoleOf(F);
  const inView = e && e.x > 0 && e.y > 0 && e.x < size.width && e.y < size.height;
  return { kind: 'epipolar', params: F, homography: H, support: supportOf(FUNDAMENTAL, F, matches, support, supportPx), epipole: inView ? e : null, ignoredTracks: epipolar.ignored };
}

/** The same model read the other way round: Fᵀ, H⁻¹. */
export function reverseModel(model: PairModel, size: { width: number; height: number }): PairModel {
  const homography = invert(model.homography);
  if (model.kind !== 'epipolar') return { ...model, params: homography, homography };
  const f = model.params;
  const params = Float64Array.of(f[0]!, f[3]!, f[6]!, f[1]!, f[4]!, f[7]!, f[2]!, f[5]!, f[8]!);
  const e = epipoleOf(params);
  const inView = e && e.x > 0 && e.y > 0 && e.x < size.width && e.y < size.height;
  return { ...model, params, homography, epipole: inView ? e : null };
}

function supportOf(model: RobustModel, params: Float64Array, matches: Float64Array, support: Float64Array, withinPx: number): number {
  let held = 0;
  let all = 0;
  for (let i = 0; i < support.length; i++) {
    all += support[i]!;
    if (model.residualPx(params, matches, i) < withinPx) held += support[i]!;
  }
  return held / all;
}

function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const half = weights.reduce((a, b) => a + b, 0) / 2;
  let sum = 0;
  for (const i of order) {
    sum += weights[i]!;
    if (sum >= half) return values[i]!;
  }
  return Infinity;
}

function invert(m: Float64Array): Float64Array {
  const [a, b, c, d, e, f, g, h, i] = m as unknown as number[];
  const A = e! * i! - f! * h!;
  const B = f! * g! - d! * i!;
  const C = d! * h! - e! * g!;
  const det = a! * A + b! * B + c! * C;
  return Float64Array.of(A, c! * h! - b! * i!, b! * f! - c! * e!, B, a! * i! - c! * g!, c! * d! - a! * f!, C, b! * g! - a! * h!, a! * e! - b! * d!).map((x) => x / det);
}
