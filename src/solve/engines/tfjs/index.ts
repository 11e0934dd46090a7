// The second engine: the same objective written once more in tfjs, differentiated by it, minimised by Adam as C4D does.

import * as tf from '@tensorflow/tfjs';
import { throwIfCancelled } from '../../../scene/job.ts';
import { expSo3, multiply3 } from '../../../maths/so3.ts';
import type { Engine } from '../../engine.ts';
import { evaluate, totalCost } from '../../objective.ts';
import type { Problem, State } from '../../problem.ts';

/** 300 steps with a rate falling from 0.01 to 0.001: the recipe of MonST3R and C4D. */
const STEPS = 300;
const RATE = 0.01;

/** Changes of the state, all zero at the start: ω and τ per frame, log depth, log scale of the priors, log focal. */
type Unknowns = [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Scalar];

/** The objective as a differentiable function of the change from `base`; same terms as objective.ts. */
export function tfObjective(problem: Problem, base: State): (...unknowns: Unknowns) => tf.Scalar {
  const { frameCount: T, gridWidth, gridHeight, weights, edges } = problem;
  const G = gridWidth * gridHeight;
  const rotation0 = tf.tensor3d(Float32Array.from(base.rotation), [T, 3, 3]);
  const centre0 = tf.tensor2d(Float32Array.from(base.centre), [T, 3]);
  const depth0 = tf.tensor2d(base.logDepth, [T, G]);
  const prior = tf.tensor2d(problem.prior, [T, G]);
  const x = tf.tensor1d(problem.cellX.map((v) => v - problem.cx));
  const y = tf.tensor1d(problem.cellY.map((v) => v - problem.cy));
  const data = edges.map((e) => ({
    from: e.from, to: e.to, weight: tf.tensor1d(e.weight),
    u: tf.tensor1d(Float32Array.from({ length: G }, (_, g) => e.target[2 * g]! - problem.cx)),
    v: tf.tensor1d(Float32Array.from({ length: G }, (_, g) => e.target[2 * g + 1]! - problem.cy)),
  }));
  const links = tf.tensor4d(problem.link, [T, gridHeight, gridWidth, 2]);
  const c2 = weights.cauchyPx ** 2;
  return (omega, tau, dDepth, dScale, dFocal) => {
    const rotation = tf.matMul(rotation0, exponential(omega));
    const centre = tf.add(centre0, tf.squeeze(tf.matMul(rotation0, tf.expandDims(tau, 2)), [2]));
    const logDepth = tf.add(depth0, dDepth) as tf.Tensor2D;
    const focal = tf.exp(tf.add(dFocal, base.logFocal));
    const pose = (t: number) => [tf.squeeze(tf.slice(rotation, [t, 0, 0], [1, 3, 3]), [0]) as tf.Tensor2D, tf.slice(centre, [t, 0], [1, 3])] as const;
    let total: tf.Tensor = tf.scalar(0);
    for (const e of data) {
      const [ri, ci] = pose(e.from);
      const [rj, cj] = pose(e.to);
      const depth = tf.exp(tf.squeeze(tf.slice(logDepth, [e.from, 0], [1, G]), [0]));
      const inCamera = tf.stack([tf.div(tf.mul(depth, x), focal), tf.div(tf.mul(depth, y), focal), depth], 1) as tf.Tensor2D;
      const world = tf.add(tf.matMul(inCamera, ri, false, true), tf.sub(ci, cj)) as tf.Tensor2D;
      const [px, py, pz] = tf.unstack(tf.matMul(world, rj), 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const e2 = tf.add(tf.square(tf.sub(tf.div(tf.mul(focal, px), pz), e.u)), tf.square(tf.sub(tf.div(tf.mul(focal, py), pz), e.v)));
      total = tf.add(total, tf.sum(tf.mul(e.weight, tf.mul(c2, tf.log1p(tf.div(e2, c2))))));
    }
    const s = tf.sub(logDepth, prior);
    const scale = tf.expandDims(tf.add(dScale, tf.tensor1d(Float32Array.from(base.priorScale))), 1);
    total = tf.add(total, tf.mul(weights.prior, tf.sum(tf.square(tf.sub(s, scale)))));
    const grid = tf.reshape(s, [T, gridHeight, gridWidth]);
    const across = tf.square(tf.sub(tf.slice(grid, [0, 0, 0], [T, gridHeight, gridWidth - 1]), tf.slice(grid, [0, 0, 1], [T, gridHeight, gridWidth - 1])));
    const down = tf.square(tf.sub(tf.slice(grid, [0, 0, 0], [T, gridHeight - 1, gridWidth]), tf.slice(grid, [0, 1, 0], [T, gridHeight - 1, gridWidth])));
    const linkAcross = tf.squeeze(tf.slice(links, [0, 0, 0, 0], [T, gridHeight, gridWidth - 1, 1]), [3]);
    const linkDown = tf.squeeze(tf.slice(links, [0, 0, 0, 1], [T, gridHeight - 1, gridWidth, 1]), [3]);
    total = tf.add(total, tf.mul(weights.smooth, tf.add(tf.sum(tf.mul(linkAcross, across)), tf.sum(tf.mul(linkDown, down)))));
    if (T > 1) {
      const before = tf.slice(rotation, [0, 0, 0], [T - 1, 3, 3]);
      const relative = tf.matMul(before, tf.slice(rotation, [1, 0, 0], [T - 1, 3, 3]), true, false);
      const step = tf.sub(tf.slice(centre, [1, 0], [T - 1, 3]), tf.slice(centre, [0, 0], [T - 1, 3]));
      total = tf.add(total, tf.mul(weights.cameraRotation, tf.sum(tf.square(tf.sub(relative, tf.eye(3))))));
      // |R_tᵀ Δc| = |Δc|.
      total = tf.add(total, tf.mul(weights.cameraTranslation, tf.sum(tf.square(step))));
    }
    if (!problem.holdFocal) {
      const offset = base.logFocal - Math.log(problem.focalGuessPx);
      total = tf.add(total, tf.mul(weights.focal, tf.square(tf.add(dFocal, offset))));
    }
    return total as tf.Scalar;
  };
}

/** Rotation matrices exp([ω]×) of [T,3], by the Taylor series to fourth order: exact enough below half a radian. */
function exponential(omega: tf.Tensor2D): tf.Tensor3D {
  const [x, y, z] = tf.unstack(omega, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const o = tf.zerosLike(x);
  const k = tf.reshape(tf.stack([o, tf.neg(z), y, z, o, tf.neg(x), tf.neg(y), x, o], 1), [-1, 3, 3]);
  const k2 = tf.matMul(k, k);
  const k3 = tf.matMul(k2, k);
  return tf.addN([tf.tile(tf.expandDims(tf.eye(3), 0), [omega.shape[0], 1, 1]), k, tf.div(k2, 2), tf.div(k3, 6), tf.div(tf.matMul(k3, k), 24)]) as tf.Tensor3D;
}

export function createTfjsEngine(): Engine {
  return {
    name: 'tfjs',
    async minimise(problem, start, progress, signal) {
      await tf.ready();
      const T = problem.frameCount;
      const G = problem.gridWidth * problem.gridHeight;
      const startCost = totalCost(evaluate(problem, start));
      const variables = [tf.variable(tf.zeros([T, 3])), tf.variable(tf.zeros([T, 3])), tf.variable(tf.zeros([T, G])), tf.variable(tf.zeros([T])), tf.variable(tf.scalar(0))] as tf.Variable[];
      const objective = tfObjective(problem, start);
      const optimiser = tf.train.adam(RATE, 0.9, 0.9);
      // Frame 0 is the world: its pose is not given to the optimiser's gradient.
      const holdFirst = tf.tensor2d(Float32Array.from({ length: 3 * T }, (_, i) => (i < 3 ? 0 : 1)), [T, 3]);
      for (let step = 0; step < STEPS; step++) {
        throwIfCancelled(signal);
        (optimiser as unknown as { learningRate: number }).learningRate = RATE * (1 - (0.9 * step) / STEPS);
        const cost = tf.tidy(() => optimiser.minimize(() => objective(
          tf.mul(variables[0]!, holdFirst), tf.mul(variables[1]!, holdFirst), variables[2] as unknown as tf.Tensor2D, variables[3] as unknown as tf.Tensor1D,
          tf.mul(variables[4]!, problem.holdFocal ? 0 : 1) as tf.Scalar), true, variables)!);
        const [value] = await cost.data();
        cost.dispose();
        progress((step + 1) / STEPS, `step ${step + 1} of ${STEPS}`, value!);
      }
      const [omega, tau, dDepth, dScale, dFocal] = await Promise.all(variables.map((v) => v.data())) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
      [...variables, holdFirst].forEach((v) => v.dispose());
      optimiser.dispose();
      const state: State = {
        rotation: start.rotation.slice(), centre: start.centre.slice(), logDepth: start.logDepth.map((d, i) => d + dDepth[i]!),
        priorScale: start.priorScale.map((s, t) => s + dScale[t]!), logFocal: start.logFocal + (problem.holdFocal ? 0 : dFocal[0]!),
      };
      for (let t = 1; t < T; t++) {
        const r = start.rotation.subarray(9 * t, 9 * t + 9);
        state.rotation.set(multiply3(r, expSo3(omega[3 * t]!, omega[3 * t + 1]!, omega[3 * t + 2]!)), 9 * t);
        for (let k = 0; k < 3; k++) state.centre[3 * t + k]! += r[3 * k]! * tau[3 * t]! + r[3 * k + 1]! * tau[3 * t + 1]! + r[3 * k + 2]! * tau[3 * t + 2]!;
      }
      const costPerTerm = evaluate(problem, state);
      return { state, summary: { stop: 'iterations', iterations: STEPS, startCost, endCost: totalCost(costPerTerm), costPerTerm } };
    },
    dispose: () => {},
  };
}
