// One clip with whatever truth is known of it, whichever data set it comes from.

import type { FrameSource } from '../../video/frame-source.ts';

export interface Sequence {
  readonly name: string;
  readonly source: FrameSource;
  /** px of the source; pixel centres at +0.5. */
  readonly focalPx: number | null;
  /** camToWorld f64 [16] per source frame. */
  readonly poses: readonly Float64Array[] | null;
  /** z-depth in metres sampled at pixel centres of a w×h picture, 0 = unknown. */
  readonly depthAt: ((frame: number, width: number, height: number) => Float32Array) | null;
  /** u8 [h·w], 1 = belongs to something that moves. */
  readonly maskAt: ((frame: number, width: number, height: number) => Uint8Array) | null;
  /** f32 [H·W·2] px of the source from a frame to the next, or null where it is not known. */
  readonly flowAt: ((frame: number) => Float32Array) | null;
  readonly tracks: TrackTruth | null;
  /** What others reach on it, for the report. */
  readonly baseline: string;
}

export interface TrackTruth {
  readonly count: number;
  readonly frameCount: number;
  /** [N·T·2] px of the source. */
  readonly uv: Float32Array;
  /** [N·T]. */
  readonly visible: Uint8Array;
  /** [N·T], 1 = this frame is labelled. */
  readonly labelled: Uint8Array;
  /** [N] frame of each query. */
  readonly queryFrames: Int32Array;
  /** [N] or null. */
  readonly moving: Uint8Array | null;
  /** [N·T·3] metres, world; or null. */
  readonly xyz: Float32Array | null;
}

/**
 * Nearest sample of a map of the source for each pixel of a w×h picture.
 * @param stride the map holds every stride-th pixel of the source, beginning with the first.
 */
export function sampleNearest<A extends Float32Array | Uint8Array>(out: A, width: number, height: number, map: ArrayLike<number>, mapWidth: number, mapHeight: number, source: { width: number; height: number }, stride = 1): A {
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.min(mapHeight - 1, Math.round(Math.floor(((y + 0.5) * source.height) / height) / stride));
    for (let x = 0; x < width; x++, i++) {
      const column = Math.min(mapWidth - 1, Math.round(Math.floor(((x + 0.5) * source.width) / width) / stride));
      out[i] = map[row * mapWidth + column]!;
    }
  }
  return out;
}

/** camToWorld from lines "frame tx ty tz qx qy qz qw". */
export function parsePoses(text: string, toRotation: (x: number, y: number, z: number, w: number) => Float64Array): Float64Array[] {
  return text.split('\n').filter((line) => line.trim() && !line.startsWith('#')).map((line) => {
    const [, tx, ty, tz, x, y, z, w] = line.trim().split(/\s+/).map(Number) as [number, number, number, number, number, number, number, number];
    // Files round their numbers; what is left of the length would shear the rotation.
    const length = Math.hypot(x, y, z, w);
    const r = toRotation(x / length, y / length, z / length, w / length);
    return Float64Array.of(r[0]!, r[1]!, r[2]!, tx, r[3]!, r[4]!, r[5]!, ty, r[6]!, r[7]!, r[8]!, tz, 0, 0, 0, 1);
  });
}
