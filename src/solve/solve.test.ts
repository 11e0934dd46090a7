import { describe, expect, it } from 'vitest';
import { createRng } from '../scene/rng.ts';
import { expSo3, multiply3 } from '../maths/so3.ts';
import { createGaussNewton, WHOLE_PROBLEM } from './engines/gauss-newton/index.ts';
import { buildNormalEquations, linearise } from './engines/gauss-newton/normal-equations.ts';
import { createTfjsEngine, tfObjective } from './engines/tfjs/index.ts';
import * as tf from '@tensorflow/tfjs';
import { initialiseMoving, toFirstFrame } from './initialise/incremental.ts';
import { judgeCamera, translationGain } from './initialise/camera-kind.ts';
import { evaluate, totalCost } from './objective.ts';
import { copyState, DEFAULT_WEIGHTS, startState, type EdgeData, type Problem, type State } from './problem.ts';
import { cameraMovement, DEPTH_COLUMN, firstFromSecond, FOCAL_COLUMN, JACOBIAN_COLUMNS, relativePose } from './terms/camera-movement.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';

const W = 96;
const H = 64;
const STRIDE = 4;
const FOCAL = 80;

interface Plant { readonly problem: Problem; readonly truth: State }

/** A wavy wall seen by a camera on a path; exact flow between near frames, plus noise and outliers as asked. */
function plant({ frames = 6, step = 0.08, turn = 0.02, noisePx = 0, outliers = 0, seed = 3, prior = 'flat' as 'flat' | 'ramp', offsets = [1, 2, 3] } = {}): Plant {
  const rng = createRng(seed);
  const gw = W / STRIDE;
  const gh = H / STRIDE;
  const G = gw * gh;
  const cellX = Float32Array.from({ length: G }, (_, g) => ((g % gw) + 0.5) * STRIDE);
  const cellY = Float32Array.from({ length: G }, (_, g) => (Math.floor(g / gw) + 0.5) * STRIDE);
  const rotation = new Float64Array(frames * 9);
  const centre = new Float64Array(frames * 3);
  for (let t = 0; t < frames; t++) {
    rotation.set(expSo3(0.3 * turn * t, -turn * t, 0.1 * turn * t), 9 * t);
    centre.set([step * t, 0.3 * step * t * Math.sin(t), 0.4 * step * t], 3 * t);
  }
  // World surface z = 2 + waves, found along each ray by fixed-point iteration.
  const logDepth = new Float32Array(frames * G);
  for (let t = 0; t < frames; t++) {
    const r = rotation.subarray(9 * t, 9 * t + 9);
    for (let g = 0; g < G; g++) {
      const ray = [(cellX[g]! - W / 2) / FOCAL, (cellY[g]! - H / 2) / FOCAL, 1];
      const d = [0, 1, 2].map((k) => r[3 * k]! * ray[0]! + r[3 * k + 1]! * ray[1]! + r[3 * k + 2]! * ray[2]!);
      let z = 2;
      for (let i = 0; i < 60; i++) {
        const x = centre[3 * t]! + z * d[0]!;
        const y = centre[3 * t + 1]! + z * d[1]!;
        z = (2 + 0.4 * Math.sin(2 * x) + 0.3 * Math.cos(3 * y) - centre[3 * t + 2]!) / d[2]!;
      }
      logDepth[t * G + g] = Math.log(z);
    }
  }
  const truth: State = { rotation, centre, logDepth, priorScale: new Float64Array(frames), logFocal: Math.log(FOCAL) };
  const edges: EdgeData[] = [];
  const a = new Float64Array(9);
  const b = new Float64Array(3);
  const res = new Float64Array(2);
  for (let i = 0; i < frames; i++) {
    for (const d of [...offsets.map((o) => -o), ...offsets]) {
      const j = i + d;
      if (j < 0 || j >= frames) continue;
      relativePose(rotation, centre, i, j, a, b);
      const target = new Float32Array(2 * G);
      for (let g = 0; g < G; g++) {
        cameraMovement(a, b, FOCAL, logDepth[i * G + g]!, cellX[g]! - W / 2, cellY[g]! - H / 2, 0, 0, res, null);
        const wild = rng.next() < outliers ? 15 : 0;
        for (let k = 0; k < 2; k++) target[2 * g + k] = res[k]! + (k === 0 ? W : H) / 2 + noisePx * rng.normal() + wild * rng.normal();
      }
      edges.push({ from: i, to: j, target, weight: new Float32Array(G).fill(4) });
    }
  }
  const problem: Problem = {
    frameCount: frames, gridWidth: gw, gridHeight: gh, cellX, cellY, cx: W / 2, cy: H / 2, edges,
    prior: Float32Array.from({ length: frames * G }, (_, o) => (prior === 'ramp' ? 0.01 * (o % gw) : 0)),
    link: Float32Array.from({ length: frames * G * 2 }, (_, i) => {
      const g = (i >> 1) % G;
      return i % 2 === 0 ? Number((g + 1) % gw !== 0) : Number(g + gw < G);
    }),
    focalGuessPx: FOCAL, holdFocal: false, weights: { ...DEFAULT_WEIGHTS, smooth: 0.01, prior: 0.001, cameraRotation: 1e-3, cameraTranslation: 1e-3 },
  };
  return { problem, truth };
}

/** ATE after similarity alignment is awkward for a few frames: compare centres scaled by path length, both seen from frame 0 (its pose is the free gauge). */
function pathError(solved: State, truth: State): number {
  const found = toFirstFrame(copyState(solved));
  const T = truth.priorScale.length;
  let fg = 0;
  let ff = 0;
  let length = 0;
  for (let i = 3; i < 3 * T; i++) {
    fg += found.centre[i]! * truth.centre[i]!;
    ff += found.centre[i]! ** 2;
  }
  const scale = fg / ff;
  let worst = 0;
  for (let t = 1; t < T; t++) {
    const d = (k: number) => truth.centre[3 * t + k]! - truth.centre[3 * t - 3 + k]!;
    length += Math.hypot(d(0), d(1), d(2));
    const e = (k: number) => scale * found.centre[3 * t + k]! - truth.centre[3 * t + k]!;
    worst = Math.max(worst, Math.hypot(e(0), e(1), e(2)));
  }
  return worst / length;
}

function perturbed(truth: State, size: number): State {
  const rng = createRng(11);
  const s = copyState(truth);
  for (let t = 0; t < s.priorScale.length; t++) {
    const r = s.rotation.subarray(9 * t, 9 * t + 9);
    s.rotation.set(multiply3(r, expSo3(size * rng.normal(), size * rng.normal(), size * rng.normal())), 9 * t);
  }
  s.centre.forEach((_, i) => { s.centre[i]! += size * rng.normal(); });
  s.logDepth.forEach((_, i) => { s.logDepth[i]! += size * rng.normal(); });
  return { ...s, logFocal: s.logFocal + size };
}

/** Moves one unknown: pose parameter (6 per frame) or, last, the focal. */
function nudge(state: State, index: number, by: number): State {
  const T = state.priorScale.length;
  const s = copyState(state);
  if (index === 6 * T) return { ...s, logFocal: s.logFocal + by };
  const t = Math.floor(index / 6);
  const k = index % 6;
  const r = s.rotation.subarray(9 * t, 9 * t + 9);
  if (k < 3) s.rotation.set(multiply3(r, expSo3(k === 0 ? by : 0, k === 1 ? by : 0, k === 2 ? by : 0)), 9 * t);
  else for (let row = 0; row < 3; row++) s.centre[3 * t + row]! += r[3 * row + k - 3]! * by;
  return s;
}

async function solve(problem: Problem, start: State) {
  return createGaussNewton().minimise(problem, start, () => {}, NEVER_CANCELLED);
}

describe('camera-movement term', () => {
  it('has the Jacobian that finite differences give', () => {
    const { truth } = plant();
    const base = perturbed(truth, 0.05);
    const x = 17;
    const y = -9;
    const at = (s: State, logDepth: number) => {
      const a = new Float64Array(9);
      const b = new Float64Array(3);
      const r = new Float64Array(2);
      relativePose(s.rotation, s.centre, 1, 3, a, b);
      cameraMovement(a, b, Math.exp(s.logFocal), logDepth, x, y, 5, 6, r, null);
      return r;
    };
    const a = new Float64Array(9);
    const b = new Float64Array(3);
    const J = new Float64Array(2 * JACOBIAN_COLUMNS);
    relativePose(base.rotation, base.centre, 1, 3, a, b);
    cameraMovement(a, b, Math.exp(base.logFocal), 0.7, x, y, 5, 6, new Float64Array(2), J);
    const toSecond = firstFromSecond(a, b);
    const ofFirst = (row: number, c: number) => [0, 1, 2, 3, 4, 5].reduce((sum, k) => sum + J[row * JACOBIAN_COLUMNS + k]! * toSecond[6 * k + c]!, 0);
    const h = 1e-6;
    const check = (plus: Float64Array, minus: Float64Array, analytic: (row: number) => number) => {
      for (let row = 0; row < 2; row++) {
        const numeric = (plus[row]! - minus[row]!) / (2 * h);
        expect(Math.abs(analytic(row) - numeric)).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric)));
      }
    };
    const nudged = (index: number, by: number) => at(nudge(base, index, by), 0.7);
    for (let c = 0; c < 6; c++) {
      check(nudged(6 + c, h), nudged(6 + c, -h), (row) => ofFirst(row, c));
      check(nudged(18 + c, h), nudged(18 + c, -h), (row) => J[row * JACOBIAN_COLUMNS + c]!);
    }
    check(nudged(36, h), nudged(36, -h), (row) => J[row * JACOBIAN_COLUMNS + FOCAL_COLUMN]!);
    check(at(base, 0.7 + h), at(base, 0.7 - h), (row) => J[row * JACOBIAN_COLUMNS + DEPTH_COLUMN]!);
  });
});

describe('objective', () => {
  const { problem, truth } = plant({ noisePx: 0.5, prior: 'ramp' });
  const state = perturbed(truth, 0.03);

  it('has the gradient that finite differences give, for every pose and the focal', () => {
    const held = { ...WHOLE_PROBLEM, movesDepth: () => false };
    const { gradient } = buildNormalEquations(problem, state, linearise(problem, state, held), 0, held);
    const h = 1e-6;
    for (let i = 0; i < gradient.length; i++) {
      const numeric = (totalCost(evaluate(problem, nudge(state, i, h))) - totalCost(evaluate(problem, nudge(state, i, -h)))) / (2 * h);
      // Costs are sums of squares, the normal equations hold half their gradient.
      expect(Math.abs(2 * gradient[i]! - numeric)).toBeLessThan(1e-5 * Math.max(10, Math.abs(numeric)));
    }
  });

  it('is the same in tfjs, value and gradient', async () => {
    const T = problem.frameCount;
    const G = problem.gridWidth * problem.gridHeight;
    const f = tfObjective(problem, state);
    const zeros = [tf.zeros([T, 3]), tf.zeros([T, 3]), tf.zeros([T, G]), tf.zeros([T]), tf.scalar(0)] as unknown as Parameters<typeof f>;
    const { value, grads } = tf.valueAndGrads(f as unknown as (...args: tf.Tensor[]) => tf.Scalar)(zeros);
    const cost = totalCost(evaluate(problem, state));
    expect(Math.abs(value.dataSync()[0]! - cost) / cost).toBeLessThan(1e-4);
    const held = { ...WHOLE_PROBLEM, movesDepth: () => false };
    const frames = linearise(problem, state, held);
    const { gradient } = buildNormalEquations(problem, state, frames, 0, held);
    const [omega, tau, depth, , focal] = grads.map((g) => g.dataSync());
    const scale = Math.max(...gradient.map(Math.abs));
    for (let t = 0; t < T; t++) {
      for (let k = 0; k < 3; k++) {
        expect(Math.abs(omega![3 * t + k]! - 2 * gradient[6 * t + k]!)).toBeLessThan(2e-4 * scale);
        expect(Math.abs(tau![3 * t + k]! - 2 * gradient[6 * t + 3 + k]!)).toBeLessThan(2e-4 * scale);
      }
    }
    expect(Math.abs(focal![0]! - 2 * gradient[6 * T]!)).toBeLessThan(2e-4 * scale);
    const depthScale = Math.max(...frames.flatMap((fr) => [...fr.depthGradient].map(Math.abs)));
    for (let t = 0; t < T; t++) for (let g = 0; g < G; g++) expect(Math.abs(depth![t * G + g]! - 2 * frames[t]!.depthGradient[g]!)).toBeLessThan(2e-4 * depthScale);
  });

  it('does not change when the world is moved (gauge), up to the smoothness of depth', () => {
    const moved = copyState(state);
    const r = expSo3(0.3, -0.2, 0.5);
    for (let t = 0; t < problem.frameCount; t++) {
      moved.rotation.set(multiply3(r, state.rotation.subarray(9 * t, 9 * t + 9)), 9 * t);
      for (let k = 0; k < 3; k++) moved.centre[3 * t + k] = 1 + r[3 * k]! * state.centre[3 * t]! + r[3 * k + 1]! * state.centre[3 * t + 1]! + r[3 * k + 2]! * state.centre[3 * t + 2]!;
    }
    expect(totalCost(evaluate(problem, moved))).toBeCloseTo(totalCost(evaluate(problem, state)), 4);
  });
});

describe('planted scenes', () => {
  it('are found from nothing but flow', async () => {
    const { problem, truth } = plant({ noisePx: 0.1 });
    const start = [...runAll(initialiseMoving(problem, createRng(1)))].at(-1) as State;
    const { state } = await solve(problem, start);
    expect(pathError(state, truth)).toBeLessThan(0.02);
  });

  it('survive 40 % outliers', async () => {
    const { problem, truth } = plant({ noisePx: 0.1, outliers: 0.4 });
    const { state } = await solve(problem, perturbed(truth, 0.02));
    expect(pathError(state, truth)).toBeLessThan(0.02);
  });

  it('give the same result twice', async () => {
    const { problem } = plant({ noisePx: 0.3 });
    const find = async () => {
      const start = [...runAll(initialiseMoving(problem, createRng(5)))].at(-1) as State | null;
      expect(start).not.toBeNull();
      return solve(problem, start!);
    };
    const once = await find();
    expect(once.summary.iterations).toBeGreaterThan(0);
    expect(await find()).toEqual(once);
  });

  it('tell a turning and a still camera from a moving one', () => {
    expect(judgeCamera(plant().problem).kind).toBe('moving');
    expect(judgeCamera(plant({ step: 0, noisePx: 0.2 }).problem).kind).toBe('rotating');
    expect(judgeCamera(plant({ step: 0, turn: 0, noisePx: 0.1 }).problem).kind).toBe('still');
  });

  it('tell a slow camera from a turning one by wide pairs, but by none over which the picture moves far', () => {
    const slow = { frames: 18, step: 0.006, turn: 0.002, noisePx: 0.1 };
    expect(judgeCamera(plant({ ...slow, offsets: [1, 2, 4] }).problem).kind).toBe('rotating');
    expect(judgeCamera(plant({ ...slow, offsets: [1, 2, 4, 8, 16] }).problem).kind).toBe('moving');
    // Flow over nine frames of a quick turn is noise here.
    const quick = plant({ frames: 10, step: 0, noisePx: 0.2, offsets: [1, 2, 9] }).problem;
    const edges = quick.edges.map((e) => (Math.abs(e.to - e.from) === 9 ? { ...e, target: e.target.map((x, i) => x + ((i * 7919) % 23)) } : e));
    expect(judgeCamera({ ...quick, edges }).kind).toBe('rotating');
  });

  it('tell parallax from noise by what translations explain', async () => {
    const gain = async (given: Parameters<typeof plant>[0]) => {
      const { problem, truth } = plant(given);
      return translationGain(problem, (await solve(problem, perturbed(truth, 0.002))).state);
    };
    expect(await gain({ noisePx: 0.3 })).toBeGreaterThan(4);
    expect(await gain({ step: 0.004, noisePx: 1.2 })).toBeLessThan(2);
  });

  it('let both engines descend, Gauss–Newton further', async () => {
    const { problem, truth } = plant({ noisePx: 0.2, frames: 4 });
    const start = perturbed(truth, 0.03);
    const ours = await solve(problem, start);
    const theirs = await createTfjsEngine().minimise(problem, start, () => {}, NEVER_CANCELLED);
    expect(theirs.summary.endCost).toBeLessThan(0.5 * theirs.summary.startCost);
    expect(ours.summary.endCost).toBeLessThanOrEqual(theirs.summary.endCost);
  }, 240_000);

  it('stop when asked to', async () => {
    const { problem } = plant();
    await expect(createGaussNewton().minimise(problem, startState(problem), () => {}, { aborted: true })).rejects.toThrow(/cancelled/);
  });
});

function* runAll<R>(steps: Generator<number, R>): Generator<R> {
  for (;;) {
    const { value, done } = steps.next();
    if (done) {
      yield value as R;
      return;
    }
  }
}
