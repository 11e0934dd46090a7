/** Point tracks inside one window of consecutive frames. */
export interface TrackWindow {
  /** First frame of the window. */
  readonly start: number;
  /** Frames in the window (S). */
  readonly length: number;
  readonly count: number;
  /** f32 [N·3]: frame in the clip, x, y px. */
  readonly queries: Float32Array;
  /** f32 [N·S·2] px. */
  readonly uv: Float32Array;
  /** f32 [N·S] probability. */
  readonly visible: Float32Array;
  /** f32 [N·S] probability. */
  readonly confidence: Float32Array;
  /** f32 [N] probability that the point moves in the world. */
  readonly mobility: Float32Array;
}

/** Tracks over the whole clip. */
export interface TrackSet {
  readonly count: number;
  readonly frameCount: number;
  /** f32 [N·T·2] px; centre of the top-left pixel = (0.5, 0.5). */
  readonly uv: Float32Array;
  /** u8 [N·T]. */
  readonly visible: Uint8Array;
  /** f32 [N·T] 0…1. */
  readonly confidence: Float32Array;
  /** f32 [N] 0…1. */
  readonly mobility: Float32Array;
  /** f32 [N·T·3] world, scene units; NaN where it cannot be told. Null before lifting. */
  readonly xyz: Float32Array | null;
}

/** What a mobility says of its track: below one half a point is taken for static (C4D 3.2). */
export const moves = (mobility: number): boolean => mobility > 0.5;

export function emptyTrackSet(frameCount: number): TrackSet {
  return {
    count: 0, frameCount, uv: new Float32Array(0), visible: new Uint8Array(0),
    confidence: new Float32Array(0), mobility: new Float32Array(0), xyz: new Float32Array(0),
  };
}
