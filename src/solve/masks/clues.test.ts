import { beforeAll, describe, expect, it } from 'vitest';
import { createSyntheticScene } from '../../geometry/synthetic.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { SolveInput } from '../input.ts';
import { ClueMaker } from './clues.ts';
import type { Poses } from './ego-residual.ts';

/** Index of the plane "free" and of its carried twins (`CLUES` in models/nets/motion.py). */
const FREE = 2;
const BEFORE = 4;
const AFTER = 5;

const truth = createSyntheticScene();
const { width, height, frameCount } = truth;
const P = width * height;
const centre = (i: number) => [(i % width) + 0.5, Math.floor(i / width) + 0.5] as const;
const T = 4;

function flow(from: number, to: number): FlowField {
  const uv = new Float32Array(2 * P);
  const consistent = new Uint8Array(P);
  for (let i = 0; i < P; i++) {
    const [x, y] = centre(i);
    const there = truth.carry(from, x, y, to);
    uv[2 * i] = there.x - x;
    uv[2 * i + 1] = there.y - y;
    consistent[i] = there.visible ? 1 : 0;
  }
  return { from, to, width, height, uv, sigma: new Float32Array(P).fill(0.1), consistent };
}

describe('clues of motion', () => {
  const frames = Array.from({ length: frameCount }, (_, t) => t);
  let input: SolveInput;
  let logDepth: Float32Array[];
  let pose: Poses;
  beforeAll(() => {
    const flows = frames.flatMap((t) => [t - 2, t - 1, t + 1, t + 2].filter((s) => s >= 0 && s < frameCount).map((s) => flow(t, s)));
    logDepth = frames.map((t) => Float32Array.from({ length: P }, (_, i) => Math.log(truth.see(t, ...centre(i)).depth)));
    const rotation = new Float64Array(9 * frameCount);
    const place = new Float64Array(3 * frameCount);
    truth.camToWorld.forEach((m, t) => {
      for (let r = 0; r < 3; r++) {
        for (let c = 0; c < 3; c++) rotation[9 * t + 3 * r + c] = m[4 * r + c]!;
        place[3 * t + r] = m[4 * r + 3]!;
      }
    });
    pose = { rotation, centre: place, focal: truth.focalPx };
    const tracks = { count: 0, frameCount, uv: new Float32Array(), visible: new Uint8Array(), confidence: new Float32Array(), mobility: new Float32Array(), xyz: null };
    const masks = frames.map((frame) => ({ frame, ever: new Uint8Array(P), now: new Uint8Array(P), errorPx: new Float32Array(P), model: 'epipolar' as const }));
    input = {
      width, height, frameCount, pairs: [], flows, tracks, masks, focalPx: null,
      rgba: frames.map((t) => truth.picture(t)),
    };
  });

  it('are high where the ego-flow cannot explain the flow, and nowhere else', () => {
    const clues = new ClueMaker(input, logDepth, logDepth, 1, pose).make(T);
    const plane = (k: number) => clues.data.subarray(k * clues.width * clues.height, (k + 1) * clues.width * clues.height);
    const mean = (k: number, moving: boolean) => {
      const values = [...plane(k)].filter((_, i) => {
        const [x, y] = [((i % clues.width) + 0.5) * (width / clues.width), (Math.floor(i / clues.width) + 0.5) * (height / clues.height)];
        return truth.see(T, x, y).moving === moving && plane(k)[i]! >= 0;
      });
      return values.reduce((a, b) => a + b, 0) / values.length;
    };
    for (const k of [FREE, BEFORE, AFTER]) {
      expect(mean(k, true)).toBeGreaterThan(1);
      expect(mean(k, false)).toBeLessThan(0.3);
    }
  });

  it('do not depend on the order in which frames are asked for', () => {
    const inOrder = new ClueMaker(input, logDepth, logDepth, 1, pose);
    for (let t = 0; t < T; t++) inOrder.make(t);
    expect(inOrder.make(T).data).toEqual(new ClueMaker(input, logDepth, logDepth, 1, pose).make(T).data);
  });
});
