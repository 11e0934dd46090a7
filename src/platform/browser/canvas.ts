import type { Frame } from '../../scene/frame.ts';

/** One canvas for all frames of a read: pixels come back at the size asked for. */
export class FramePainter {
  private readonly context: OffscreenCanvasRenderingContext2D;

  constructor(private readonly width: number, private readonly height: number) {
    this.context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, alpha: false })!;
    // Low quality would alias: sources are often ten times as large as working frames.
    this.context.imageSmoothingQuality = 'high';
  }

  /** @param draw paints the whole picture into the rectangle (0, 0, width, height). */
  paint(index: number, timeSecs: number, draw: (context: OffscreenCanvasRenderingContext2D, width: number, height: number) => void): Frame {
    draw(this.context, this.width, this.height);
    const { data } = this.context.getImageData(0, 0, this.width, this.height);
    return { index, timeSecs, width: this.width, height: this.height, rgba: data };
  }
}

/** JPEG of a frame, for the plan screen. */
export async function toJpeg(frame: Frame): Promise<Blob> {
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  canvas.getContext('2d')!.putImageData(new ImageData(Uint8ClampedArray.from(frame.rgba), frame.width, frame.height), 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
}
