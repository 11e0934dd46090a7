// What makers of video files have in common.

export interface VideoShape {
  /** px, both even. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

export interface VideoWriter {
  /** Takes the canvas as it is now as the next frame; resolves when there is room for another. */
  add(canvas: OffscreenCanvas): Promise<void>;
  finish(): Promise<Blob>;
  /** Leaves nothing behind. */
  cancel(): Promise<void>;
}
