import type { FlowField, MotionClues, MotionMask, MovingShare, PairPrediction } from '../scene/fields.ts';
import type { Camera } from '../scene/camera.ts';
import type { CancelSignal, JobWarning } from '../scene/job.ts';
import type { Rng } from '../scene/rng.ts';
import type { TrustSummary } from '../scene/scene.ts';
import type { TrackSet } from '../scene/tracks.ts';
import type { SolveSummary } from './summary.ts';

/** Everything the networks and the motion stage found. */
export interface SolveInput {
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly pairs: readonly PairPrediction[];
  readonly flows: readonly FlowField[];
  readonly tracks: TrackSet;
  readonly masks: readonly MotionMask[];
  /** Masks that somebody drew: they have the last word, none are looked for. */
  readonly ownMasks?: readonly MotionMask[];
  /** px of the working size, or null = estimate. */
  readonly focalPx: number | null;
  /** u8 [H·W·4] per frame. */
  readonly rgba: readonly (Uint8Array | Uint8ClampedArray)[];
}

/** What the solver weighs flow by. */
export interface MeasuredInput extends SolveInput {
  /** f32 [H·W] px per frame: flow from there is no surer, whatever the network says (`apertureSigma`). */
  readonly leastSigma: readonly Float32Array[];
}

/** Says from the clues of a frame how likely each pixel of the working size moves. */
export type MotionJudge = (clues: MotionClues) => Promise<MovingShare>;

export interface SolveContext {
  readonly signal: CancelSignal;
  readonly rng: Rng;
  progress(fraction: number, note: string, objective?: number): void;
  warn(warning: JobWarning): void;
}

export interface SolveResult {
  readonly cameras: readonly Camera[];
  /** f32 [T·H·W] z-depth; the median over the clip is 1 scene unit. */
  readonly depth: Float32Array;
  /** u8 [T·H·W]. */
  readonly confidence: Uint8Array;
  readonly masks: readonly MotionMask[];
  readonly tracks: TrackSet;
  readonly trust: TrustSummary;
  readonly summary: SolveSummary;
}
