import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { describe, expect, it, vi } from 'vitest';
import { FoursightError } from '../scene/errors.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { readSceneNpz } from '../scene/npz.ts';
import type { Scene } from '../scene/scene.ts';
import { encodeCompact, isColourless } from './compact.ts';
import { readContainerHead, writeContainer, type Contents } from './container.ts';
import { inflateTo, packFrames, packSteps, unpackFrames, unpackSteps } from './planes.ts';
import { enlarge, readPictureHead, shrink } from './pictures.ts';
import { PNG_CODEC } from './png-codec.ts';
import { readCompact } from './read.ts';

vi.setConfig({ testTimeout: 60_000 });

const scene = readSceneNpz(readFileSync(new URL('../../public/samples/room-truth.npz', import.meta.url)));
const encode = (contents: Contents, of: Scene = scene) => encodeCompact(of, { contents, title: 'A <b>room</b>' }, PNG_CODEC, NEVER_CANCELLED, () => {});
const worst = (a: ArrayLike<number>, b: ArrayLike<number>, error: (x: number, y: number) => number): number => {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, error(a[i], b[i]));
  return most;
};
const apart = (x: number, y: number) => (Number.isNaN(x) && Number.isNaN(y) ? 0 : Number.isNaN(x) !== Number.isNaN(y) ? Infinity : Math.abs(x - y));

describe('the shared form', () => {
  it('comes back within the stated errors', async () => {
    const back = await readCompact([await encode('pictures')], PNG_CODEC);
    expect(worst(scene.depth, back.depth, (x, y) => (x > 0 ? Math.abs(y / x - 1) : apart(x, y)))).toBeLessThan(0.00051);
    expect(worst(scene.confidence, back.confidence, apart)).toBeLessThanOrEqual(4);
    expect(worst(scene.tracks.uv, back.tracks.uv, apart)).toBeLessThanOrEqual(1 / 32 + 1e-5);
    const middle = scene.depth.filter((z) => z > 0).sort()[scene.depth.filter((z) => z > 0).length >> 1];
    expect(worst(scene.tracks.xyz!, back.tracks.xyz!, apart)).toBeLessThanOrEqual(0.51e-4 * middle);
    expect(worst(scene.tracks.mobility, back.tracks.mobility, apart)).toBeLessThanOrEqual(1 / 510 + 1e-6);
    for (const name of ['mask', 'maskNow', 'rgb', 'times'] as const) expect(worst(scene[name], back[name], apart), name).toBe(0);
    expect(worst(scene.tracks.visible, back.tracks.visible, apart)).toBe(0);
    expect(back.cameras).toEqual(scene.cameras);
    expect(back.meta).toMatchObject({ title: 'A <b>room</b>', source: { name: '', sha256: '' } });
  });

  it('without pictures holds no colour, with thumbnails only small ones', async () => {
    const geometry = await readCompact([await encode('geometry')], PNG_CODEC);
    expect(isColourless(geometry)).toBe(true);
    expect(isColourless(scene)).toBe(false);
    const bytes = await encode('thumbnails');
    expect(readContainerHead(bytes)!.header.pictureSize).toEqual([128, 72]);
    const { rgb } = await readCompact([bytes], PNG_CODEC);
    const mean = rgb.reduce((sum, v, i) => sum + Math.abs(v - scene.rgb[i]), 0) / rgb.length;
    expect(mean).toBeLessThan(12);
  });

  it('shows the first frame long before the rest is there, in pieces of any size', async () => {
    const bytes = await encode('pictures');
    const seen: number[] = [];
    let given = 0;
    let firstAt = 0;
    function* pieces() {
      for (; given < bytes.length; given += 5000) yield bytes.subarray(given, given + 5000);
    }
    const back = await readCompact(pieces(), PNG_CODEC, (partial, ready) => {
      firstAt ||= given;
      seen.push(ready);
      expect(partial.depth[0]).toBeGreaterThan(0);
    });
    expect(seen).toEqual([1, 1, 5, 9, 13, 17, 21, 24]);
    expect(firstAt).toBeLessThan(0.12 * bytes.length);
    expect(worst(back.depth, scene.depth, (x, y) => Math.abs(x / y - 1))).toBeLessThan(0.00051);
  });

  it('takes scenes of one pixel, without tracks, without any depth', async () => {
    const tiny: Scene = {
      ...scene, frameCount: 1, width: 1, height: 1, times: Float64Array.of(2), cameras: scene.cameras.slice(0, 1), rgb: Uint8Array.of(1, 2, 3), depth: Float32Array.of(0),
      confidence: Uint8Array.of(9), mask: Uint8Array.of(1), maskNow: Uint8Array.of(0),
      tracks: { count: 0, frameCount: 1, uv: new Float32Array(0), visible: new Uint8Array(0), confidence: new Float32Array(0), mobility: new Float32Array(0), xyz: null },
    };
    expect(await readCompact([await encode('pictures', tiny)], PNG_CODEC)).toMatchObject({ depth: Float32Array.of(0), rgb: Uint8Array.of(1, 2, 3), mask: Uint8Array.of(1) });
  });
});

describe('number planes', () => {
  it('give back any frames', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.integer({ min: 0, max: 65535 })), (count, w, h, stream) => {
      const values = Uint16Array.from({ length: count * w * h }, () => stream.next().value as number);
      expect(unpackFrames(packFrames(values, count, w, h), count, w, h)).toEqual(values);
    }));
  });

  it('give back any steps, unknown ones among them', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.oneof(fc.constant(NaN), fc.float({ min: -1e4, max: 1e4, noNaN: true })), { minLength: 1, maxLength: 20 }), (width, column) => {
      const values = Float32Array.from(column.flatMap((v) => Array.from({ length: width }, () => v)));
      const back = unpackSteps(packSteps(values, 1, column.length, width, 0.01), 1, column.length, width, 0.01);
      expect(worst(values, back, apart)).toBeLessThan(0.006);
    }));
  });

  it('never unpack more than was agreed', () => {
    const bomb = packFrames(new Uint16Array(512 * 512), 1, 512, 512);
    expect(bomb.length).toBeLessThan(1500);
    expect(inflateTo(bomb, 1000)).toHaveLength(1000);
    expect(() => inflateTo(bomb, 10_000_000)).toThrow('another size');
  });
});

describe('hostile files', () => {
  const limit = async (bytes: Uint8Array): Promise<string> => readCompact([bytes], PNG_CODEC).then(() => 'read', (error: unknown) => (error instanceof FoursightError ? error.code : `${String(error)}`));
  const header = { frames: 1, width: 2, height: 2, tracks: 0, durationSecs: 1, contents: 'geometry' as const, pictureSize: [2, 2] as const, depth: { near: 1, step: 0.001 }, trackStep: 1, meta: { version: 1 }, chunks: [] };

  it.each([
    ['ten million frames', { frames: 1e7 }], ['a picture wider than any', { width: 1e6 }], ['more pixels than memory', { frames: 1000, width: 2000, height: 2000 }],
    ['half a frame', { frames: 0.5 }], ['a depth of nothing', { depth: { near: 0, step: 1 } }], ['no chunks', {}],
    ['a part of minus one byte', { chunks: [{ kind: 'head', from: 0, count: 0, parts: [-1, 5] }] }],
    ['frames twice', { chunks: [{ kind: 'head', from: 0, count: 0, parts: [1, 1] }, { kind: 'frames', from: 0, count: 1, parts: [1, 1, 1] }, { kind: 'frames', from: 0, count: 1, parts: [1, 1, 1] }] }],
  ])('%s: refused before anything is allocated', async (_, change) => {
    expect(await limit(writeContainer({ ...header, ...change } as never, []))).toBe('scene/damaged');
  });

  it('a newer version is told as such, a chunk of an unknown kind is passed over', async () => {
    const bytes = await encode('geometry');
    const newer = bytes.slice();
    newer[8] = 2;
    expect(await limit(newer)).toBe('scene/newer-version');
    const { header: own, dataStart } = readContainerHead(bytes)!;
    const more = writeContainer({ ...own, chunks: [...own.chunks, { kind: 'notes', from: 0, count: 0, parts: [3] } as never] }, [[bytes.subarray(dataStart), Uint8Array.of(1, 2, 3)]]);
    expect(await limit(more)).toBe('read');
    const minor = bytes.slice();
    minor[10] = 3;
    expect((await readCompact([minor], PNG_CODEC)).meta.warnings[0]).toMatch(/version 1\.3 .* reads 1\.0/);
    expect((await readCompact([bytes], PNG_CODEC)).meta.warnings).toEqual(scene.meta.warnings);
  });

  it('any damage ends in a sentence, never in a crash', async () => {
    const small: Scene = { ...scene, frameCount: 2, times: scene.times.slice(0, 2), cameras: scene.cameras.slice(0, 2), width: 16, height: 9, tracks: { ...scene.tracks, count: 0, uv: new Float32Array(0), visible: new Uint8Array(0), confidence: new Float32Array(0), mobility: new Float32Array(0), xyz: new Float32Array(0) },
      rgb: scene.rgb.slice(0, 2 * 144 * 3), depth: scene.depth.slice(0, 288), confidence: scene.confidence.slice(0, 288), mask: scene.mask.slice(0, 288), maskNow: scene.maskNow.slice(0, 288) };
    const good = await encode('pictures', small);
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), fc.integer({ min: 0, max: good.length }), async (flips, cut) => {
      const bytes = good.slice(0, cut);
      for (const [at, value] of flips) if (at < cut) bytes[at] = value;
      expect(await limit(bytes)).toMatch(/^(read|scene\/.*)$/);
    }), { numRuns: 300 });
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
      expect(await limit(noise)).toMatch(/^scene\//);
    }), { numRuns: 200 });
  });
});

describe('pictures', () => {
  it('are known by their first bytes; pages and drawings are not pictures', () => {
    const coded = jpeg.encode({ width: 33, height: 17, data: new Uint8Array(33 * 17 * 4) }, 80).data;
    expect(readPictureHead(coded)).toEqual({ type: 'image/jpeg', width: 33, height: 17 });
    const text = (s: string) => new TextEncoder().encode(s.padEnd(64));
    expect([text('<html>'), text('<svg xmlns="http://www.w3.org/2000/svg">'), text('RIFF....WEBPXXXX'), new Uint8Array(0), Uint8Array.of(0xff, 0xd8, 0xff)].map(readPictureHead)).toEqual([null, null, null, null, null]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => { readPictureHead(bytes); readPictureHead(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, ...bytes)); }));
  });

  it('shrink and grow without a shift', () => {
    const ramp = Uint8Array.from({ length: 16 * 8 * 3 }, (_, i) => 10 * Math.floor((i / 3) % 16));
    const back = enlarge(shrink(ramp, 16, 8, 8, 4), 8, 4, 16, 8);
    for (let x = 2; x < 14; x++) expect(Math.abs(back[3 * (3 * 16 + x)] - 10 * x)).toBeLessThanOrEqual(1);
  });
});
