/** One working frame: pixels after rotation, at working size. */
export interface Frame {
  readonly index: number;
  /** Seconds in the source, from its own time stamps. */
  readonly timeSecs: number;
  readonly width: number;
  readonly height: number;
  /** [H·W·4] sRGB, alpha ignored. */
  readonly rgba: Uint8ClampedArray | Uint8Array;
}

/** What is known of the file the frames came from. Width and height are as shown (rotation and pixel aspect applied). */
export interface SourceInfo {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly durationSecs: number;
}

/** The evenly sampled frames that the pipeline works on. */
export interface Clip {
  /** SHA-256 (hex) of the source bytes; empty if it is not known. */
  readonly sha256: string;
  readonly source: SourceInfo;
  /** Index of each frame in the source. */
  readonly sourceIndices: readonly number[];
  readonly frames: readonly Frame[];
}
