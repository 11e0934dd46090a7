// The judge of motion has learnt how large errors of flow and outlines are, in px, at one size: larger clips are shown to it at that.

import type { Size } from '../../maths/resize.ts';
import type { FlowField } from '../../scene/fields.ts';

const LONGEST_SIDE = 256;

/** A frame's size for the judge; even, since its planes are half as wide and high. */
export function judgedSize({ width, height }: Size): Size {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const even = (side: number) => 2 * Math.round((scale * side) / 2);
  return { width: even(width), height: even(height) };
}

/** Brings a frame's maps to another size. Each pixel is that of one place: means of flow, or of depth, across an outline would be those of no surface. */
export class Resampler {
  /** Of each pixel at the new size: the pixel at its centre. */
  private readonly source: Uint32Array;

  constructor(private readonly from: Size, private readonly to: Size) {
    this.source = Uint32Array.from({ length: to.width * to.height }, (_, i) => {
      const x = Math.floor((((i % to.width) + 0.5) * from.width) / to.width);
      const y = Math.floor(((Math.floor(i / to.width) + 0.5) * from.height) / to.height);
      return y * from.width + x;
    });
  }

  map<T extends Float32Array | Uint8Array>(values: T): T {
    const out = (values instanceof Float32Array ? new Float32Array(this.source.length) : new Uint8Array(this.source.length)) as T;
    for (let i = 0; i < out.length; i++) out[i] = values[this.source[i]!]!;
    return out;
  }

  /** Lengths, px of the old size → px of the new one. */
  lengths(px: Float32Array): Float32Array {
    const scale = this.to.width / this.from.width;
    return this.map(px).map((length) => scale * length);
  }

  flow(flow: FlowField): FlowField {
    const scaleX = this.to.width / this.from.width;
    const scaleY = this.to.height / this.from.height;
    const uv = new Float32Array(2 * this.source.length);
    for (let i = 0; i < this.source.length; i++) {
      uv[2 * i] = scaleX * flow.uv[2 * this.source[i]!]!;
      uv[2 * i + 1] = scaleY * flow.uv[2 * this.source[i]! + 1]!;
    }
    return { from: flow.from, to: flow.to, ...this.to, uv, sigma: this.lengths(flow.sigma), consistent: this.map(flow.consistent) };
  }
}
