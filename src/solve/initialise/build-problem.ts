// Networks' output at working size → the problem on a coarse grid.

import { lumaOf } from '../../geometry/mask-shape.ts';
import type { FlowField, MotionMask } from '../../scene/fields.ts';
import type { MeasuredInput } from '../input.ts';
import { DEFAULT_WEIGHTS, type EdgeData, type Problem, type State } from '../problem.ts';
import { fusePrior, usualFocal } from './prior.ts';

/** Cells across the longer side: as coarse as DROID-SLAM's 1/8 at 512 px. */
const CELLS_ACROSS = 40;
/** px; no flow is better than this, whatever it says. */
const SIGMA_FLOOR_PX = 0.4;
/** Pairs of which less than this share passes the forward–backward check are dropped (blur, cuts). */
const MIN_CONSISTENT_SHARE = 0.25;
/** Luma difference at which two cells are no longer taken for one surface. */
const LUMA_SCALE = 0.08;
const WEAKEST_LINK = 0.03;

export interface Grid {
  readonly stride: number;
  readonly width: number;
  readonly height: number;
  /** f32 [G] px of the working image. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Pixel index of each cell's centre. */
  readonly pixel: Int32Array;
}

export function makeGrid(width: number, height: number, stride: number): Grid {
  const gw = Math.max(2, Math.floor(width / stride));
  const gh = Math.max(2, Math.floor(height / stride));
  const at = (g: number) => ({ x: ((g % gw) + 0.5) * (width / gw), y: (Math.floor(g / gw) + 0.5) * (height / gh) });
  const cells = Array.from({ length: gw * gh }, (_, g) => at(g));
  return {
    stride, width: gw, height: gh,
    x: Float32Array.from(cells, (c) => Math.floor(c.x) + 0.5),
    y: Float32Array.from(cells, (c) => Math.floor(c.y) + 0.5),
    pixel: Int32Array.from(cells, (c) => Math.floor(c.y) * width + Math.floor(c.x)),
  };
}

export function buildProblem(input: MeasuredInput, masks: readonly MotionMask[]): { problem: Problem; grid: Grid } {
  const { width, height, frameCount } = input;
  const grid = makeGrid(width, height, Math.max(3, Math.round(Math.max(width, height) / CELLS_ACROSS)));
  const G = grid.x.length;
  const prior = new Float32Array(frameCount * G);
  const link = new Float32Array(frameCount * G * 2);
  for (let t = 0; t < frameCount; t++) {
    prior.set(fusePrior(input.pairs, t, grid.x, grid.y, width, height), t * G);
    link.set(linkCells(grid, lumaOf(input.rgba[t]!), masks[t]!.ever), t * G * 2);
  }
  const edges = input.flows.filter((f) => meanOf(f.consistent) >= MIN_CONSISTENT_SHARE).map((f) => sampleEdge(f, grid, masks[f.from]!.ever, input.leastSigma[f.from]!));
  return {
    grid,
    problem: {
      frameCount, gridWidth: grid.width, gridHeight: grid.height, cellX: grid.x, cellY: grid.y, cx: width / 2, cy: height / 2,
      edges, prior, link, focalGuessPx: input.focalPx ?? usualFocal(Math.max(width, height)), holdFocal: input.focalPx !== null,
      weights: DEFAULT_WEIGHTS,
    },
  };
}

/** @param leastSigma of the frame that the flow comes from */
export function sampleEdge(flow: FlowField, grid: Grid, moving: Uint8Array, leastSigma: Float32Array): EdgeData {
  const G = grid.x.length;
  const target = new Float32Array(G * 2);
  const weight = new Float32Array(G);
  for (let g = 0; g < G; g++) {
    const p = grid.pixel[g]!;
    target[2 * g] = grid.x[g]! + flow.uv[2 * p]!;
    target[2 * g + 1] = grid.y[g]! + flow.uv[2 * p + 1]!;
    if (flow.consistent[p] && !nearMask(moving, p, flow.width)) weight[g] = 1 / (flow.sigma[p]! ** 2 + leastSigma[p]! ** 2 + SIGMA_FLOOR_PX ** 2);
  }
  return { from: flow.from, to: flow.to, target, weight };
}

/** Flow bleeds over the border of a moving thing, so its surroundings are left out too. */
function nearMask(mask: Uint8Array, p: number, width: number): boolean {
  const r = 2;
  return !!(mask[p] || mask[p - r] || mask[p + r] || mask[p - r * width] || mask[p + r * width]);
}

/** Weight of the ties to the right and lower neighbours: weak across image edges and mask borders. */
export function linkCells(grid: Grid, luma: Float32Array, moving: Uint8Array): Float32Array {
  const G = grid.x.length;
  const out = new Float32Array(G * 2);
  const tie = (g: number, h: number) => {
    const a = grid.pixel[g]!;
    const b = grid.pixel[h]!;
    const border = moving[a] !== moving[b] ? WEAKEST_LINK : 1;
    return border * (WEAKEST_LINK + Math.exp(-(((luma[a]! - luma[b]!) / LUMA_SCALE) ** 2)));
  };
  for (let g = 0; g < G; g++) {
    if ((g + 1) % grid.width !== 0) out[2 * g] = tie(g, g + 1);
    if (g + grid.width < G) out[2 * g + 1] = tie(g, g + grid.width);
  }
  return out;
}

/** The same problem with so many times the weight on the prior. */
export const trustPrior = (problem: Problem, trust: number): Problem => ({ ...problem, weights: { ...problem.weights, prior: trust * problem.weights.prior } });

/** The problem of some frames alone, renumbered in the given order. */
export function restrict(problem: Problem, frames: readonly number[]): Problem {
  const place = new Map(frames.map((t, i) => [t, i]));
  const G = problem.gridWidth * problem.gridHeight;
  return {
    ...problem, frameCount: frames.length,
    edges: problem.edges.filter((e) => place.has(e.from) && place.has(e.to)).map((e) => ({ ...e, from: place.get(e.from)!, to: place.get(e.to)! })),
    prior: gather(problem.prior, frames, G), link: gather(problem.link, frames, 2 * G),
  };
}

export function restrictState(state: State, frames: readonly number[], G: number): State {
  return {
    rotation: gather(state.rotation, frames, 9), centre: gather(state.centre, frames, 3), logDepth: gather(state.logDepth, frames, G),
    priorScale: gather(state.priorScale, frames, 1), logFocal: state.logFocal,
  };
}

/** Writes the frames of a restricted state back into the whole one. */
export function writeBack(whole: State, part: State, frames: readonly number[], G: number): void {
  frames.forEach((t, i) => {
    whole.rotation.set(part.rotation.subarray(9 * i, 9 * i + 9), 9 * t);
    whole.centre.set(part.centre.subarray(3 * i, 3 * i + 3), 3 * t);
    whole.logDepth.set(part.logDepth.subarray(G * i, G * i + G), G * t);
    whole.priorScale[t] = part.priorScale[i]!;
  });
}

function gather<A extends Float32Array | Float64Array>(from: A, frames: readonly number[], size: number): A {
  const out = new (from.constructor as new (n: number) => A)(frames.length * size);
  frames.forEach((t, i) => out.set(from.subarray(t * size, (t + 1) * size), i * size));
  return out;
}

function meanOf(a: Uint8Array): number {
  let sum = 0;
  for (const x of a) sum += x;
  return sum / a.length;
}
