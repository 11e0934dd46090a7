// Which frames of the source are worked on, and at which size.

import type { Options } from '../scene/options.ts';
import type { FrameTime } from './frame-source.ts';

type Sampling = Pick<Options, 'maxFrames' | 'startSecs' | 'endSecs'>;

/**
 * At most `maxFrames` frames of the trimmed part, spread evenly over its *time* (not its frame numbers, which would
 * favour the dense parts of a variable-rate clip). The first and the last frame of the part are always among them.
 */
export function chooseFrames(times: readonly FrameTime[], { maxFrames, startSecs, endSecs }: Sampling): FrameTime[] {
  // Half a millisecond of slack: container times are rounded, and people type the times they see.
  const from = (startSecs ?? -Infinity) - 5e-4;
  const to = (endSecs ?? Infinity) + 5e-4;
  const part = times.filter((f) => f.timeSecs >= from && f.timeSecs <= to);
  if (part.length <= maxFrames) return part;
  const first = part[0]!.timeSecs;
  const step = (part.at(-1)!.timeSecs - first) / (maxFrames - 1);
  const chosen: FrameTime[] = [];
  let next = 0;
  for (let k = 0; k < maxFrames; k++) {
    const wanted = first + k * step;
    // Leave one frame for each of the choices still to come, so that no frame is taken twice.
    const last = part.length - (maxFrames - k);
    while (next < last && Math.abs(part[next + 1]!.timeSecs - wanted) <= Math.abs(part[next]!.timeSecs - wanted)) next++;
    chosen.push(part[next++]!);
  }
  return chosen;
}

/**
 * Working size, px: the longer side at most `size`, aspect kept, both sides even and at least 2.
 * A source smaller than `size` is not enlarged.
 */
export function workingSize(width: number, height: number, size: number): { width: number; height: number } {
  const scale = Math.min(1, size / Math.max(width, height));
  const even = (length: number) => Math.max(2, 2 * Math.round((length * scale) / 2));
  return { width: even(width), height: even(height) };
}

/** Compares names the way people number files: frame2 before frame10. */
export function compareNatural(a: string, b: string): number {
  const split = (name: string) => name.toLowerCase().match(/\d+|\D+/g) ?? [];
  const [left, right] = [split(a), split(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i]!, right[i]!];
    const bothNumbers = /^\d/.test(x) && /^\d/.test(y);
    const order = bothNumbers && Number(x) !== Number(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
