// Damped Gauss–Newton (Levenberg–Marquardt) on typed arrays, the engine of choice.

import { expSo3, multiply3 } from '../../../maths/so3.ts';
import { throwIfCancelled } from '../../../scene/job.ts';
import type { Engine } from '../../engine.ts';
import { evaluate, totalCost } from '../../objective.ts';
import { copyState, type Problem, type State } from '../../problem.ts';
import { linearise, solveStep, type Scope } from './normal-equations.ts';

export interface DescentOptions {
  readonly iterations: number;
  readonly scope: Scope;
  /** Stops when the cost falls by less than this share. */
  readonly tolerance: number;
}

export interface Descent {
  state: State;
  cost: number;
  iterations: number;
  stop: 'converged' | 'iterations' | 'no-descent';
}

const FIRST_DAMPING = 1e-3;
const LARGEST_DAMPING = 1e6;
/** Largest change of a log depth in one step: a weakly seen depth must not jump to infinity. */
const LARGEST_DEPTH_STEP = 1;

export const WHOLE_PROBLEM: Scope = { movesPose: (t) => t > 0, movesDepth: () => true, movesFocal: true };

/** Descends step by step; each turn gives the caller a chance to report, to wait, or to stop. */
export function* descend(problem: Problem, start: State, { iterations, scope, tolerance }: DescentOptions): Generator<Descent, Descent> {
  let state = start;
  let cost = totalCost(evaluate(problem, state));
  let damping = FIRST_DAMPING;
  for (let i = 0; i < iterations; i++) {
    let improved = false;
    let converged = false;
    const frames = linearise(problem, state, scope);
    while (!improved && damping < LARGEST_DAMPING) {
      const step = solveStep(problem, state, frames, damping, scope);
      const next = step && move(problem, state, step.pose, step.depth, scope);
      const nextCost = next ? totalCost(evaluate(problem, next)) : Infinity;
      if (next && nextCost < cost) {
        converged = cost - nextCost < tolerance * cost;
        state = next;
        cost = nextCost;
        damping = Math.max(damping / 5, 1e-7);
        improved = true;
      } else damping *= 10;
    }
    if (!improved) return { state, cost, iterations: i, stop: 'no-descent' };
    if (converged) return { state, cost, iterations: i + 1, stop: 'converged' };
    yield { state, cost, iterations: i + 1, stop: 'iterations' };
  }
  return { state, cost, iterations, stop: 'iterations' };
}

function move(problem: Problem, from: State, pose: Float64Array, depth: readonly Float32Array[], scope: Scope): State {
  const to = copyState(from);
  const G = problem.gridWidth * problem.gridHeight;
  const turn = new Float64Array(9);
  for (let t = 0; t < problem.frameCount; t++) {
    const d = pose.subarray(6 * t, 6 * t + 6);
    const r = from.rotation.subarray(9 * t, 9 * t + 9);
    to.rotation.set(multiply3(r, expSo3(d[0]!, d[1]!, d[2]!, turn)), 9 * t);
    for (let k = 0; k < 3; k++) to.centre[3 * t + k]! += r[3 * k]! * d[3]! + r[3 * k + 1]! * d[4]! + r[3 * k + 2]! * d[5]!;
    if (!scope.movesDepth(t)) continue;
    for (let g = 0; g < G; g++) {
      const step = depth[t]![g]!;
      to.logDepth[t * G + g]! += Math.max(-LARGEST_DEPTH_STEP, Math.min(LARGEST_DEPTH_STEP, step));
    }
    (to.priorScale as Float64Array)[t] = bestPriorScale(problem, to, t);
  }
  return { ...to, logFocal: from.logFocal + pose[pose.length - 1]! };
}

/** The mean minimises the prior's squares exactly. */
function bestPriorScale({ gridWidth, gridHeight, prior }: Problem, state: State, t: number): number {
  const G = gridWidth * gridHeight;
  let sum = 0;
  for (let o = t * G; o < (t + 1) * G; o++) sum += state.logDepth[o]! - prior[o]!;
  return sum / G;
}

const MAX_ITERATIONS = 25;

export function createGaussNewton(): Engine {
  return {
    name: 'gauss-newton',
    async minimise(problem, start, progress, signal) {
      const startTerms = evaluate(problem, start);
      const scope = { ...WHOLE_PROBLEM, movesFocal: !problem.holdFocal };
      const descent = descend(problem, start, { iterations: MAX_ITERATIONS, scope, tolerance: 1e-4 });
      for (;;) {
        const { value, done } = descent.next();
        progress(value.iterations / MAX_ITERATIONS, `step ${value.iterations}`, value.cost);
        if (done) {
          return {
            state: value.state,
            summary: { stop: value.stop, iterations: value.iterations, startCost: totalCost(startTerms), endCost: value.cost, costPerTerm: evaluate(problem, value.state) },
          };
        }
        await Promise.resolve();
        throwIfCancelled(signal);
      }
    },
    dispose: () => {},
  };
}
