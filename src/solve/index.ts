// From correspondences and a weak prior to cameras, depth, masks and 3D trajectories (method.md 5–11).

import { apertureSigma } from '../geometry/aperture.ts';
import { lumaOf } from '../geometry/mask-shape.ts';
import { median, quantile } from '../maths/robust.ts';
import type { Camera } from '../scene/camera.ts';
import { FoursightError } from '../scene/errors.ts';
import type { MotionMask } from '../scene/fields.ts';
import { drain } from '../scene/job.ts';
import type { FrameTrust } from '../scene/scene.ts';
import { FIRM_CURVATURE, refineDepth, type FineDepth } from './dense/refine.ts';
import { placeMoving } from './dense/moving.ts';
import { sharpen } from './dense/sharpen.ts';
import { upsample } from './dense/upsample.ts';
import type { Engine } from './engine.ts';
import { buildProblem, trustPrior, type Grid } from './initialise/build-problem.ts';
import { judgeCamera, translationGain, type CameraJudgement, type CameraKind } from './initialise/camera-kind.ts';
import { chainRotations, initialiseMoving } from './initialise/incremental.ts';
import { clampFocal, fusePrior, PRIOR_ALONE, priorTrust } from './initialise/prior.ts';
import type { MeasuredInput, MotionJudge, SolveContext, SolveInput, SolveResult } from './input.ts';
import { egoFlowError, type Poses } from './masks/ego-residual.ts';
import { judgeMasks } from './masks/judge.ts';
import { startState, type Problem, type State } from './problem.ts';
import type { SolveSummary } from './summary.ts';
import { blendCorrections, liftTracks } from './trajectories/lift.ts';
import { summariseTrust } from './trust.ts';

export type { MotionJudge, SolveContext, SolveInput, SolveResult } from './input.ts';

/** Confidence of depth that only the prior vouches for, and of what perhaps moves, 0…255. */
const PRIOR_CONFIDENCE = 60;
const DOUBTFUL_CONFIDENCE = 12;

/** Trust in the prior at which half of its detail is taken. */
const DETAIL_TRUST = 10;

/** What a turning camera leaves unexplained has to shrink by this factor for translations, and depth by them, to be believed. */
const LEAST_GAIN = 3;

export async function solveScene(input: SolveInput, engine: Engine, judge: MotionJudge, ctx: SolveContext): Promise<SolveResult> {
  // What a network fills in on plain ground is a guess about depth and cameras, however sure it is.
  const measured = { ...input, leastSigma: input.rgba.map((picture) => apertureSigma(lumaOf(picture), input)) };
  const first = buildProblem(measured, input.masks);
  const judgement = judgeCamera(first.problem);
  let found = await findCameras(engine, first.problem, judgement, ctx);
  const believed = found.kind !== 'moving' || translationGain(first.problem, found.state) >= LEAST_GAIN;
  const least = believed ? 1 : PRIOR_ALONE;
  // What does not show in depth shows in the focal length even less; only turns may tell it.
  const trusting = (problem: Problem, trust: number): Problem => ({ ...trustPrior(problem, trust), ...(believed ? {} : { holdFocal: true, focalGuessPx: judgement.focalPx }) });
  if (!believed) {
    if (!first.problem.holdFocal && judgement.focalPx === first.problem.focalGuessPx) warnOfFocal(ctx);
    found = await findCameras(engine, trusting(first.problem, least), judgement, ctx);
  }
  const { kind, state: coarse } = found;
  const parallaxTells = believed && kind === 'moving';
  const priors = priorsAtFullSize(input);
  const filled = await densify(measured, priors, input.masks, coarse, first.grid, least, ctx, 0.5, 0.6);

  // With a first geometry the masks get better, and with better masks the geometry.
  const { masks, doubtful } = input.ownMasks
    ? { masks: [...input.ownMasks], doubtful: input.ownMasks }
    : await judgeMasks(input, judge, filled.full, priors, filled.fine.spread, posesOf(coarse), ctx.signal, (share, note) => ctx.progress(0.6 + 0.05 * share, note));
  const second = buildProblem(measured, doubtful);
  const settled = await minimise(engine, trusting(second.problem, priorTrust(filled.fine.spread, least)), coarse, kind, ctx, 0.65, 0.77);
  const { full, fine } = await densify(measured, priors, doubtful, settled.state, second.grid, least, ctx, 0.77, 0.88);

  if (parallaxTells) await drain(sharpen(measured, doubtful, settled.state, full), ctx.signal, (share) => ctx.progress(0.88 + 0.02 * share, 'depth of fine things'));
  placeMoving(full, priors, masks, doubtful, input.flows, parallaxTells, input);
  const state = settled.state;
  const scale = normaliseScale(full, state);
  const cameras = toCameras(input, state, scale);
  const depth = full.map((log) => log.map((l) => Math.exp(l) * scale));
  blendCorrections(depth, liftTracks(input.tracks, cameras, depth, masks, input.width, input.height), masks, input.width, input.height);
  const { tracks } = liftTracks(input.tracks, cameras, depth, masks, input.width, input.height);
  ctx.progress(0.95, 'judging the result');

  const perFrame = depth.map((_, t) => judgeFrame(input, masks, full, fine, state, parallaxTells, t));
  return {
    cameras, depth: concat(depth), confidence: concatBytes(depth.map((_, t) => confidenceOf(input, masks[t]!, doubtful[t]!, fine, parallaxTells, t))),
    masks, tracks, trust: summariseTrust(kind, parallaxTells, perFrame), summary: settled.summary,
  };
}

/** Cameras and coarse depth from nothing; kind is what the camera was taken for in the end. */
async function findCameras(engine: Engine, problem: Problem, judgement: CameraJudgement, ctx: SolveContext): Promise<{ state: State; kind: CameraKind }> {
  const start = await initialise(problem, judgement, ctx);
  const { state } = await minimise(engine, problem, start.state, start.kind, ctx, 0.25, 0.5);
  return { state, kind: start.kind };
}

/** Poses to start from; a camera without parallax anywhere is taken for a turning one. */
async function initialise(problem: Problem, { kind, focalPx }: CameraJudgement, ctx: SolveContext): Promise<{ state: State; kind: CameraKind }> {
  ctx.progress(0, 'finding the camera');
  if (kind === 'still') return { state: startState(problem), kind };
  if (kind === 'moving') {
    const state = await drain(initialiseMoving(problem, ctx.rng), ctx.signal, (share) => ctx.progress(0.25 * share, 'adding frames'));
    if (state) return { state, kind };
    ctx.warn({ code: 'solve/no-parallax', message: 'No two frames show enough parallax to start from; the camera was taken to turn on the spot.' });
  }
  return { state: chainRotations({ ...problem, focalGuessPx: focalPx }), kind: 'rotating' };
}

async function minimise(engine: Engine, problem: Problem, start: State, kind: CameraKind, ctx: SolveContext, from: number, to: number): Promise<{ state: State; summary: SolveSummary }> {
  // Without parallax depth is not observable: the initial poses stand and depth follows the prior.
  const held = kind !== 'moving';
  const report = (f: number, note: string, objective: number) => ctx.progress(from + (to - from) * f, `${engine.name}: ${note}`, objective);
  if (held) {
    const { state, summary } = await engine.minimise({ ...problem, edges: [], holdFocal: true }, start, report, ctx.signal);
    return { state: { ...state, rotation: start.rotation, centre: start.centre }, summary };
  }
  const result = await engine.minimise(problem, start, report, ctx.signal);
  const longer = 2 * Math.max(problem.cx, problem.cy);
  if (!result.state.rotation.every(Number.isFinite) || !result.state.logDepth.every(Number.isFinite)) {
    throw new FoursightError('solve/diverged', 'The cameras could not be found: the solution ran away. Try a shorter part of the clip or fewer frames.');
  }
  const focal = Math.exp(result.state.logFocal);
  if (problem.holdFocal || clampFocal(focal, longer) === focal) return result;
  warnOfFocal(ctx);
  return engine.minimise({ ...problem, holdFocal: true }, { ...start, logFocal: Math.log(problem.focalGuessPx) }, report, ctx.signal);
}

const warnOfFocal = (ctx: SolveContext): void => ctx.warn({ code: 'solve/focal', message: 'The focal length could not be told from the clip; a usual one was assumed.' });

/** @param priors log depth of every pixel, f32 [H·W] per frame */
async function densify(input: MeasuredInput, priors: readonly Float32Array[], masks: readonly MotionMask[], state: State, grid: Grid, least: number, ctx: SolveContext, from: number, to: number): Promise<{ fine: FineDepth; full: Float32Array[] }> {
  const fine = await drain(refineDepth(input, masks, state, grid, least), ctx.signal, (share) => ctx.progress(from + (to - from) * share, 'depth'));
  const trust = priorTrust(fine.spread);
  const detail = trust / (trust + DETAIL_TRUST);
  const full = fine.logDepth.map((map, t) => {
    const prior = priors[t]!;
    // What is thinner than a cell of the grid only the prior can tell, as far as it is right elsewhere: so much of it is left out on the way up.
    const rest = map.map((l, g) => l - detail * prior[fine.grid.pixel[g]!]!);
    return upsample(rest, fine.grid, lumaOf(input.rgba[t]!), input.width, input.height).map((l, i) => l + detail * prior[i]!);
  });
  return { fine, full };
}

function priorsAtFullSize({ pairs, width, height, frameCount }: SolveInput): Float32Array[] {
  const x = Float32Array.from({ length: width * height }, (_, i) => (i % width) + 0.5);
  const y = Float32Array.from({ length: width * height }, (_, i) => Math.floor(i / width) + 0.5);
  return Array.from({ length: frameCount }, (_, t) => fusePrior(pairs, t, x, y, width, height));
}

const posesOf = ({ rotation, centre, logFocal }: State): Poses => ({ rotation, centre, focal: Math.exp(logFocal) });

/** Scene units: the median depth of the clip is 1. */
function normaliseScale(full: readonly Float32Array[], state: State): number {
  const scale = 1 / Math.exp(median(full.map((map) => median(map.filter((_, i) => i % 11 === 0)))));
  return Number.isFinite(scale) && state.centre.every((c) => Number.isFinite(c * scale)) ? scale : 1;
}

function toCameras({ width, height, frameCount }: SolveInput, state: State, scale: number): Camera[] {
  const focal = Math.exp(state.logFocal);
  return Array.from({ length: frameCount }, (_, frame) => {
    const m = new Float64Array(16);
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) m[4 * r + c] = state.rotation[9 * frame + 3 * r + c]!;
      m[4 * r + 3] = state.centre[3 * frame + r]! * scale;
    }
    m[15] = 1;
    return { frame, camToWorld: m, fx: focal, fy: focal, cx: width / 2, cy: height / 2 };
  });
}

/** Parallax makes depth firm; moving things and the prior's word do not; a depth edge is doubtful. */
function confidenceOf({ width, height }: SolveInput, mask: MotionMask, doubtful: MotionMask, { grid, logDepth, curvature }: FineDepth, parallaxTells: boolean, t: number): Uint8Array {
  const cells = Float32Array.from(curvature[t]!, (h, g) => {
    const firm = parallaxTells ? h / (h + FIRM_CURVATURE) : 0;
    const right = (g + 1) % grid.width === 0 ? g : g + 1;
    const down = g + grid.width < logDepth[t]!.length ? g + grid.width : g;
    const jump = Math.max(Math.abs(logDepth[t]![g]! - logDepth[t]![right]!), Math.abs(logDepth[t]![g]! - logDepth[t]![down]!));
    return (PRIOR_CONFIDENCE + (255 - PRIOR_CONFIDENCE) * firm) / (1 + (jump / 0.1) ** 2);
  });
  return Uint8Array.from({ length: width * height }, (_, i) => {
    if (mask.ever[i]) return 128;
    // Perhaps it moves: then its depth as something that stands still is wrong, and what is wrong must not speak for other frames.
    if (doubtful.ever[i]) return DOUBTFUL_CONFIDENCE;
    const gx = Math.min(grid.width - 1, Math.floor(((i % width) * grid.width) / width));
    const gy = Math.min(grid.height - 1, Math.floor((Math.floor(i / width) * grid.height) / height));
    return Math.max(1, Math.round(cells[gy * grid.width + gx]!));
  });
}

function judgeFrame(input: SolveInput, masks: readonly MotionMask[], full: readonly Float32Array[], { curvature }: FineDepth, state: State, parallaxTells: boolean, t: number): FrameTrust {
  const errorPx = egoFlowError(input, full[t]!, posesOf(state), t);
  const mask = masks[t]!.ever;
  const still = errorPx.filter((_, i) => !mask[i]);
  let moving = 0;
  for (const m of mask) moving += m;
  let widest = 0;
  for (let s = 0; s < input.frameCount; s++) {
    widest = Math.max(widest, Math.hypot(...[0, 1, 2].map((k) => state.centre[3 * s + k]! - state.centre[3 * t + k]!)));
  }
  const far = Math.exp(quantile(full[t]!.filter((_, i) => i % 13 === 0), 0.5));
  return {
    staticErrorPx: still.length > 0 ? median(still) : 0,
    parallaxDeg: parallaxTells ? (Math.atan2(widest, far) * 180) / Math.PI : 0,
    flowAgreement: still.length > 0 ? still.filter((e) => e < 1.5).length / still.length : 0,
    movingShare: moving / mask.length,
    parallaxShare: parallaxTells ? curvature[t]!.filter((h) => h > FIRM_CURVATURE / 4).length / curvature[t]!.length : 0,
  };
}

function concat(maps: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(maps.reduce((n, m) => n + m.length, 0));
  maps.forEach((m, t) => out.set(m, t * m.length));
  return out;
}

function concatBytes(maps: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(maps.reduce((n, m) => n + m.length, 0));
  maps.forEach((m, t) => out.set(m, t * m.length));
  return out;
}
