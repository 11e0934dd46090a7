// Clips that models/synth/shards wrote, with their truth.

import { readFileSync } from 'node:fs';
import { readNpz } from './npz.ts';
import { pictureAt, sourceOf } from './pictures.ts';
import type { Sequence } from './sequence.ts';

const FPS = 12;

export interface Shard extends Sequence {
  /** u8 [T·H·W]: belongs to something that moves in the clip; moves to the next frame. */
  readonly mask: Uint8Array;
  readonly maskNow: Uint8Array;
}

/** Truth is known at the clip's own size. */
export function loadShard(path: string, name: string): Shard {
  const members = readNpz(readFileSync(path));
  const data = (member: string) => members.get(member)!.data;
  const [count, height, width] = members.get('rgb')!.shape as [number, number, number];
  const P = width * height;
  const part = (member: string, index: number, size: number) => data(member).slice(index * size, (index + 1) * size);
  const steps = Array.from({ length: count - 1 }, (_, t) => indexOfPair(data('flow_pairs'), t, t + 1));
  const focals = Float32Array.from(data('focal'));
  const mask = Uint8Array.from(data('mask'));
  return {
    name, source: sourceOf(name, count, FPS, { width, height }, (t) => pictureAt(data('rgb'), t, width, height)),
    focalPx: focals.every((f) => f === focals[0]) ? focals[0]! : null,
    poses: Array.from({ length: count }, (_, t) => Float64Array.from(part('cam_to_world', t, 16))),
    depthAt: (t) => Float32Array.from(part('depth', t, P)),
    maskAt: (t) => mask.subarray(t * P, (t + 1) * P),
    flowAt: steps.includes(-1) ? null : (t) => Float32Array.from(part('flow', steps[t]!, 2 * P)),
    tracks: null, baseline: '', mask, maskNow: Uint8Array.from(data('mask_now')),
  };
}

function indexOfPair(pairs: ArrayLike<number>, from: number, to: number): number {
  for (let k = 0; 2 * k < pairs.length; k++) if (pairs[2 * k] === from && pairs[2 * k + 1] === to) return k;
  return -1;
}
