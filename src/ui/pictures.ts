// Frames and their maps as pictures.

import type { Scene } from '../scene/scene.ts';
import { colourTable, MAP_OF, MOVING } from '../viewer/colours.ts';

/** The frame as it was filmed. A fresh canvas each time: the last one may still be on show. */
export function paintFrame(scene: Scene, frame: number, canvas = document.createElement('canvas')): HTMLCanvasElement {
  const { width: W, height: H, rgb } = scene;
  return paint(canvas, W, H, (out) => {
    for (let i = 0, from = frame * W * H * 3, to = 0; i < W * H; i++, from += 3, to += 4) {
      out[to] = rgb[from];
      out[to + 1] = rgb[from + 1];
      out[to + 2] = rgb[from + 2];
      out[to + 3] = 255;
    }
  });
}

/** Depth in one range for the whole clip, near is warm; unknown stays clear. */
export function paintDepth({ width: W, height: H, depth }: Scene, frame: number, [near, far]: readonly [number, number], canvas: HTMLCanvasElement): HTMLCanvasElement {
  const table = colourTable(MAP_OF.depth);
  return paint(canvas, W, H, (out) => {
    for (let i = 0; i < W * H; i++) {
      const z = depth[frame * W * H + i];
      if (z <= 0) continue;
      const k = Math.round(255 * Math.min(1, Math.max(0, (far - z) / (far - near)))) * 4;
      out.set(table.subarray(k, k + 4), i * 4);
    }
  });
}

export function paintConfidence({ width: W, height: H, confidence }: Scene, frame: number, canvas: HTMLCanvasElement): HTMLCanvasElement {
  const table = colourTable(MAP_OF.confidence);
  return paint(canvas, W, H, (out) => {
    for (let i = 0; i < W * H; i++) {
      const k = confidence[frame * W * H + i] * 4;
      out.set(table.subarray(k, k + 4), i * 4);
    }
  });
}

/** Full colour where it moves at this frame, lighter where it only moves at some other time. */
export function paintMask({ width: W, height: H, mask, maskNow }: Scene, frame: number, canvas: HTMLCanvasElement): HTMLCanvasElement {
  return paint(canvas, W, H, (out) => {
    for (let i = 0; i < W * H; i++) {
      const k = frame * W * H + i;
      if (mask[k] || maskNow[k]) out.set([...MOVING, maskNow[k] ? 255 : 120], i * 4);
    }
  });
}

/** Direction as hue, length as strength; `top` px is full strength. */
export function paintFlow(flow: Float32Array, W: number, H: number, frame: number, top: number, canvas: HTMLCanvasElement): HTMLCanvasElement {
  return paint(canvas, W, H, (out) => {
    for (let i = 0; i < W * H; i++) {
      const k = (frame * W * H + i) * 2;
      const angle = Math.atan2(flow[k + 1], flow[k]);
      const wave = (shift: number) => 128 + 127 * Math.cos(angle - shift);
      out.set([wave(0), wave(2.0944), wave(4.1888), 255 * Math.min(1, Math.hypot(flow[k], flow[k + 1]) / top)], i * 4);
    }
  });
}

function paint(canvas: HTMLCanvasElement, W: number, H: number, fill: (out: Uint8ClampedArray) => void): HTMLCanvasElement {
  if (canvas.width !== W || canvas.height !== H) Object.assign(canvas, { width: W, height: H });
  const image = new ImageData(W, H);
  fill(image.data);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}
