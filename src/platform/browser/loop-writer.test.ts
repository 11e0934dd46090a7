import { expect, it } from 'vitest';
import { encodeGif, type Picture } from './gif.ts';
import { delaysOf } from './loop-writer.ts';
import { joinWebp } from './webp.ts';

it('keeps whole ticks whose sum is right', () => {
  expect(delaysOf(6, 15, 10)).toEqual([70, 60, 70, 70, 60, 70]);
  expect(delaysOf(30, 24, 10).reduce((a, b) => a + b)).toBe(1250);
  expect(delaysOf(3, 30, 1)).toEqual([33, 34, 33]);
});

const [W, H] = [32, 24];
/** A white square on a gradient, which moves. */
const picture = (at: number): Picture => {
  const data = new Uint8ClampedArray(W * H * 4);
  for (let i = 0; i < W * H; i++) {
    const inside = Math.abs((i % W) - at) < 4 && Math.abs(Math.floor(i / W) - 12) < 4;
    data.set(inside ? [255, 255, 255, 255] : [8 * (i % W), 60, 10 * Math.floor(i / W), 255], 4 * i);
  }
  return { width: W, height: H, data };
};

it('writes a GIF that repeats for ever and writes anew only what changes', () => {
  const still = encodeGif([picture(8), picture(8), picture(8)], [70, 60, 70]);
  const moving = encodeGif([picture(8), picture(16), picture(24)], [70, 60, 70]);
  const text = String.fromCharCode(...moving);
  expect(text.slice(0, 6)).toBe('GIF89a');
  expect(text).toContain('NETSCAPE2.0\x03\x01\x00\x00\x00');
  // Graphic control: kept afterwards; 7, 6 and 7 hundredths of a second; then "as before" is a colour.
  const controls = [...text.matchAll(/\x21\xf9\x04([\s\S])([\s\S])\x00([\s\S])\x00/g)].map(([, flags, delay, clear]) => [flags, delay, clear].map((c) => c.charCodeAt(0)));
  expect(controls).toEqual([[4, 7, 0], [5, 6, 255], [5, 7, 255]]);
  expect(still.length).toBeLessThan(moving.length);
  expect(moving.length).toBeLessThan(1.8 * encodeGif([picture(8)], [70]).length);
});

it('joins still WebPs of odd length into one that moves', () => {
  const data = Uint8Array.from([1, 2, 3]);
  const still = Uint8Array.from([...'RIFF'].map((c) => c.charCodeAt(0)).concat([16, 0, 0, 0], [...'WEBPVP8 '].map((c) => c.charCodeAt(0)), [3, 0, 0, 0], [...data], [0]));
  const joined = joinWebp([still, still], 300, 200, [40, 300]);
  const view = new DataView(joined.buffer);
  expect(view.getUint32(4, true)).toBe(joined.length - 8);
  const names: string[] = [];
  for (let at = 12; at < joined.length; at += 8 + view.getUint32(at + 4, true)) names.push(String.fromCharCode(...joined.subarray(at, at + 4)));
  expect(names).toEqual(['VP8X', 'ANIM', 'ANMF', 'ANMF']);
  const frame = joined.subarray(joined.length - 36);
  // 299 and 199 in three bytes each, then 300 ms, then how it is put down, then the still's own chunk.
  expect([...frame.subarray(8)]).toEqual([0, 0, 0, 0, 0, 0, 43, 1, 0, 199, 0, 0, 44, 1, 0, 2, 86, 80, 56, 32, 3, 0, 0, 0, 1, 2, 3, 0]);
});
