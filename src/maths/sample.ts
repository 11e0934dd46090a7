// What a field has at places between its pixels. Pixel centres lie at +0.5.

import type { Size } from './resize.ts';

/** A place between pixels, as the pixel above and left of it, and how far it lies beyond that; outside the field, the nearest place inside. */
export interface Spot {
  /** Index of the upper left of four neighbouring pixels. */
  readonly corner: number;
  readonly across: number;
  readonly down: number;
}

/** @param x, y px. */
export function spotAt(x: number, y: number, { width, height }: Size): Spot {
  const u = Math.max(0, Math.min(width - 1, x - 0.5));
  const v = Math.max(0, Math.min(height - 1, y - 0.5));
  const left = Math.min(width - 2, Math.floor(u));
  const top = Math.min(height - 2, Math.floor(v));
  return { corner: top * width + left, across: u - left, down: v - top };
}

/**
 * Bilinear interpolation.
 * @param data [H·W·channels] row-major, channel last; at least two pixels wide and high. @param channel which of them.
 */
export function sampleAt(data: ArrayLike<number>, { corner, across, down }: Spot, width: number, channels = 1, channel = 0): number {
  const o = corner * channels + channel;
  const below = o + width * channels;
  return (1 - down) * ((1 - across) * data[o]! + across * data[o + channels]!) + down * ((1 - across) * data[below]! + across * data[below + channels]!);
}
