/** Pinhole camera of one frame. */
export interface Camera {
  readonly frame: number;
  /** f64 [16] row-major 4×4, OpenCV axes; frame 0 = identity. */
  readonly camToWorld: Float64Array;
  /** px of the working size; pixel centres at +0.5. */
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}
