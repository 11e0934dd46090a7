// First poses and depths: a two-view start on the pair with the most parallax, then frame after frame,
// each found from its solved neighbours and settled with the last few in a small bundle adjustment (as DROID-SLAM's front end).

import { secondCamToFirst, toRays, triangulateDepths } from '../../geometry/relative-pose.ts';
import { estimateTwoViewPose, type TwoViewPose } from '../../geometry/two-view.ts';
import { median } from '../../maths/robust.ts';
import { multiply3, transposeMultiply3 } from '../../maths/so3.ts';
import type { Rng } from '../../scene/rng.ts';
import { descend } from '../engines/gauss-newton/index.ts';
import { startState, type EdgeData, type Problem, type State } from '../problem.ts';
import { restrict, restrictState, writeBack } from './build-problem.ts';
import { fitRotation } from './camera-kind.ts';

/** px; the least noise a match is granted when epipolar geometry and homography are compared. Larger noise is measured; a larger guess would take real parallax for noise. */
const LEAST_NOISE_PX = 0.15;
const MIN_IN_FRONT_SHARE = 0.75;
const MIN_PARALLAX_RAD = 0.006;
/** Parallax beyond which more of it makes flow worse rather than depth better, rad. */
const GOOD_PARALLAX_RAD = 0.06;
/** A pair that a plane explains has two poses to choose from; it starts the clip only where no other pair can. */
const PLANE_TRUST = 0.1;
/** Cells that a pair must share with its partner to be a start. */
const MIN_CELLS = 40;
/** Pairs from so many frames, or every second one, are enough of a choice. */
const FRAMES_TO_CHOOSE_FROM = 24;
/** px; a pose on its way must feel what it does not yet explain. */
const START_CAUCHY_PX = 1;
/** Frames settled together after each new one; the oldest of them hold the scale. */
const WINDOW = 6;
const HELD_IN_WINDOW = 2;

interface StartPair { readonly edge: EdgeData; readonly found: TwoViewPose; readonly cells: number[] }

/** Poses of a camera that only turns: rotations chained from neighbour to neighbour, all at the origin. */
export function chainRotations(problem: Problem): State {
  const state = startState(problem);
  for (let t = 1; t < problem.frameCount; t++) {
    const edge = problem.edges.find((e) => e.from === t - 1 && e.to === t) ?? problem.edges.find((e) => e.to === t && e.from < t);
    const before = edge ? edge.from : t - 1;
    const r = state.rotation.subarray(9 * before, 9 * before + 9);
    // A takes camera `before` to camera t, so R_t = R_before Aᵀ.
    const a = edge ? fitRotation(problem, edge, problem.focalGuessPx).rotation : null;
    state.rotation.set(a ? multiply3(r, transposeMultiply3(a, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1))) : r, 9 * t);
  }
  return state;
}

/** Null when no pair of frames shows enough parallax for a start. */
export function* initialiseMoving(strict: Problem, rng: Rng): Generator<number, State | null> {
  const problem = { ...strict, weights: { ...strict.weights, cauchyPx: START_CAUCHY_PX } };
  const start = chooseStartPair(problem, rng);
  if (!start) return null;
  const state = startState(problem);
  const G = problem.gridWidth * problem.gridHeight;
  const { from, to } = start.edge;
  placeFirstPair(problem, state, start);
  settle(problem, state, [from, to].sort((a, b) => a - b), (t) => t === to, () => true, 10);

  const solved = [from, to].sort((a, b) => a - b);
  const isSolved = (t: number) => solved.includes(t);
  const joined = (t: number) => problem.edges.some((e) => e.from === t && isSolved(e.to)) || problem.edges.some((e) => e.to === t && isSolved(e.from));
  while (solved.length < problem.frameCount) {
    const waiting = Array.from({ length: problem.frameCount }, (_, t) => t).filter((t) => !isSolved(t));
    const distance = (t: number) => Math.min(...solved.map((s) => Math.abs(s - t)));
    // A frame without usable flow still gets a pose: its neighbour's.
    const next = [...waiting].sort((a, b) => Number(joined(b)) - Number(joined(a)) || distance(a) - distance(b))[0]!;
    guessFrame(state, next, solved, G);
    solved.push(next);
    solved.sort((a, b) => a - b);
    const near = [...solved].sort((a, b) => Math.abs(a - next) - Math.abs(b - next));
    settle(problem, state, near.slice(0, WINDOW).sort((a, b) => a - b), (t) => t === next, (t) => t === next, 8);
    const window = near.slice(0, WINDOW);
    const held = window.slice(-HELD_IN_WINDOW);
    settle(problem, state, window.sort((a, b) => a - b), (t) => !held.includes(t), () => true, 3);
    yield solved.length / problem.frameCount;
  }
  return toFirstFrame(state);
}

function settle(problem: Problem, state: State, frames: number[], movesPose: (t: number) => boolean, movesDepth: (t: number) => boolean, iterations: number): void {
  const part = restrict(problem, frames);
  const scope = { movesPose: (i: number) => movesPose(frames[i]!), movesDepth: (i: number) => movesDepth(frames[i]!), movesFocal: false };
  const G = problem.gridWidth * problem.gridHeight;
  const steps = descend(part, restrictState(state, frames, G), { iterations, scope, tolerance: 1e-3 });
  for (;;) {
    const { value, done } = steps.next();
    if (!done) continue;
    writeBack(state, value.state, frames, G);
    return;
  }
}

/** The pair whose static matches agree best on a pose with parallax. */
function chooseStartPair(problem: Problem, rng: Rng): StartPair | null {
  let best: StartPair | null = null;
  let bestScore = 0;
  const k = { fx: problem.focalGuessPx, fy: problem.focalGuessPx, cx: problem.cx, cy: problem.cy };
  const every = Math.max(2, Math.ceil(problem.frameCount / FRAMES_TO_CHOOSE_FROM));
  for (const edge of problem.edges.filter((e) => e.to > e.from && e.from % every === 0)) {
    const cells: number[] = [];
    for (let g = 0; g < edge.weight.length; g += 2) if (edge.weight[g]! > 0) cells.push(g);
    if (cells.length < MIN_CELLS) continue;
    const matches = Float64Array.from(cells.flatMap((g) => [problem.cellX[g]!, problem.cellY[g]!, edge.target[2 * g]!, edge.target[2 * g + 1]!]));
    const found = estimateTwoViewPose(matches, k, k, LEAST_NOISE_PX, rng);
    if (!found || found.inFrontShare < MIN_IN_FRONT_SHARE || found.parallaxRad < MIN_PARALLAX_RAD) continue;
    const trust = found.kind === 'epipolar' ? 1 : PLANE_TRUST;
    const score = trust * found.inFrontShare ** 2 * Math.min(1, found.parallaxRad / GOOD_PARALLAX_RAD) * (found.inliers.reduce((a, b) => a + b, 0) / edge.weight.length);
    if (score > bestScore) {
      bestScore = score;
      best = { edge, found, cells };
    }
  }
  return best;
}

function placeFirstPair(problem: Problem, state: State, { edge, found, cells }: StartPair): void {
  const { from, to } = edge;
  const pose = secondCamToFirst(found.pose);
  const G = problem.gridWidth * problem.gridHeight;
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) state.rotation[9 * to + 3 * r + c] = pose[4 * r + c]!;
    state.centre[3 * to + r] = pose[4 * r + 3]!;
  }
  const k = { fx: problem.focalGuessPx, fy: problem.focalGuessPx, cx: problem.cx, cy: problem.cy };
  const matches = Float64Array.from(cells.flatMap((g) => [problem.cellX[g]!, problem.cellY[g]!, edge.target[2 * g]!, edge.target[2 * g + 1]!]));
  const rays = toRays(matches, k, k);
  const depths = new Float64Array(2);
  const logs: number[] = [];
  const known = new Map<number, number>();
  cells.forEach((g, i) => {
    if (!found.inliers[i]) return;
    const angle = triangulateDepths(found.pose, rays, i * 4, depths);
    if (depths[0]! <= 0 || depths[1]! <= 0 || Math.abs(angle) < 0.002) return;
    logs.push(Math.log(depths[0]!));
    known.set(g, Math.log(depths[0]!));
  });
  const middle = median(logs);
  // Unknown cells follow the prior's shape at the middle depth; the other view starts there altogether.
  for (const t of [from, to]) for (let g = 0; g < G; g++) state.logDepth[t * G + g] = problem.prior[t * G + g]! + middle;
  for (const [g, log] of known) state.logDepth[from * G + g] = Math.max(middle - 2, Math.min(middle + 3, log));
  state.priorScale[from] = state.priorScale[to] = middle;
}

/** A new frame starts where its two solved neighbours lead, with its neighbour's depth. */
function guessFrame(state: State, next: number, solved: readonly number[], G: number): void {
  const [a, b] = [...solved].sort((x, y) => Math.abs(x - next) - Math.abs(y - next)) as [number, number];
  state.rotation.set(state.rotation.subarray(9 * a, 9 * a + 9), 9 * next);
  for (let k = 0; k < 3; k++) {
    const slope = (state.centre[3 * b + k]! - state.centre[3 * a + k]!) / (b - a);
    state.centre[3 * next + k] = state.centre[3 * a + k]! + slope * (next - a);
  }
  state.logDepth.set(state.logDepth.subarray(G * a, G * a + G), G * next);
  state.priorScale[next] = state.priorScale[a]!;
}

/** Moves the world so that frame 0 is the identity. */
export function toFirstFrame(state: State): State {
  const r0 = state.rotation.slice(0, 9);
  const c0 = state.centre.slice(0, 3);
  for (let t = 0; t < state.priorScale.length; t++) {
    state.rotation.set(transposeMultiply3(r0, state.rotation.subarray(9 * t, 9 * t + 9)), 9 * t);
    const d = [0, 1, 2].map((k) => state.centre[3 * t + k]! - c0[k]!);
    for (let k = 0; k < 3; k++) state.centre[3 * t + k] = r0[k]! * d[0]! + r0[3 + k]! * d[1]! + r0[6 + k]! * d[2]!;
  }
  // Exactly: R₀ᵀR₀ is the identity only up to rounding.
  state.rotation.set([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  state.centre.fill(0, 0, 3);
  return state;
}
