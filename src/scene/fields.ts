/** Dense per-pixel fields, row-major, channel last, at the working size unless said. */

/** Points of one image in a named camera: OpenCV axes, unit free per pair. */
export interface Pointmap {
  readonly width: number;
  readonly height: number;
  /** f32 [H·W·3]. */
  readonly xyz: Float32Array;
  /** f32 [H·W], > 1. */
  readonly confidence: Float32Array;
}

/** DUSt3R's pairwise prediction: both maps in camera `from`, one free scale per pair. */
export interface PairPrediction {
  readonly from: number;
  readonly to: number;
  readonly ofFrom: Pointmap;
  readonly ofTo: Pointmap;
}

/** Dense optical flow from frame `from` to frame `to`. */
export interface FlowField {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
  /** f32 [H·W·2] px (dx, dy). */
  readonly uv: Float32Array;
  /** f32 [H·W] px, expected error. */
  readonly sigma: Float32Array;
  /** u8 [H·W], 1 = the forward–backward check holds. All 1 until it was made. */
  readonly consistent: Uint8Array;
}

export type MotionModel = 'epipolar' | 'homography' | 'still' | 'ego-flow';

/** What moves in the world, for one frame. */
export interface MotionMask {
  readonly frame: number;
  /** u8 [H·W], 1 = belongs to something that moves at some time of the clip. */
  readonly ever: Uint8Array;
  /** u8 [H·W], 1 = moves at this frame. */
  readonly now: Uint8Array;
  /** f32 [H·W] px, Sampson error or ego-flow residual of the worst neighbour. */
  readonly errorPx: Float32Array;
  readonly model: MotionModel;
}

/** What speaks for motion at each pixel of a frame, as planes that a network judges. */
export interface MotionClues {
  /** Planes. */
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** f32 [count·height·width]. */
  readonly data: Float32Array;
}

/** How likely each pixel moves; f32 [H·W] each, 0…1. */
export interface MovingShare {
  readonly ever: Float32Array;
  readonly now: Float32Array;
}
