// Residuals of a frame's neighbours become masks: union over neighbours, agreement over time, edges of the image.

import { carryBothWays, type FlowTo } from '../geometry/follow.ts';
import { alignToPicture, hysteresis } from '../geometry/mask-shape.ts';
import type { Size } from '../maths/resize.ts';
import type { Residual } from './residual.ts';

/**
 * A pixel may belong to a mover where its score exceeds this many upper quartiles of the frame's scores, and surely does at `SURE` times that.
 * The quartile follows what rolling shutter, distortion and bad flow do to the static part; the bounds keep a picture
 * without movers clean and one full of them visible.
 */
const LIKELY_QUARTILES = 3;
const LIKELY_Z = { min: 3.5, max: 8 };
const SURE = 2;
/** A single neighbour's word counts this much; two that agree count in full. Bad flow seldom repeats itself. */
const SINGLE_SHARE = 0.6;
/** Scores are cut off here, so that one wild vector cannot outshout its surroundings. */
const MAX_Z = 25;
/** How much of the score comes from the neighbours in time. */
const TIME_SHARE = 0.5;
/** Regions smaller than this share of the picture are specks. */
const SPECK_SHARE = 0.0008;
const EDGE_RADIUS_SHARE = 0.012;

/** Score 0…MAX_Z of one frame from the residuals towards its neighbours; −1 where none could tell. */
export function fuseNeighbours(residuals: readonly Residual[], pixels: number): Float32Array {
  const score = new Float32Array(pixels).fill(-1);
  for (let i = 0; i < pixels; i++) {
    let first = -1;
    let second = -1;
    for (const { z } of residuals) {
      const value = z[i]!;
      if (value > first) {
        second = first;
        first = value;
      } else if (value > second) {
        second = value;
      }
    }
    if (first < 0) continue;
    score[i] = Math.min(MAX_Z, Math.max(SINGLE_SHARE * first, Math.min(first, second)));
  }
  return score;
}

/**
 * Averages scores along the flow, forward and backward through the clip: what moved a moment ago most likely still belongs to a mover,
 * and noise of single frames is outvoted.
 */
export function agreeOverTime(scores: readonly Float32Array[], flowTo: FlowTo): Float32Array[] {
  const join = (own: number, carried: number) => {
    if (carried < 0) return own;
    return own < 0 ? carried : (1 - TIME_SHARE) * own + TIME_SHARE * carried;
  };
  return carryBothWays(scores, flowTo, join, (_, before, after) => Math.max(0, (before + after) / 2));
}

/** The score above which a pixel may belong to a mover. */
export function likelyScore(score: Float32Array): number {
  const quartile = score.slice().sort()[Math.floor(score.length * 0.75)]!;
  return Math.min(LIKELY_Z.max, Math.max(LIKELY_Z.min, LIKELY_QUARTILES * quartile));
}

/** Score → mask: regions with a sure core, edges moved onto the image's, specks and pinholes removed. */
export function shapeMask(score: Float32Array, likely: number, rgba: Uint8Array | Uint8ClampedArray, size: Size): Uint8Array {
  const regions = hysteresis(score, likely, SURE * likely, size);
  return alignToPicture(regions, rgba, EDGE_RADIUS_SHARE * Math.max(size.width, size.height), SPECK_SHARE * size.width * size.height, size);
}
