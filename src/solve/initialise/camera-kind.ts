// Does the camera move, only turn, or stand still? (method.md 4.4: each needs its own treatment.)

import { solveCholesky } from '../../maths/cholesky.ts';
import { median, quantile } from '../../maths/robust.ts';
import { expSo3, multiply3 } from '../../maths/so3.ts';
import type { EdgeData, Problem, State } from '../problem.ts';
import { cameraMovement, JACOBIAN_COLUMNS, relativePose } from '../terms/camera-movement.ts';

export type CameraKind = 'moving' | 'rotating' | 'still';

/** Median static flow below which the camera stands, px (method.md 4.4). */
const STILL_PX = 0.3;
/** What a pure turn leaves unexplained on the wide pairs; less is noise, px. */
const TURN_RESIDUAL_PX = 0.9;

/** What a turn may leave for its focal length to be believed, although parts of the picture show parallax, px. */
const TURN_TELLS_FOCAL_PX = 2;

/**
 * Flow over more frames than this fails too often to judge by, unless the picture moves no farther than this share of its longer side meanwhile:
 * twice what the frame graph asks of half the offset before it adds wider pairs.
 */
const WIDEST_OFFSET = 4;
const SLOW_SHARE = 0.08;
const MAX_PAIRS = 12;
/** Focal lengths at which a turn is tried, as shares of the longer side: a zoomed turn looks like parallax through the wrong lens. */
const FOCAL_SHARES = [0.5, 0.65, 0.85, 1.1, 1.45, 1.9, 2.2];

export interface CameraJudgement {
  readonly kind: CameraKind;
  /** px: median over wide pairs of what a turn leaves unexplained (upper quartile of the picture). */
  readonly parallaxPx: number;
  /** px: focal length under which a turn explains the pairs best; the first guess where no turn comes near. */
  readonly focalPx: number;
}

export function judgeCamera(problem: Problem): CameraJudgement {
  const { focalGuessPx } = problem;
  const wide = soundOffsets(problem).at(-1) ?? [];
  if (!(movementPx(problem, wide) >= STILL_PX)) return { kind: 'still', parallaxPx: 0, focalPx: focalGuessPx };
  const some = wide.filter((_, i) => i % Math.ceil(wide.length / MAX_PAIRS) === 0);
  const longer = longerSide(problem);
  const focals = problem.holdFocal ? [focalGuessPx] : [focalGuessPx, ...FOCAL_SHARES.map((share) => share * longer)];
  const tried = focals.map((focalPx) => ({ focalPx, parallaxPx: median(some.map((e) => fitRotation(problem, e, focalPx).residualPx)) }));
  const best = tried.reduce((a, b) => (b.parallaxPx < a.parallaxPx ? b : a));
  const { parallaxPx } = best;
  return { kind: parallaxPx < TURN_RESIDUAL_PX ? 'rotating' : 'moving', parallaxPx, focalPx: parallaxPx < TURN_TELLS_FOCAL_PX ? best.focalPx : focalGuessPx };
}

const longerSide = ({ cx, cy }: Problem): number => 2 * Math.max(cx, cy);

/** Pairs forward in time whose flow can be judged by, by their offset, the widest last. */
function soundOffsets(problem: Problem): EdgeData[][] {
  const byOffset = new Map<number, EdgeData[]>();
  for (const edge of problem.edges) if (edge.to > edge.from) byOffset.set(edge.to - edge.from, [...(byOffset.get(edge.to - edge.from) ?? []), edge]);
  return [...byOffset].sort(([a], [b]) => a - b).filter(([offset, edges]) => offset <= WIDEST_OFFSET || movementPx(problem, edges) <= SLOW_SHARE * longerSide(problem)).map(([, edges]) => edges);
}

/** px: how far the picture moves over these pairs; NaN where nothing is known. */
const movementPx = ({ cellX, cellY }: Problem, edges: readonly EdgeData[]): number =>
  median(edges.map((e) => median(cellsOf(e, (g) => Math.hypot(e.target[2 * g]! - cellX[g]!, e.target[2 * g + 1]! - cellY[g]!)))));

/**
 * How many times less of the flow a solution with translations leaves unexplained than turns alone do. Parallax lies along epipolar lines, errors lie
 * anywhere: near 1 the translations explain nothing, and depth from them is noise. Over the pairs of the offset that gains most.
 */
export function translationGain(problem: Problem, state: State): number {
  const focal = Math.exp(state.logFocal);
  const G = problem.cellX.length;
  const gain = (edge: EdgeData): number => {
    const a = new Float64Array(9);
    const b = new Float64Array(3);
    relativePose(state.rotation, state.centre, edge.from, edge.to, a, b);
    const explained = leftUnexplained(problem, edge, focal, a, b, state.logDepth.subarray(edge.from * G, (edge.from + 1) * G));
    return fitRotation(problem, edge, focal).residualPx / Math.max(1e-3, explained);
  };
  return Math.max(0, ...soundOffsets(problem).map((edges) => median(edges.map(gain))));
}

/** Rotation (camera j from camera i, row-major) that explains a pair best, by robust Gauss–Newton. */
export function fitRotation(problem: Problem, edge: EdgeData, focal: number): { rotation: Float64Array; residualPx: number } {
  const { cellX, cellY, cx, cy } = problem;
  let a: Float64Array = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const b = new Float64Array(3);
  const r = new Float64Array(2);
  const J = new Float64Array(2 * JACOBIAN_COLUMNS);
  let scale = Infinity;
  for (let round = 0; round < 12; round++) {
    const H = new Float64Array(9);
    const gradient = new Float64Array(3);
    const errors: number[] = [];
    for (let g = 0; g < cellX.length; g++) {
      const w0 = edge.weight[g]!;
      if (w0 === 0 || !cameraMovement(a, b, focal, 0, cellX[g]! - cx, cellY[g]! - cy, edge.target[2 * g]! - cx, edge.target[2 * g + 1]! - cy, r, J)) continue;
      const error = Math.hypot(r[0]!, r[1]!);
      errors.push(error);
      const w = Number.isFinite(scale) ? w0 / (1 + (error / scale) ** 2) : w0;
      for (let row = 0; row < 2; row++) {
        for (let p = 0; p < 3; p++) {
          const jp = J[row * JACOBIAN_COLUMNS + p]!;
          gradient[p]! -= w * jp * r[row]!;
          for (let q = 0; q <= p; q++) H[p * 3 + q]! += w * jp * J[row * JACOBIAN_COLUMNS + q]!;
        }
      }
    }
    if (errors.length < 8 || !solveCholesky(H, gradient, 3)) break;
    scale = Math.max(0.5, 1.5 * median(errors));
    // A turn of camera j by ω takes A to exp(−ω) A.
    a = multiply3(expSo3(-gradient[0]!, -gradient[1]!, -gradient[2]!), a);
    if (Math.hypot(...gradient) < 1e-7) break;
  }
  return { rotation: a, residualPx: leftUnexplained(problem, edge, focal, a, b, null) };
}

/** px: upper quartile over the picture of the distance between flow and what the relative pose (A, b) makes of it; depth 1 unless given. */
function leftUnexplained({ cellX, cellY, cx, cy }: Problem, edge: EdgeData, focal: number, a: Float64Array, b: Float64Array, logDepth: Float32Array | null): number {
  const r = new Float64Array(2);
  const behindCamera = 1e3;
  return quantile(cellsOf(edge, (g) => {
    const inFront = cameraMovement(a, b, focal, logDepth?.[g] ?? 0, cellX[g]! - cx, cellY[g]! - cy, edge.target[2 * g]! - cx, edge.target[2 * g + 1]! - cy, r, null);
    return inFront ? Math.hypot(r[0]!, r[1]!) : behindCamera;
  }), 0.75);
}

function cellsOf(edge: EdgeData, value: (g: number) => number): number[] {
  const out: number[] = [];
  for (let g = 0; g < edge.weight.length; g++) if (edge.weight[g]! > 0) out.push(value(g));
  return out;
}
