// OpenEXR, one float32 channel Z, ZIP blocks of 16 lines. Layout: openexr.com, "OpenEXR File Layout".

import { zlibSync } from 'fflate';

const LINES_PER_BLOCK = 16;
const FLOAT = 2;
const ZIP = 3;

export function encodeDepthExr(width: number, height: number, z: Float32Array): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(width, height);
  const blocks: Uint8Array[] = [];
  for (let y = 0; y < height; y += LINES_PER_BLOCK) blocks.push(encodeBlock(z.subarray(y * width, Math.min(height, y + LINES_PER_BLOCK) * width)));
  const start = header.length + 8 * blocks.length;
  const out = new Uint8Array(start + blocks.reduce((n, b) => n + 8 + b.length, 0));
  const view = new DataView(out.buffer);
  out.set(header);
  let at = start;
  blocks.forEach((block, i) => {
    view.setBigUint64(header.length + 8 * i, BigInt(at), true);
    view.setInt32(at, i * LINES_PER_BLOCK, true);
    view.setInt32(at + 4, block.length, true);
    out.set(block, at + 8);
    at += 8 + block.length;
  });
  return out;
}

function encodeHeader(width: number, height: number): Uint8Array {
  const ints = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)];
  const floats = (...values: number[]) => [...new Uint8Array(Float32Array.from(values).buffer)];
  const text = (s: string) => [...new TextEncoder().encode(s), 0];
  const attribute = (name: string, type: string, value: number[]) => [...text(name), ...text(type), ...ints(value.length), ...value];
  const box = ints(0, 0, width - 1, height - 1);
  return Uint8Array.from([
    0x76, 0x2f, 0x31, 0x01, ...ints(2),
    ...attribute('channels', 'chlist', [...text('Z'), ...ints(FLOAT, 0, 1, 1), 0]),
    ...attribute('compression', 'compression', [ZIP]),
    ...attribute('dataWindow', 'box2i', box), ...attribute('displayWindow', 'box2i', box),
    ...attribute('lineOrder', 'lineOrder', [0]), ...attribute('pixelAspectRatio', 'float', floats(1)),
    ...attribute('screenWindowCenter', 'v2f', floats(0, 0)), ...attribute('screenWindowWidth', 'float', floats(1)), 0,
  ]);
}

function encodeBlock(values: Float32Array): Uint8Array {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  // Even bytes first, then odd ones; then differences: float bytes of neighbours are alike.
  const half = (raw.length + 1) >> 1;
  const sorted = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) sorted[(i >> 1) + (i & 1 ? half : 0)] = raw[i];
  for (let i = raw.length - 1; i > 0; i--) sorted[i] = sorted[i] - sorted[i - 1] + 128;
  const packed = zlibSync(sorted, { level: 6 });
  // A block that does not shrink is stored as it is.
  return packed.length < raw.length ? packed : raw;
}
