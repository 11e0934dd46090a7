// Pictures of single frames as PNG.

import { encode } from 'fast-png';
import type { Scene } from '../scene/scene.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export function framePng({ width, height, rgb }: Scene, frame: number): Bytes {
  const size = width * height * 3;
  return encode({ width, height, channels: 3, depth: 8, data: rgb.subarray(frame * size, (frame + 1) * size) }) as Bytes;
}

/** `flags` u8 [T·H·W]; pixels that are set become `set`, the others `clear`. */
export function maskPng({ width, height }: Scene, flags: Uint8Array, frame: number, set: number, clear: number): Bytes {
  const size = width * height;
  const data = flags.slice(frame * size, (frame + 1) * size).map((v) => (v ? set : clear));
  return encode({ width, height, channels: 1, depth: 8, data }) as Bytes;
}

/** Depth of 16 bits in thousandths: of a metre, or of a unit where the scene has no scale. Further than 65.535 is unknown (0). */
export function depthPng(scene: Scene, frame: number): Bytes {
  const { width, height, depth } = scene;
  const factor = 1000 * (scene.metresPerUnit ?? 1);
  const data = new Uint16Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const value = Math.round(depth[frame * data.length + i] * factor);
    data[i] = value > 65535 ? 0 : value;
  }
  return encode({ width, height, channels: 1, depth: 16, data }) as Bytes;
}

/** About how many bytes such pictures of all frames take: as many times the middle one. */
export function guessPictures(scene: Scene, ...encoders: readonly ((scene: Scene, frame: number) => Uint8Array)[]): number {
  return encoders.reduce((bytes, encodeFrame) => bytes + scene.frameCount * encodeFrame(scene, scene.frameCount >> 1).length, 0);
}
