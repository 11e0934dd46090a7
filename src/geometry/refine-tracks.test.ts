import { describe, expect, it } from 'vitest';
import type { FlowField } from '../scene/fields.ts';
import { createRng } from '../scene/rng.ts';
import type { TrackSet } from '../scene/tracks.ts';
import { refineTracks } from './refine-tracks.ts';
import { turn, turningFlow } from './synthetic.ts';

const [W, H, T] = [64, 48, 9];
const flow = (from: number, to: number): FlowField => turningFlow(from, to, { width: W, height: H });
const truth = (x: number, y: number, t: number): [number, number] => turn(x, y, t, { width: W, height: H });

const PAIRS = Array.from({ length: T - 1 }, (_, t) => [[t, t + 1], [t + 1, t]] as const).flat();
const steps = () => PAIRS.map(([a, b]) => flow(a, b));

/** Points of frame 0 near the middle, each asked for at another frame; the network is off by `noise` px. */
function scene(noise: number, count = 20): { tracks: TrackSet; queries: Float32Array; places: [number, number][][] } {
  const rng = createRng(5);
  const places = Array.from({ length: count }, () => {
    const [x, y] = [26 + 12 * rng.next(), 18 + 12 * rng.next()];
    return Array.from({ length: T }, (_, t) => truth(x, y, t));
  });
  const queries = Float32Array.from(places.flatMap((p, n) => [n % T, ...p[n % T]!]));
  const uv = Float32Array.from(places.flat(2), (v) => v + noise * rng.normal());
  const all = count * T;
  return { places, queries, tracks: { count, frameCount: T, uv, visible: new Uint8Array(all).fill(1), confidence: new Float32Array(all).fill(0.9), mobility: new Float32Array(count), xyz: null } };
}

function errors(tracks: TrackSet, places: [number, number][][]): number[] {
  return places.flat().map(([x, y], i) => Math.hypot(tracks.uv[2 * i]! - x, tracks.uv[2 * i + 1]! - y));
}

describe('tracks put right by flow', () => {
  it('follow flow that is sure, from the query both ways, whatever the network says', () => {
    const { tracks, queries, places } = scene(2);
    const refined = refineTracks(tracks, queries, steps());
    expect(Math.max(...errors(refined, places))).toBeLessThan(0.02);
    expect(refined.visible).toEqual(tracks.visible);
    expect([refined.confidence, refined.mobility]).toEqual([tracks.confidence, tracks.mobility]);
  });

  it('are the network\'s where there is no flow', () => {
    const { tracks, queries } = scene(2);
    const { uv } = refineTracks(tracks, queries, []);
    for (let n = 0; n < tracks.count; n++) {
      for (let t = 0; t < T; t++) if (t !== queries[3 * n]) expect(uv[2 * (n * T + t)]).toBeCloseTo(tracks.uv[2 * (n * T + t)]!, 4);
    }
  });

  it('take the network\'s word where flow is lost for long, and flow\'s from there on', () => {
    const { tracks, queries, places } = scene(0);
    // Between frames 3 and 6 flow leads astray and does not return.
    const flows = steps().map((f) => (Math.min(f.from, f.to) >= 3 && Math.max(f.from, f.to) <= 6 ? { ...f, uv: f.uv.map((v) => v + 4), consistent: new Uint8Array(W * H) } : f));
    const refined = refineTracks(tracks, queries, flows);
    places.forEach((place, n) => {
      const query = queries[3 * n]!;
      if (query > 3) return;
      expect(Math.hypot(refined.uv[2 * (n * T + 8)]! - place[8]![0], refined.uv[2 * (n * T + 8) + 1]! - place[8]![1])).toBeLessThan(0.5);
    });
  });

  it('drift less with wider flows, and do not believe those that contradict', () => {
    const { tracks, queries, places } = scene(30);
    // Every step is off by a little to the same side.
    const drifting = steps().map((f) => ({ ...f, uv: f.uv.map((v) => v + 0.15) }));
    const wide = ([[0, 4], [4, 8], [4, 0], [8, 4], [0, 8], [8, 0]] as const).map(([a, b]) => flow(a, b));
    const worst = (flows: readonly FlowField[]) => Math.max(...errors(refineTracks(tracks, queries, flows), places));
    const alone = worst(drifting);
    expect(worst([...drifting, ...wide])).toBeLessThan(0.8 * alone);
    const wrong = wide.map((f) => ({ ...f, uv: f.uv.map((v) => v + 6), sigma: f.sigma.map(() => 0.01) }));
    expect(worst([...drifting, ...wrong])).toBeCloseTo(alone, 6);
  });

  it('a point that flow never lost is visible, though the network does not see it', () => {
    const { tracks, queries } = scene(2);
    const blind = { ...tracks, visible: new Uint8Array(tracks.visible.length) };
    expect(refineTracks(blind, queries, steps()).visible.every(Boolean)).toBe(true);
    const lost = steps().map((f) => ({ ...f, consistent: new Uint8Array(W * H) }));
    const seen = refineTracks(blind, queries, lost).visible;
    expect(seen).toEqual(seen.map((_, i) => Number(i % T === queries[3 * Math.floor(i / T)])));
  });
});
