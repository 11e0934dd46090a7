import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readClipHead } from './clip.ts';

const sample = new Uint8Array(readFileSync(new URL('../../public/samples/room.mp4', import.meta.url)));

it('knows a silent H.264 clip by its boxes', () => {
  expect(readClipHead(sample)).toEqual({ width: 256, height: 144, durationSecs: expect.closeTo(2, 1) });
});

it('refuses other codecs, long clips, pages and noise', () => {
  const part2 = new Uint8Array(readFileSync(new URL('../../e2e/fixtures/mpeg4-part2.mp4', import.meta.url)));
  const at = Buffer.from(sample).indexOf('mvhd') + 4;
  const long = sample.slice();
  const view = new DataView(long.buffer);
  view.setUint32(at + 16, 60 * view.getUint32(at + 12));
  const sounds = sample.slice();
  sounds.set(new TextEncoder().encode('soun'), Buffer.from(sample).indexOf('vide'));
  expect([part2, long, sounds, new Uint8Array(0), new TextEncoder().encode('<html><script>'.padEnd(200)), sample.subarray(0, sample.length - 1)].map(readClipHead)).toEqual([null, null, null, null, null, null]);
});

it('any damage gives an answer, never a crash', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { maxLength: 12 }), fc.integer({ min: 0, max: sample.length }), (flips, cut) => {
    const bytes = sample.slice(0, cut);
    for (const [i, value] of flips) if (i < cut) bytes[i] = value;
    readClipHead(bytes);
  }), { numRuns: 500 });
});
