// Depth of the static part on a fine grid, poses held: flow to several frames, agreement with the neighbours' depth,
// prior × smooth scale field. Gauss–Seidel on log depth, relinearised a few times, discontinuities kept by reweighting.

import { lumaOf } from '../../geometry/mask-shape.ts';
import { sampleAt, spotAt } from '../../maths/sample.ts';
import type { MotionMask } from '../../scene/fields.ts';
import { linkCells, makeGrid, sampleEdge, type Grid } from '../initialise/build-problem.ts';
import { checkPrior, fusePrior, priorTrust } from '../initialise/prior.ts';
import type { MeasuredInput } from '../input.ts';
import type { EdgeData, State } from '../problem.ts';
import { cameraMovement, DEPTH_COLUMN, JACOBIAN_COLUMNS, relativePose } from '../terms/camera-movement.ts';

const STRIDE = 2;
const LINEARISATIONS = 4;
const SWEEPS = 12;
const OVERRELAXATION = 1.5;
const CAUCHY_PX = 1;
/** Flow is found at an eighth of the picture's size and its errors go together: so many cells of this grid and pairs say one thing between them. */
const CELLS_PER_WORD = 32;
const PRIOR_WEIGHT = 0.03;
const SMOOTH_WEIGHT = 6;
/** Difference of log(depth / prior) between neighbours that is taken for an edge. */
const JUMP = 0.08;
const NEIGHBOUR_WEIGHT = 2;
/** Log-depth disagreement with another frame that is taken for an occlusion. */
const DISAGREEMENT = 0.08;
const FARTHEST_STEP = 0.7;

export interface FineDepth {
  readonly grid: Grid;
  /** f32 [G] per frame. */
  readonly logDepth: Float32Array[];
  /** f32 [G] per frame: curvature of the data on log depth; how well parallax fixes it. */
  readonly curvature: Float32Array[];
  /** Standard deviation of log depth about the prior where parallax is firm. */
  readonly spread: number;
}

/** Curvature of the data at which parallax fixes log depth: to about 3 % were cells independent, to 18 % as they are. */
export const FIRM_CURVATURE = 1000 / CELLS_PER_WORD;

interface PosedEdge extends EdgeData { readonly a: Float64Array; readonly b: Float64Array }
interface Quadratic { readonly h: Float32Array; readonly g: Float32Array }

/**
 * @param coarse solution on `coarseGrid`; yields the share done
 * @param least factor on the prior's weight, whatever the prior proves to be worth
 */
export function* refineDepth(input: MeasuredInput, masks: readonly MotionMask[], coarse: State, coarseGrid: Grid, least: number): Generator<number, FineDepth> {
  const { width, height, frameCount } = input;
  const grid = makeGrid(width, height, STRIDE);
  const CG = coarseGrid.x.length;
  const priors: Float32Array[] = [];
  const logDepth: Float32Array[] = [];
  const curvature: Float32Array[] = [];
  const edges: PosedEdge[][] = [];
  const links: Float32Array[] = [];
  for (let t = 0; t < frameCount; t++) {
    const prior = fusePrior(input.pairs, t, grid.x, grid.y, width, height);
    const scale = coarse.priorScale[t]!;
    priors.push(prior.map((p) => p + scale));
    logDepth.push(enlarge(coarse.logDepth.subarray(t * CG, (t + 1) * CG), coarseGrid, grid, width, height));
    curvature.push(new Float32Array(grid.x.length));
    links.push(linkCells(grid, lumaOf(input.rgba[t]!), masks[t]!.ever));
    edges.push(edgesOf(input, t, grid, masks[t]!.ever, coarse));
  }
  const focal = Math.exp(coarse.logFocal);
  function* pass(trust: number, agreeing: boolean): Generator<number, void> {
    for (let t = 0; t < frameCount; t++) {
      for (let k = 0; k < LINEARISATIONS; k++) {
        const data = lineariseFlow(grid, edges[t]!, logDepth[t]!, focal, width, height);
        for (let g = 0; g < data.h.length; g++) curvature[t]![g] = data.h[g]!;
        if (agreeing) addNeighbours(grid, edges[t]!, logDepth, t, focal, width, height, data);
        relax(grid, logDepth[t]!, priors[t]!, links[t]!, data, trust);
      }
      yield (t + 1) / frameCount;
    }
  }
  // The first pass gives every frame a depth of its own and so tells what the prior is worth; the second makes them agree.
  for (const share of pass(least, false)) yield share / 2;
  const { scale, spread } = checkPrior(logDepth, priors, (t, g) => curvature[t]![g]! > FIRM_CURVATURE);
  scale.forEach((s, t) => { if (s !== null) priors[t] = priors[t]!.map((p) => p + s); });
  for (const share of pass(priorTrust(spread, least), true)) yield (1 + share) / 2;
  return { grid, logDepth, curvature, spread };
}

/** The flows of frame t on a grid, with the poses they lie between; nothing of what moves. */
export function edgesOf({ flows, leastSigma }: Pick<MeasuredInput, 'flows' | 'leastSigma'>, t: number, grid: Grid, moving: Uint8Array, { rotation, centre }: State): PosedEdge[] {
  return flows.filter((f) => f.from === t).map((f) => {
    const a = new Float64Array(9);
    const b = new Float64Array(3);
    relativePose(rotation, centre, f.from, f.to, a, b);
    return { ...sampleEdge(f, grid, moving, leastSigma[t]!), a, b };
  });
}

/** What the flow says of each cell's log depth, poses held. */
export function lineariseFlow(grid: Grid, edges: readonly PosedEdge[], logDepth: Float32Array, focal: number, width: number, height: number): Quadratic {
  const h = new Float32Array(logDepth.length);
  const gradient = new Float32Array(logDepth.length);
  const r = new Float64Array(2);
  const J = new Float64Array(2 * JACOBIAN_COLUMNS);
  const cx = width / 2;
  const cy = height / 2;
  for (const { a, b, weight, target } of edges) {
    for (let g = 0; g < h.length; g++) {
      const w0 = weight[g]!;
      if (w0 === 0 || !cameraMovement(a, b, focal, logDepth[g]!, grid.x[g]! - cx, grid.y[g]! - cy, target[2 * g]! - cx, target[2 * g + 1]! - cy, r, J)) continue;
      const w = w0 / CELLS_PER_WORD / (1 + (r[0]! * r[0]! + r[1]! * r[1]!) / CAUCHY_PX ** 2);
      const jx = J[DEPTH_COLUMN]!;
      const jy = J[JACOBIAN_COLUMNS + DEPTH_COLUMN]!;
      h[g]! += w * (jx * jx + jy * jy);
      gradient[g]! += w * (jx * r[0]! + jy * r[1]!);
    }
  }
  return { h, g: gradient };
}

/** The point that the flow leads to has a depth of its own; seen from here it should be ours. */
function addNeighbours(grid: Grid, edges: readonly PosedEdge[], logDepths: readonly Float32Array[], t: number, focal: number, width: number, height: number, data: Quadratic): void {
  const scaleX = grid.width / width;
  const scaleY = grid.height / height;
  const own = logDepths[t]!;
  for (const { a, b, weight, target, to } of edges) {
    for (let g = 0; g < own.length; g++) {
      if (weight[g] === 0) continue;
      const x = target[2 * g]!;
      const y = target[2 * g + 1]!;
      const gx = Math.floor(x * scaleX);
      const gy = Math.floor(y * scaleY);
      if (gx < 0 || gy < 0 || gx >= grid.width || gy >= grid.height) continue;
      const z = Math.exp(logDepths[to]![gy * grid.width + gx]!);
      const p0 = ((x - width / 2) / focal) * z - b[0]!;
      const p1 = ((y - height / 2) / focal) * z - b[1]!;
      const p2 = z - b[2]!;
      // Back into this camera: Aᵀ (Y − b), third row.
      const back = a[2]! * p0 + a[5]! * p1 + a[8]! * p2;
      if (back <= 0) continue;
      const difference = own[g]! - Math.log(back);
      const w = NEIGHBOUR_WEIGHT / (1 + (difference / DISAGREEMENT) ** 2) ** 2;
      data.h[g]! += w;
      data.g[g]! += w * difference;
    }
  }
}

/** Successive over-relaxation of the linearised problem, in place. */
function relax(grid: Grid, logDepth: Float32Array, prior: Float32Array, link: Float32Array, { h, g }: Quadratic, trust: number): void {
  const { width } = grid;
  const n = logDepth.length;
  const start = logDepth.slice();
  const priorWeight = trust * PRIOR_WEIGHT;
  const ties = new Float32Array(2 * n);
  for (let p = 0; p < n; p++) {
    const s = logDepth[p]! - prior[p]!;
    for (let k = 0; k < 2; k++) {
      const q = p + (k === 0 ? 1 : width);
      if (link[2 * p + k] === 0) continue;
      ties[2 * p + k] = (SMOOTH_WEIGHT * link[2 * p + k]!) / (1 + ((s - logDepth[q]! + prior[q]!) / JUMP) ** 2);
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let i = 0; i < n; i++) {
      // Forth and back, so that information crosses the picture in every pair of sweeps.
      const p = sweep % 2 === 0 ? i : n - 1 - i;
      const right = ties[2 * p]!;
      const down = ties[2 * p + 1]!;
      const left = p > 0 ? ties[2 * (p - 1)]! : 0;
      const up = p >= width ? ties[2 * (p - width) + 1]! : 0;
      let pull = 0;
      if (right > 0) pull += right * (logDepth[p + 1]! - prior[p + 1]!);
      if (left > 0) pull += left * (logDepth[p - 1]! - prior[p - 1]!);
      if (down > 0) pull += down * (logDepth[p + width]! - prior[p + width]!);
      if (up > 0) pull += up * (logDepth[p - width]! - prior[p - width]!);
      const ties4 = right + left + down + up;
      const total = h[p]! + priorWeight + ties4;
      const goal = (h[p]! * start[p]! - g[p]! + priorWeight * prior[p]! + pull + ties4 * prior[p]!) / total;
      const next = logDepth[p]! + OVERRELAXATION * (goal - logDepth[p]!);
      logDepth[p] = Math.max(start[p]! - FARTHEST_STEP, Math.min(start[p]! + FARTHEST_STEP, next));
    }
  }
}

/** Bilinear from one grid to another. */
function enlarge(map: Float32Array, from: Grid, to: Grid, width: number, height: number): Float32Array {
  return Float32Array.from(to.x, (x, g) => sampleAt(map, spotAt((x * from.width) / width, (to.y[g]! * from.height) / height, from), from.width));
}
