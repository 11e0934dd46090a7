import { describe, expect, it } from 'vitest';
import { NEVER_CANCELLED } from '../scene/job.ts';
import type { Frame } from '../scene/frame.ts';
import type { LoadedModel } from './runtime.ts';
import { trackClip, windowStarts } from './track.ts';
import { chooseQueries } from './track-queries.ts';

const SIDE = 64;
/** Frames whose first byte tells the stand-in network which frame it looks at. */
const clip = (count: number): Frame[] => Array.from({ length: count }, (_, index) => ({ index, timeSecs: index, width: SIDE, height: SIDE, rgba: new Uint8Array(SIDE * SIDE * 4).fill(index) }));

interface Seen { visible: number; confidence: number }
const always = (): Seen => ({ visible: 0.9, confidence: 0.9 });

/** A perfect tracker of points that move one px a frame to the right; `see` decides what it says of itself. */
function standIn(see: (frame: number) => Seen = always, mobility = (_: number) => 0.5): LoadedModel & { runs: number } {
  return {
    device: 'wasm', version: '1', runs: 0, dispose: async () => {},
    async run({ frames, queries }) {
      this.runs++;
      const pixels = SIDE * SIDE * 3;
      const ids = Array.from({ length: 8 }, (_, s) => Math.round(frames!.data[s * pixels]! * 255));
      const n = queries!.dims[0]!;
      const uv = new Float32Array(n * 16);
      const visible = new Float32Array(n * 8);
      const confidence = new Float32Array(n * 8);
      for (let i = 0; i < n; i++) {
        const [frame, x, y] = queries!.data.subarray(i * 3, i * 3 + 3);
        for (let s = 0; s < 8; s++) {
          const seen = see(ids[s]!);
          uv.set([x! + ids[s]! - ids[frame!]!, y!], (i * 8 + s) * 2);
          visible[i * 8 + s] = seen.visible;
          confidence[i * 8 + s] = seen.confidence;
        }
      }
      const tensor = (data: Float32Array) => ({ data, dims: [data.length] });
      return { uv: tensor(uv), visible: tensor(visible), confidence: tensor(confidence), mobility: tensor(Float32Array.from({ length: n }, () => mobility(ids[0]!))) };
    },
  };
}
const track = (model: LoadedModel, count: number, queries: number[]) => trackClip(model, clip(count), Float32Array.from(queries), NEVER_CANCELLED, () => {});

describe('windowStarts', () => {
  it('covers every clip', () => {
    expect(windowStarts(3)).toEqual([0]);
    expect(windowStarts(8)).toEqual([0]);
    expect(windowStarts(9)).toEqual([0, 1]);
    expect(windowStarts(20)).toEqual([0, 4, 8, 12]);
    expect(windowStarts(22)).toEqual([0, 4, 8, 12, 14]);
  });
});

describe('trackClip', () => {
  it.each([[2, 0], [5, 3], [8, 7], [9, 4], [22, 0], [22, 10], [22, 21], [23, 13]])('follows a point through %i frames from frame %i', async (count, query) => {
    const { uv, visible, confidence, frameCount } = await track(standIn(), count, [query, 30.5, 20.5]);
    expect(frameCount).toBe(count);
    for (let t = 0; t < count; t++) {
      expect(uv[t * 2], `frame ${t}`).toBeCloseTo(30.5 + t - query, 3);
      expect(uv[t * 2 + 1]).toBeCloseTo(20.5, 3);
    }
    expect([...visible]).toEqual(Array(count).fill(1));
    expect(Math.min(...confidence)).toBeCloseTo(0.9);
  });

  it('asks only windows that have something to say', async () => {
    const model = standIn();
    await track(model, 20, [0, 10.5, 10.5]);
    expect(model.runs).toBe(4);
  });

  it('goes over a short gap, and says where the point was hidden', async () => {
    const hidden = (t: number) => t === 10 || t === 11;
    const { uv, visible } = await track(standIn((t) => (hidden(t) ? { visible: 0.2, confidence: 0.3 } : always())), 20, [0, 10.5, 10.5]);
    expect([...visible].map((v, t) => v === (hidden(t) ? 0 : 1))).toEqual(Array(20).fill(true));
    expect(uv[19 * 2]).toBeCloseTo(29.5, 3);
  });

  it('a point lost for good holds its last place and is not seen any more', async () => {
    const { uv, visible, confidence } = await track(standIn((t) => (t >= 6 ? { visible: 0.01, confidence: 0.1 } : always())), 24, [0, 10.5, 10.5]);
    expect([...visible]).toEqual(Array.from({ length: 24 }, (_, t) => (t < 6 ? 1 : 0)));
    expect(uv[23 * 2]).toBe(uv[23 * 2 - 2]);
    expect(uv.every(Number.isFinite)).toBe(true);
    expect(confidence[23]).toBeLessThan(0.2);
  });

  it('a chain is as sure as its weakest link', async () => {
    const { confidence } = await track(standIn((t) => ({ visible: 0.9, confidence: t >= 4 && t < 8 ? 0.6 : 0.9 })), 20, [0, 10.5, 10.5]);
    expect(confidence[2]).toBeCloseTo(0.9);
    expect(confidence[19]).toBeCloseTo(0.6);
  });

  it('mobility leans towards the windows in which the point moves', async () => {
    const { mobility } = await track(standIn(always, (start) => (start >= 8 ? 1 : 0)), 16, [0, 10.5, 10.5]);
    // Three windows; the second and third hang on links that are 0.9 sure.
    expect(mobility[0]).toBeCloseTo(Math.sqrt(0.9 / 2.8));
  });

  it('windows in which the point is doubtful hardly count for its mobility', async () => {
    const { mobility } = await track(standIn((t) => (t >= 8 ? { visible: 0.6, confidence: 0.2 } : always()), (start) => (start >= 4 ? 1 : 0)), 16, [0, 10.5, 10.5]);
    expect(mobility[0]).toBeLessThan(0.62);
  });

  it('stops when it is cancelled', async () => {
    const model = standIn();
    const signal = { aborted: false };
    const running = trackClip(model, clip(40), Float32Array.of(0, 5.5, 5.5), signal, () => { signal.aborted = true; });
    await expect(running).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(model.runs).toBe(1);
  });
});

describe('chooseQueries', () => {
  it('spreads over frames and picture, on texture, within the budget', () => {
    const frames = clip(48);
    // A bright dot in one cell: its corner must be taken.
    (frames[6]!.rgba as Uint8Array).fill(255, (30 * SIDE + 30) * 4, (30 * SIDE + 31) * 4);
    const queries = chooseQueries(frames, 256);
    const count = queries.length / 3;
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThanOrEqual(256);
    const points = Array.from({ length: count }, (_, i) => [...queries.subarray(i * 3, i * 3 + 3)]);
    expect(new Set(points.map(([t]) => t))).toEqual(new Set([6, 18, 30, 42]));
    expect(points.some(([t, x, y]) => t === 6 && Math.hypot(x! - 30.5, y! - 30.5) < 2)).toBe(true);
    for (const [, x, y] of points) expect(Math.min(x!, y!, SIDE - x!, SIDE - y!)).toBeGreaterThan(0);
  });

  it('keeps points apart', () => {
    const noisy = clip(1).map((f) => ({ ...f, rgba: Uint8Array.from(f.rgba, (_, i) => (i * 7919) % 251) }));
    const queries = chooseQueries(noisy, 64);
    for (let i = 0; i < queries.length; i += 3) {
      for (let j = 0; j < i; j += 3) expect(Math.hypot(queries[i + 1]! - queries[j + 1]!, queries[i + 2]! - queries[j + 2]!)).toBeGreaterThan(2);
    }
  });
});
