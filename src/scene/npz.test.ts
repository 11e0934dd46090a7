import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FoursightError } from './errors.ts';
import { encodeNpy } from './npy.ts';
import { readSceneNpz, writeSceneNpz } from './npz.ts';
import { createRng } from './rng.ts';
import type { Scene } from './scene.ts';

function makeScene(T = 3, W = 6, H = 4, N = 5): Scene {
  const rng = createRng(7);
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => rng.int(256));
  const floats = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  return {
    meta: {
      title: 'Täst', source: { name: 'clip.mp4', sha256: 'ab', frameIndices: [0, 2, 4] }, networks: { flow: '1' }, settings: { size: 64 },
      summary: { sentence: 'Good.', model: 'moving', perFrame: [{ staticErrorPx: 1, parallaxDeg: 2, flowAgreement: 0.5, movingShare: 0.1, parallaxShare: 0.9 }] },
      timings: { solve: 1.5 }, peakMemoryBytes: 123, warnings: ['w'],
    },
    metresPerUnit: 0.5, frameCount: T, width: W, height: H, times: Float64Array.from({ length: T }, (_, i) => i / 12),
    cameras: Array.from({ length: T }, (_, frame) => ({ frame, camToWorld: Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : i === 3 ? frame : 0)), fx: 50, fy: 51, cx: 3, cy: 2 })),
    rgb: bytes(T * W * H * 3), depth: floats(T * W * H), confidence: bytes(T * W * H), mask: bytes(T * W * H), maskNow: bytes(T * W * H),
    tracks: { count: N, frameCount: T, uv: floats(N * T * 2), visible: bytes(N * T), confidence: floats(N * T), mobility: floats(N), xyz: floats(N * T * 3).fill(NaN, 0, 3) },
  };
}

const refusal = (bytes: Uint8Array): string => {
  try {
    readSceneNpz(bytes);
  } catch (error) {
    if (error instanceof FoursightError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('scene.npz', () => {
  it('gives back what was written', () => {
    const scene = makeScene();
    expect(readSceneNpz(writeSceneNpz(scene))).toEqual(scene);
  });

  it('holds a scene without tracks', () => {
    const scene = makeScene(2, 4, 4, 0);
    expect(readSceneNpz(writeSceneNpz(scene)).tracks.count).toBe(0);
  });

  it('refuses random bytes, a cut-off file and a zip of something else', () => {
    const whole = writeSceneNpz(makeScene());
    expect(refusal(new Uint8Array(1000).fill(7))).toBe('scene/not-a-scene');
    expect(refusal(new Uint8Array(0))).toBe('scene/not-a-scene');
    expect(refusal(whole.slice(0, whole.length >> 1))).toBe('scene/not-a-scene');
    expect(refusal(zipSync({ 'a.txt': new Uint8Array(4) }))).toBe('scene/not-a-scene');
  });

  it('refuses a newer major version and names both', () => {
    const bytes = zipSync({ 'meta.json': new TextEncoder().encode('{"version": 2}') });
    expect(refusal(bytes)).toBe('scene/newer-version');
    expect(() => readSceneNpz(bytes)).toThrow(/version 2.*version 1/);
  });

  it('shows what it knows of a newer minor version, and says so', () => {
    const { 'meta.json': meta, ...arrays } = unzipSync(writeSceneNpz(makeScene()));
    const newer = new TextEncoder().encode(new TextDecoder().decode(meta).replace('"version": 1,', '"version": 1.4, "novelty": {},'));
    expect(readSceneNpz(zipSync({ 'meta.json': newer, ...arrays })).meta.warnings[0]).toMatch(/version 1\.4 .* reads 1\.0/);
  });

  it('refuses NaN poses, missing members and shapes that disagree', () => {
    const scene = makeScene();
    scene.cameras[1]!.camToWorld[3] = NaN;
    expect(refusal(writeSceneNpz(scene))).toBe('scene/damaged');
    const meta = new TextEncoder().encode('{"version": 1}');
    expect(refusal(zipSync({ 'meta.json': meta }))).toBe('scene/damaged');
    expect(refusal(zipSync({ 'meta.json': meta, 'times.npy': encodeNpy({ shape: [2], data: new Float32Array(2) }) }))).toBe('scene/damaged');
    const odd = { ...makeScene(), depth: new Float32Array(5) };
    expect(refusal(writeSceneNpz(odd))).toBe('scene/damaged');
  });

  it('refuses a bomb by its declared size', () => {
    const bytes = zipSync({ 'meta.json': new TextEncoder().encode('{"version": 1}'), 'rgb.npy': new Uint8Array(100) });
    // Central directory: declared unpacked size of rgb.npy at offset 24 of its record, marked by PK\1\2.
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < bytes.length - 46; i++) if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 0xfffffff0, true);
    expect(refusal(bytes)).toBe('scene/damaged');
  });
});
