import { describe, expect, it } from 'vitest';
import { createRng } from '../scene/rng.ts';
import { readNpz } from './datasets/npz.ts';
import { alignCameras, alignSim3, applySim3, rotationOf, scoreDepth, scoreFlow, scoreMask, scorePoses } from './metrics.ts';
import { formatTable, withMeans } from './report.ts';
import { scoreMobility, scorePoints3d, scoreTracks } from './track-metrics.ts';
import { zipSync } from 'fflate';

const rng = createRng(1);
const unit = (q: number[]) => q.map((v) => v / Math.hypot(...q)) as [number, number, number, number];
const pose = (r: Float64Array, t: readonly number[]) => Float64Array.of(r[0]!, r[1]!, r[2]!, t[0]!, r[3]!, r[4]!, r[5]!, t[1]!, r[6]!, r[7]!, r[8]!, t[2]!, 0, 0, 0, 1);

describe('pose metrics', () => {
  it('do not see scale, rotation and shift of the whole path', () => {
    const truth = Array.from({ length: 12 }, (_, i) => pose(rotationOf(...unit([0.02 * i, 0.1 * i, 0.03, 1])), [i, Math.sin(i), 0.1 * i * i]));
    const turn = rotationOf(...unit([0.3, -0.5, 0.2, 0.8]));
    const other = truth.map((p) => {
      const r = new Float64Array(9);
      const t = [0, 0, 0];
      for (let i = 0; i < 3; i++) {
        for (let k = 0; k < 3; k++) {
          for (let j = 0; j < 3; j++) r[i * 3 + j]! += turn[i * 3 + k]! * p[k * 4 + j]!;
          t[i]! += 0.4 * turn[i * 3 + k]! * p[k * 4 + 3]!;
        }
        t[i]! += 5 - i;
      }
      return pose(r, t);
    });
    const score = scorePoses(other, truth);
    expect(score.ate).toBeLessThan(1e-9);
    expect(score.rpe).toBeLessThan(1e-9);
    expect(score.rotationDeg).toBeLessThan(1e-5);
  });

  it('align straight paths, and put a still estimate in the middle', () => {
    const straight = Float64Array.from({ length: 15 }, (_, k) => (k % 3 === 0 ? k / 3 : 0));
    const aligned = applySim3(alignSim3(straight.map((v) => 3 * v + 1), straight), straight.map((v) => 3 * v + 1));
    for (let k = 0; k < 15; k++) expect(aligned[k]).toBeCloseTo(straight[k]!, 9);
    const still = applySim3(alignSim3(new Float64Array(15), straight), new Float64Array(15));
    expect(still[0]).toBeCloseTo(2, 9);
  });

  it('align a straight path by the cameras\' axes too', () => {
    const look = rotationOf(...unit([0.2, 0.1, -0.3, 1]));
    const path = [0, 1, 2, 3].map((x) => pose(look, [x, 0, 0]));
    const roll = rotationOf(Math.sin(0.4), 0, 0, Math.cos(0.4));
    const turned = new Float64Array(9);
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) turned[i * 3 + j]! += roll[i * 3 + k]! * look[k * 3 + j]!;
    const found = alignCameras([0, 1, 2, 3].map((x) => pose(turned, [2 * x, 0, 0])), path);
    expect(found.scale).toBeCloseTo(0.5, 9);
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(found.rotation[i * 3 + j]).toBeCloseTo(roll[j * 3 + i]!, 6);
  });

  it('count the rotation between neighbours in degrees', () => {
    const still = [0, 1].map(() => pose(rotationOf(0, 0, 0, 1), [0, 0, 0]));
    const angle = (10 * Math.PI) / 180;
    const turned = [still[0]!, pose(rotationOf(0, Math.sin(angle / 2), 0, Math.cos(angle / 2)), [0, 0, 0])];
    expect(scorePoses(turned, still).rotationDeg).toBeCloseTo(10, 6);
  });
});

describe('depth, flow and mask metrics', () => {
  it('forgive scale and shift of depth, not shape, and skip the unknown', () => {
    const truth = Float32Array.from({ length: 200 }, (_, i) => (i % 10 === 0 ? 0 : 1 + 4 * rng.next()));
    const score = scoreDepth(truth.map((v) => 0.3 * v + 2), truth)!;
    expect(score.absRel).toBeLessThan(1e-5);
    expect(score.delta).toBe(1);
    expect(scoreDepth(truth.map(() => 1), truth)!.absRel).toBeGreaterThan(0.2);
    expect(scoreDepth(new Float32Array(200), truth)).toBeNull();
  });

  it('count vectors wrong by more than 3 px and 5 %', () => {
    const truth = Float32Array.of(100, 0, 10, 0, 1, 0, 0, 0);
    const score = scoreFlow(Float32Array.of(104, 0, 14, 0, 1, 2, 50, 50), truth, [1, 1, 1, 0]);
    expect(score.epe).toBeCloseTo(10 / 3, 9);
    expect(score.flAll).toBeCloseTo(1 / 3, 9);
  });

  it('leave the border band of masks out', () => {
    const square = (from: number, to: number) => Uint8Array.from({ length: 400 }, (_, i) => (i % 20 >= from && i % 20 < to && i / 20 >= from && i / 20 < to ? 1 : 0));
    expect(scoreMask(square(4, 16), square(5, 15), 20, 20, 0)).toBeCloseTo(100 / 144, 9);
    expect(scoreMask(square(4, 16), square(5, 15), 20, 20, 2)).toBe(1);
    expect(scoreMask(new Uint8Array(400), new Uint8Array(400), 20, 20, 2)).toBe(1);
  });
});

describe('track metrics', () => {
  const base = { count: 1, frameCount: 4, width: 256, height: 256, truthUv: new Float32Array(8), truthVisible: [1, 1, 1, 0], judged: [0, 1, 1, 1] };
  it('give full marks to the truth', () => {
    const score = scoreTracks({ ...base, uv: new Float32Array(8), visible: [1, 1, 1, 0] });
    expect([score.deltaAvg, score.averageJaccard, score.occlusionAccuracy]).toEqual([1, 1, 1]);
  });

  it('count errors by their thresholds and a wrong visibility as a false positive', () => {
    const score = scoreTracks({ ...base, uv: Float32Array.of(0, 0, 3, 0, 3, 0, 0, 0), visible: [1, 1, 1, 1] });
    expect(score.deltaAvg).toBeCloseTo(3 / 5, 9);
    expect(score.averageJaccard).toBeCloseTo((3 * (2 / 3)) / 5, 9);
    expect(score.occlusionAccuracy).toBeCloseTo(2 / 3, 9);
  });

  it('judge mobility and 3D points', () => {
    expect(scoreMobility([0.9, 0.1, 0.6], [1, 0, 0])).toBeCloseTo(2 / 3, 9);
    const identity = { scale: 1, rotation: rotationOf(0, 0, 0, 1), translation: new Float64Array(3) };
    expect(scorePoints3d([0, 0, 1, 0, 0, 1, NaN, 0, 0], [0, 0, 1.05, 0, 0, 2, 0, 0, 1], [1, 1, 1], identity)).toBeCloseTo(1 / 3, 9);
  });
});

describe('readers and reports', () => {
  it('read half floats from NumPy archives', () => {
    const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }".padEnd(117) + '\n';
    const bytes = new Uint8Array(10 + header.length + 8);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
    bytes.set(new TextEncoder().encode(header), 10);
    bytes.set(new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x3555).buffer), 10 + header.length);
    const { shape, data } = readNpz(zipSync({ 'a.npy': bytes })).get('a')!;
    expect(shape).toEqual([4]);
    expect(data[0]).toBe(1);
    expect(data[1]).toBe(-2);
    expect(data[2]).toBeCloseTo(2 ** -24, 12);
    expect(data[3]).toBeCloseTo(1 / 3, 3);
  });

  it('print tables with dashes for what is not known', () => {
    expect(formatTable(['clip', 'px'], [['a', 1.25], ['b', null]]).split('\n')).toEqual(['| clip |   px |', '|------|-----:|', '| a    | 1.25 |', '| b    |    – |']);
    expect(withMeans([['a', 1, null], ['b', 2, 'fails']])).toEqual([['a', 1, null], ['b', 2, 'fails'], ['mean', 1.5, null]]);
    expect(formatTable(['clip', 'px'], withMeans([]))).toBe('| clip |  px |\n|------|----:|');
  });
});
