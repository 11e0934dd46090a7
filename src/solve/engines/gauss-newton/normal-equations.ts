// Normal equations of the whole objective with every cell's depth eliminated by the Schur complement
// (the dense bundle adjustment of DROID-SLAM, Teed and Deng 2021): what is left is one small dense system of poses and focal.

import { solveCholesky } from '../../../maths/cholesky.ts';
import type { EdgeData, Problem, State } from '../../problem.ts';
import { cameraMovement, DEPTH_COLUMN, firstFromSecond, FOCAL_COLUMN, JACOBIAN_COLUMNS, relativePose } from '../../terms/camera-movement.ts';
import { cameraSmooth, SMOOTH_COLUMNS, SMOOTH_ROWS } from '../../terms/camera-smooth.ts';

/** One frame's flow, prior and smoothness, linearised; nothing is eliminated yet, so that each damping starts from here. */
export interface FrameSystem {
  readonly frame: number;
  /** Index in the global system (6 per frame: ω, τ; then log focal) of each local column: the cameras that the edges lead to, and the focal. */
  readonly columns: Int32Array;
  /** f64 [n·6]: what a step of this frame's own camera does to the local columns (`firstFromSecond`). */
  readonly carry: Float64Array;
  /** f64 [n·n] lower triangle, and f64 [n]. */
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  /** f32 [G·n]: coupling of each cell's log depth with the local columns. */
  readonly coupling: Float32Array;
  /** f64 [G]: curvature and gradient of each cell's log depth. */
  readonly depthCurvature: Float64Array;
  readonly depthGradient: Float64Array;
}

/** Which frames' poses and whose depths may move. */
export interface Scope {
  readonly movesPose: (frame: number) => boolean;
  readonly movesDepth: (frame: number) => boolean;
  readonly movesFocal: boolean;
}

/** @param scope edges between frames of which nothing moves are left out. */
export function linearise(problem: Problem, state: State, scope: Scope): FrameSystem[] {
  const moves = (t: number) => scope.movesPose(t) || scope.movesDepth(t);
  const from = Array.from({ length: problem.frameCount }, (): EdgeData[] => []);
  for (const edge of problem.edges) if (scope.movesFocal || moves(edge.from) || scope.movesPose(edge.to)) from[edge.from]!.push(edge);
  return from.map((edges, t) => lineariseFrame(problem, state, t, edges));
}

function lineariseFrame(problem: Problem, state: State, t: number, edges: readonly EdgeData[]): FrameSystem {
  const { cellX, cellY, cx, cy, weights } = problem;
  const G = problem.gridWidth * problem.gridHeight;
  const n = 6 * edges.length + 1;
  const columns = new Int32Array(n).fill(6 * problem.frameCount);
  const carry = new Float64Array(n * 6);
  const hessian = new Float64Array(n * n);
  const gradient = new Float64Array(n);
  const coupling = new Float32Array(G * n);
  const depthCurvature = new Float64Array(G);
  const depthGradient = new Float64Array(G);
  const focal = Math.exp(state.logFocal);
  const c2 = weights.cauchyPx ** 2;
  const a = new Float64Array(9);
  const b = new Float64Array(3);
  const r = new Float64Array(2);
  const J = new Float64Array(2 * JACOBIAN_COLUMNS);
  edges.forEach((edge, m) => {
    for (let k = 0; k < 6; k++) columns[6 * m + k] = 6 * edge.to + k;
    relativePose(state.rotation, state.centre, t, edge.to, a, b);
    carry.set(firstFromSecond(a, b), 36 * m);
    for (let g = 0; g < G; g++) {
      const w0 = edge.weight[g]!;
      if (w0 === 0) continue;
      if (!cameraMovement(a, b, focal, state.logDepth[t * G + g]!, cellX[g]! - cx, cellY[g]! - cy, edge.target[2 * g]! - cx, edge.target[2 * g + 1]! - cy, r, J)) continue;
      // Iteratively reweighted least squares: the derivative of Cauchy's loss.
      const w = w0 / (1 + (r[0]! * r[0]! + r[1]! * r[1]!) / c2);
      for (let row = 0; row < 2; row++) {
        const o = row * JACOBIAN_COLUMNS;
        const wd = w * J[o + DEPTH_COLUMN]!;
        const wf = w * J[o + FOCAL_COLUMN]!;
        depthCurvature[g]! += wd * J[o + DEPTH_COLUMN]!;
        depthGradient[g]! += wd * r[row]!;
        for (let p = 0; p < 6; p++) {
          const i = 6 * m + p;
          const jp = J[o + p]!;
          const wp = w * jp;
          gradient[i]! += wp * r[row]!;
          coupling[g * n + i]! += wd * jp;
          for (let q = 0; q <= p; q++) hessian[i * n + 6 * m + q]! += wp * J[o + q]!;
          hessian[(n - 1) * n + i]! += wf * jp;
        }
        gradient[n - 1]! += wf * r[row]!;
        coupling[g * n + n - 1]! += wd * J[o + FOCAL_COLUMN]!;
        hessian[n * n - 1]! += wf * J[o + FOCAL_COLUMN]!;
      }
    }
  });
  addDepthTerms(problem, state, t, depthCurvature, depthGradient);
  return { frame: t, columns, carry, hessian, gradient, coupling, depthCurvature, depthGradient };
}

const damped = (curvature: number, damping: number): number => curvature * (1 + damping) + 1e-6;

/** The system of poses and focal, f64 [size²] lower triangle and f64 [size], each frame's depths eliminated where they move. */
export function buildNormalEquations(problem: Problem, state: State, frames: readonly FrameSystem[], damping: number, scope: Scope): { size: number; hessian: Float64Array; gradient: Float64Array } {
  const size = 6 * problem.frameCount + 1;
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  for (const frame of frames) addFrame(scope.movesDepth(frame.frame) ? eliminateDepths(frame, damping) : frame, hessian, gradient, size);
  addCameraSmoothness(problem, state, hessian, gradient, size);
  if (!problem.holdFocal) {
    const { weights, focalGuessPx } = problem;
    hessian[size * size - 1]! += weights.focal;
    gradient[size - 1]! += weights.focal * (state.logFocal - Math.log(focalGuessPx));
  }
  return { size, hessian, gradient };
}

/** The Schur complement: what is left of a frame for the poses and the focal. */
function eliminateDepths(frame: FrameSystem, damping: number): FrameSystem {
  const { coupling, depthCurvature, depthGradient } = frame;
  const hessian = frame.hessian.slice();
  const gradient = frame.gradient.slice();
  const n = gradient.length;
  for (let g = 0; g < depthCurvature.length; g++) {
    const c = g * n;
    const inv = 1 / damped(depthCurvature[g]!, damping);
    for (let p = 0; p < n; p++) {
      const vp = coupling[c + p]! * inv;
      if (vp === 0) continue;
      gradient[p]! -= vp * depthGradient[g]!;
      for (let q = 0; q <= p; q++) hessian[p * n + q]! -= vp * coupling[c + q]!;
    }
  }
  return { ...frame, hessian, gradient };
}

/** Adds a frame's system, whose local columns move with the cameras that its edges lead to and, through `carry`, with its own. */
function addFrame({ frame, columns, carry, hessian: local, gradient: localGradient }: FrameSystem, hessian: Float64Array, gradient: Float64Array, size: number): void {
  const n = columns.length;
  const own = 6 * frame;
  const add = (i: number, j: number, value: number) => { hessian[Math.max(i, j) * size + Math.min(i, j)]! += value; };
  const carried = new Float64Array(6);
  for (let p = 0; p < n; p++) {
    const row = columns[p]!;
    carried.fill(0);
    for (let q = 0; q < n; q++) {
      const h = local[Math.max(p, q) * n + Math.min(p, q)]!;
      if (q <= p) add(row, columns[q]!, h);
      for (let k = 0; k < 6; k++) carried[k]! += h * carry[6 * q + k]!;
    }
    gradient[row]! += localGradient[p]!;
    for (let k = 0; k < 6; k++) {
      add(row, own + k, carried[k]!);
      const c = carry[6 * p + k]!;
      gradient[own + k]! += c * localGradient[p]!;
      for (let l = 0; l <= k; l++) hessian[(own + k) * size + own + l]! += c * carried[l]!;
    }
  }
}

/** Prior and smoothness couple depths only; neighbours are held while a cell is eliminated (their pull counts twice in the curvature, which keeps the step stable). */
function addDepthTerms({ weights, prior, link, gridWidth, gridHeight }: Problem, state: State, t: number, curvature: Float64Array, gradient: Float64Array): void {
  const G = gridWidth * gridHeight;
  const base = t * G;
  const s = (g: number) => state.logDepth[base + g]! - prior[base + g]!;
  const tie = (g: number, h: number, w: number) => {
    const difference = w * (s(g) - s(h));
    gradient[g]! += difference;
    gradient[h]! -= difference;
    curvature[g]! += 2 * w;
    curvature[h]! += 2 * w;
  };
  for (let g = 0; g < G; g++) {
    gradient[g]! += weights.prior * (s(g) - state.priorScale[t]!);
    curvature[g]! += weights.prior;
    if ((g + 1) % gridWidth !== 0) tie(g, g + 1, weights.smooth * link[2 * (base + g)]!);
    if (g + gridWidth < G) tie(g, g + gridWidth, weights.smooth * link[2 * (base + g) + 1]!);
  }
}

function addCameraSmoothness({ frameCount, weights }: Problem, state: State, hessian: Float64Array, gradient: Float64Array, size: number): void {
  const r = new Float64Array(SMOOTH_ROWS);
  const J = new Float64Array(SMOOTH_ROWS * SMOOTH_COLUMNS);
  for (let t = 0; t + 1 < frameCount; t++) {
    cameraSmooth(state.rotation, state.centre, t, Math.sqrt(weights.cameraRotation), Math.sqrt(weights.cameraTranslation), r, J);
    for (let row = 0; row < SMOOTH_ROWS; row++) {
      for (let p = 0; p < SMOOTH_COLUMNS; p++) {
        const jp = J[row * SMOOTH_COLUMNS + p]!;
        if (jp === 0) continue;
        gradient[6 * t + p]! += jp * r[row]!;
        for (let q = 0; q <= p; q++) hessian[(6 * t + p) * size + 6 * t + q]! += jp * J[row * SMOOTH_COLUMNS + q]!;
      }
    }
  }
}

/** Solves for the poses and the focal (0 where held), then every depth from them. Null when the system is not positive definite. */
export function solveStep(problem: Problem, state: State, frames: readonly FrameSystem[], damping: number, scope: Scope): { pose: Float64Array; depth: Float32Array[] } | null {
  const { size, hessian, gradient } = buildNormalEquations(problem, state, frames, damping, scope);
  const free: number[] = [];
  for (let i = 0; i < size; i++) if (i === size - 1 ? scope.movesFocal : scope.movesPose(Math.floor(i / 6))) free.push(i);
  const n = free.length;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  for (let p = 0; p < n; p++) {
    b[p] = -gradient[free[p]!]!;
    for (let q = 0; q <= p; q++) a[p * n + q] = hessian[free[p]! * size + free[q]!]!;
    a[p * n + p] = a[p * n + p]! * (1 + damping) + 1e-9;
  }
  if (n > 0 && !solveCholesky(a, b, n)) return null;
  const pose = new Float64Array(size);
  free.forEach((i, p) => { pose[i] = b[p]!; });
  return { pose, depth: frames.map((frame) => (scope.movesDepth(frame.frame) ? depthStep(frame, pose, damping) : new Float32Array(frame.depthGradient.length))) };
}

function depthStep({ frame, columns, carry, coupling, depthCurvature, depthGradient }: FrameSystem, pose: Float64Array, damping: number): Float32Array {
  const n = columns.length;
  const local = Float64Array.from(columns, (column, p) => {
    let step = pose[column]!;
    for (let k = 0; k < 6; k++) step += carry[6 * p + k]! * pose[6 * frame + k]!;
    return step;
  });
  return Float32Array.from(depthCurvature, (h, g) => {
    let sum = -depthGradient[g]!;
    for (let p = 0; p < n; p++) sum -= coupling[g * n + p]! * local[p]!;
    return sum / damped(h, damping);
  });
}
