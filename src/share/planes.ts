// Smooth number fields → few bytes: predict each value, keep the error, split it into byte planes, deflate.

import { deflateSync, inflateSync } from 'fflate';
import { FoursightError } from '../scene/errors.ts';

export const damaged = (why: string): FoursightError => new FoursightError('scene/damaged', `The shared scene is damaged: ${why}.`, 'Ask for the link again, or for the file.');

/** Median of left, above and their gradient: follows edges in both directions (LOCO-I, Weinberger 2000). */
function predict(values: Uint16Array, i: number, x: number, y: number, width: number): number {
  if (y === 0) return x === 0 ? 0 : values[i - 1];
  const above = values[i - width];
  if (x === 0) return above;
  const [left, corner] = [values[i - 1], values[i - width - 1]];
  if (corner >= Math.max(left, above)) return Math.min(left, above);
  return corner <= Math.min(left, above) ? Math.max(left, above) : left + above - corner;
}

const zigzag = (d: number): number => (d >= 0 ? 2 * d : -2 * d - 1);
const unzigzag = (z: number): number => (z & 1 ? -((z + 1) >> 1) : z >> 1);
/** Differences live on a circle of 2^16, so that they always fit. */
const wrap = (d: number): number => ((d + 32768) & 65535) - 32768;

/** u16 [count·H·W] → deflated error planes. Each frame is predicted from itself, or from the one before where that is closer. */
export function packFrames(values: Uint16Array, count: number, width: number, height: number): Uint8Array {
  const size = width * height;
  const raw = new Uint8Array(count + 2 * count * size);
  for (let t = 0; t < count; t++) {
    const frame = values.subarray(t * size, (t + 1) * size);
    const before = t > 0 ? values.subarray((t - 1) * size, t * size) : null;
    const fromBefore = before !== null && cost(frame, before, width, height) < cost(frame, null, width, height);
    raw[t] = fromBefore ? 1 : 0;
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const error = zigzag(wrap(frame[i] - (fromBefore ? before[i] : predict(frame, i, x, y, width))));
        raw[count + t * size + i] = error & 255;
        raw[count + (count + t) * size + i] = error >> 8;
      }
    }
  }
  return deflateSync(raw, { level: 6 });
}

/** Bits that the errors of every fifth line would take. */
function cost(frame: Uint16Array, before: Uint16Array | null, width: number, height: number): number {
  let bits = 0;
  for (let y = 1; y < height; y += 5) {
    for (let x = 0, i = y * width; x < width; x++, i++) bits += Math.log2(1 + Math.abs(wrap(frame[i] - (before ? before[i] : predict(frame, i, x, y, width)))));
  }
  return bits;
}

export function unpackFrames(packed: Uint8Array, count: number, width: number, height: number): Uint16Array {
  const size = width * height;
  const raw = inflateTo(packed, count + 2 * count * size);
  const values = new Uint16Array(count * size);
  for (let t = 0; t < count; t++) {
    const frame = values.subarray(t * size, (t + 1) * size);
    const before = raw[t] === 1 && t > 0 ? values.subarray((t - 1) * size, t * size) : null;
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const error = unzigzag(raw[count + t * size + i] | (raw[count + (count + t) * size + i] << 8));
        frame[i] = (before ? before[i] : predict(frame, i, x, y, width)) + error;
      }
    }
  }
  return values;
}

/** Flags u8 [n] (0 or not) → deflated bits. */
export function packBits(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i++) if (flags[i]) bits[i >> 3] |= 1 << (i & 7);
  return deflateSync(bits, { level: 9 });
}

export function unpackBits(packed: Uint8Array, count: number): Uint8Array {
  const bits = inflateTo(packed, Math.ceil(count / 8));
  return Uint8Array.from({ length: count }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
}

const UNKNOWN = -(2 ** 31);

/** f32 [rows·length·width], NaN = unknown → steps along each row, as four byte planes. Values beyond ±2^30 steps become unknown. */
export function packSteps(values: Float32Array, rows: number, length: number, width: number, step: number): Uint8Array {
  const raw = new Uint8Array(4 * values.length);
  walk(rows, length, width, (i, before) => {
    const q = Math.round(values[i] / step);
    const known = Number.isFinite(q) && Math.abs(q) < 2 ** 30;
    const code = known ? q - before : UNKNOWN;
    for (let b = 0; b < 4; b++) raw[b * values.length + i] = code >>> (8 * b);
    return known ? q : before;
  });
  return deflateSync(raw, { level: 6 });
}

export function unpackSteps(packed: Uint8Array, rows: number, length: number, width: number, step: number): Float32Array {
  const n = rows * length * width;
  const raw = inflateTo(packed, 4 * n);
  const values = new Float32Array(n);
  walk(rows, length, width, (i, before) => {
    const code = raw[i] | (raw[n + i] << 8) | (raw[2 * n + i] << 16) | (raw[3 * n + i] << 24);
    const q = code === UNKNOWN ? before : (before + code) | 0;
    values[i] = code === UNKNOWN ? NaN : q * step;
    return q;
  });
  return values;
}

/** Visits [rows·length·width] with what came before in the same row and column. */
function walk(rows: number, length: number, width: number, visit: (i: number, before: number) => number): void {
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      let before = 0;
      for (let t = 0; t < length; t++) before = visit((row * length + t) * width + c, before);
    }
  }
}

/** Never takes more memory than `bytes`, whatever the packed data claims. */
export function inflateTo(packed: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  if (bytes === 0) return out;
  let found: Uint8Array;
  try {
    found = inflateSync(packed, { out });
  } catch {
    throw damaged('a part of it cannot be unpacked');
  }
  if (found.length !== bytes) throw damaged('a part of it has another size than it should');
  return out;
}
