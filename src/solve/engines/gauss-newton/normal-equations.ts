// Normal equations of the whole objective with every cell's depth eliminated by the Schur complement
// (the dense bundle adjustment of DROID-SLAM, Teed and Deng 2021): what is left is one small dense system of poses and focal.

import type { EdgeData, Problem, State } from '../../problem.ts';
import { cameraMovement, JACOBIAN_COLUMNS, relativePose } from '../../terms/camera-movement.ts';
import { cameraSmooth, SMOOTH_COLUMNS, SMOOTH_ROWS } from '../../terms/camera-smooth.ts';

export interface NormalEquations {
  /** 6 per frame (ω, τ), then log focal. */
  readonly size: number;
  /** f64 [size²] lower triangle, and f64 [size]: gradient. Both without the eliminated depths' part. */
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  /** Per frame: everything needed to get the depth steps back. */
  readonly frames: readonly FrameSystem[];
}

interface FrameSystem {
  /** Index in the global system of each local column. */
  readonly columns: Int32Array;
  /** f32 [G·n]: coupling of each cell's depth with the local columns. */
  readonly coupling: Float32Array;
  /** f64 [G]: curvature and gradient of each cell's log depth. */
  readonly curvature: Float64Array;
  readonly gradient: Float64Array;
}

/** Which frames' poses and whose depths may move. */
export interface Scope {
  readonly movesPose: (frame: number) => boolean;
  readonly movesDepth: (frame: number) => boolean;
  readonly movesFocal: boolean;
}

export function buildNormalEquations(problem: Problem, state: State, damping: number, scope: Scope): NormalEquations {
  const T = problem.frameCount;
  const size = 6 * T + 1;
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  const frames: FrameSystem[] = [];
  for (let t = 0; t < T; t++) {
    frames.push(addFrame(problem, state, t, problem.edges.filter((e) => e.from === t), damping, scope, hessian, gradient, size));
  }
  addCameraSmoothness(problem, state, hessian, gradient, size);
  if (!problem.holdFocal) {
    const { weights, focalGuessPx } = problem;
    hessian[size * size - 1]! += weights.focal;
    gradient[size - 1]! += weights.focal * (state.logFocal - Math.log(focalGuessPx));
  }
  return { size, hessian, gradient, frames };
}

/** Flow, prior and smoothness of one frame's cells; their depths are eliminated before the sums go into the global system. */
function addFrame(problem: Problem, state: State, t: number, edges: readonly EdgeData[], damping: number, scope: Scope, hessian: Float64Array, gradient: Float64Array, size: number): FrameSystem {
  const { cellX, cellY, cx, cy, weights } = problem;
  const G = problem.gridWidth * problem.gridHeight;
  const n = 6 * (edges.length + 1) + 1;
  const columns = new Int32Array(n);
  for (let k = 0; k < 6; k++) columns[k] = 6 * t + k;
  edges.forEach((e, m) => { for (let k = 0; k < 6; k++) columns[6 * (m + 1) + k] = 6 * e.to + k; });
  columns[n - 1] = size - 1;

  const coupling = new Float32Array(G * n);
  const curvature = new Float64Array(G);
  const depthGradient = new Float64Array(G);
  const local = new Float64Array(n * n);
  const localGradient = new Float64Array(n);
  const focal = Math.exp(state.logFocal);
  const c2 = weights.cauchyPx ** 2;
  const poses = edges.map((e) => {
    const a = new Float64Array(9);
    const b = new Float64Array(3);
    relativePose(state.rotation, state.centre, t, e.to, a, b);
    return { a, b };
  });
  const r = new Float64Array(2);
  const J = new Float64Array(2 * JACOBIAN_COLUMNS);
  const at = new Int32Array(JACOBIAN_COLUMNS);
  const movesDepth = scope.movesDepth(t);
  for (let g = 0; g < G; g++) {
    const c = g * n;
    for (let m = 0; m < edges.length; m++) {
      const edge = edges[m]!;
      const w0 = edge.weight[g]!;
      if (w0 === 0) continue;
      const { a, b } = poses[m]!;
      if (!cameraMovement(a, b, focal, state.logDepth[t * G + g]!, cellX[g]! - cx, cellY[g]! - cy, edge.target[2 * g]! - cx, edge.target[2 * g + 1]! - cy, r, J)) continue;
      // Iteratively reweighted least squares: the derivative of Cauchy's loss.
      const w = w0 / (1 + (r[0]! * r[0]! + r[1]! * r[1]!) / c2);
      for (let k = 0; k < 6; k++) {
        at[k] = k;
        at[6 + k] = 6 * (m + 1) + k;
      }
      at[13] = n - 1;
      for (let row = 0; row < 2; row++) {
        const o = row * JACOBIAN_COLUMNS;
        const jd = J[o + 12]!;
        curvature[g]! += w * jd * jd;
        depthGradient[g]! += w * jd * r[row]!;
        for (let p = 0; p < JACOBIAN_COLUMNS; p++) {
          if (p === 12) continue;
          const wp = w * J[o + p]!;
          const ip = at[p]!;
          localGradient[ip]! += wp * r[row]!;
          coupling[c + ip]! += wp * jd;
          for (let q = 0; q <= p; q++) if (q !== 12) local[ip * n + at[q]!]! += wp * J[o + q]!;
        }
      }
    }
  }
  addDepthTerms(problem, state, t, curvature, depthGradient);
  if (!movesDepth) {
    // A depth that is held couples with nothing.
    coupling.fill(0);
    curvature.fill(Infinity);
  } else {
    for (let g = 0; g < G; g++) {
      curvature[g] = curvature[g]! * (1 + damping) + 1e-6;
      const c = g * n;
      const inv = 1 / curvature[g]!;
      for (let p = 0; p < n; p++) {
        const vp = coupling[c + p]! * inv;
        if (vp === 0) continue;
        localGradient[p]! -= vp * depthGradient[g]!;
        for (let q = 0; q <= p; q++) local[p * n + q]! -= vp * coupling[c + q]!;
      }
    }
  }
  for (let p = 0; p < n; p++) {
    gradient[columns[p]!]! += localGradient[p]!;
    for (let q = 0; q <= p; q++) {
      const i = Math.max(columns[p]!, columns[q]!);
      const j = Math.min(columns[p]!, columns[q]!);
      hessian[i * size + j]! += local[p * n + q]!;
    }
  }
  return { columns, coupling, curvature, gradient: depthGradient };
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

/** Solves for the poses and the focal, then every depth from them. Null when the system is not positive definite. */
export function solveStep(eq: NormalEquations, damping: number, scope: Scope, solve: (a: Float64Array, b: Float64Array, n: number) => boolean): { pose: Float64Array; depth: Float32Array[] } | null {
  const { size } = eq;
  const free: number[] = [];
  for (let i = 0; i < size; i++) if (i === size - 1 ? scope.movesFocal : scope.movesPose(Math.floor(i / 6))) free.push(i);
  const n = free.length;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  for (let p = 0; p < n; p++) {
    b[p] = -eq.gradient[free[p]!]!;
    for (let q = 0; q <= p; q++) a[p * n + q] = eq.hessian[free[p]! * size + free[q]!]!;
    a[p * n + p] = a[p * n + p]! * (1 + damping) + 1e-9;
  }
  if (n > 0 && !solve(a, b, n)) return null;
  const pose = new Float64Array(size);
  free.forEach((i, p) => { pose[i] = b[p]!; });
  const depth = eq.frames.map(({ columns, coupling, curvature, gradient }) => {
    const width = columns.length;
    return Float32Array.from(curvature, (h, g) => {
      let sum = -gradient[g]!;
      for (let p = 0; p < width; p++) sum -= coupling[g * width + p]! * pose[columns[p]!]!;
      return sum / h;
    });
  });
  return { pose, depth };
}
