import type { Frame, SourceInfo } from '../scene/frame.ts';
import type { CancelSignal, JobWarning } from '../scene/job.ts';

/** A frame's place in the source. */
export interface FrameTime {
  readonly index: number;
  readonly timeSecs: number;
}

/** A source of upright frames: a video file or a sequence of images. */
export interface FrameSource {
  readonly info: SourceInfo;
  /** SHA-256 (hex) of the source bytes. */
  readonly sha256: string;
  /** All frames of the source in time order, times starting at 0. */
  readonly frames: readonly FrameTime[];
  /** What was wrong with the source but did not stop it from being read, such as a cut-off end. */
  readonly warnings?: readonly JobWarning[];
  /** Decodes the chosen frames in order at the given size. */
  read(chosen: readonly FrameTime[], width: number, height: number, signal: CancelSignal, onFrame: (done: number) => void): Promise<Frame[]>;
  dispose(): void;
}
