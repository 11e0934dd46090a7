// What moves in the world: C4D 3.2 on our own flow and tracks, every degenerate camera recognised (method.md 4).

import { flowsByPair, type FlowTo } from '../geometry/follow.ts';
import type { FlowField, MotionMask, MotionModel } from '../scene/fields.ts';
import { throwIfCancelled, type CancelSignal, type JobWarning } from '../scene/job.ts';
import type { Rng } from '../scene/rng.ts';
import { moves, type TrackSet } from '../scene/tracks.ts';
import { consistentShare, findCuts, MIN_CONSISTENT_SHARE } from './cuts.ts';
import { agreeOverTime, fuseNeighbours, likelyScore, shapeMask } from './mask.ts';
import { chooseModel, reverseModel, type PairModel } from './model-choice.ts';
import { denseResidual, type Residual } from './residual.ts';
import { gatherMatches, MIN_STATIC_TRACKS } from './static-tracks.ts';

export { findCuts } from './cuts.ts';

export interface MotionInput {
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly flows: readonly FlowField[];
  readonly tracks: TrackSet;
  /** u8 [H·W·4] per frame. */
  readonly rgba: readonly (Uint8Array | Uint8ClampedArray)[];
}

export interface MotionContext {
  readonly rng: Rng;
  readonly signal: CancelSignal;
  progress(fraction: number, note: string): void;
  warn(warning: JobWarning): void;
}

/** Masks of what moves, one per frame. */
export function estimateMotion(input: MotionInput, ctx: MotionContext): MotionMask[] {
  const { width, height, frameCount, flows, rgba } = input;
  const size = { width, height };
  const flowTo = flowsByPair(flows);
  warnOfCuts(flows, frameCount, ctx);
  const models = fitPairs(input, flowTo, ctx);
  ctx.progress(0.5, 'comparing flow with the camera');

  const scores: Float32Array[] = [];
  const nowScores: Float32Array[] = [];
  const errors: Float32Array[] = [];
  for (let t = 0; t < frameCount; t++) {
    throwIfCancelled(ctx.signal);
    const seen = flows.flatMap((flow) => {
      const model = flow.from === t ? models.get(`${t}-${flow.to}`) : undefined;
      return model ? [{ flow, residual: denseResidual(flow, model) }] : [];
    });
    scores.push(fuseNeighbours(seen.map((s) => s.residual), width * height));
    nowScores.push(fuseNeighbours(seen.filter((s) => Math.abs(s.flow.to - t) <= 2).map((s) => s.residual), width * height));
    errors.push(worstError(seen.map((s) => s.residual), width * height));
    ctx.progress(0.5 + (0.3 * (t + 1)) / frameCount, `frame ${t + 1} of ${frameCount}`);
  }
  const agreed = agreeOverTime(scores, flowTo);
  return agreed.map((score, t) => {
    const likely = likelyScore(score);
    const ever = shapeMask(score, likely, rgba[t]!, size);
    const now = Uint8Array.from(ever, (e, i) => (e && nowScores[t]![i]! > likely / 2 ? 1 : 0));
    const own = [...models].filter(([key]) => key.startsWith(`${t}-`)).map(([, m]) => m);
    ctx.progress(0.8 + (0.2 * (t + 1)) / frameCount, `mask ${t + 1} of ${frameCount}`);
    return { frame: t, ever, now, errorPx: errors[t]!, model: mostCommon(own) };
  });
}

/** One model per pair of frames, for both directions; pairs whose flow fails are left out. */
function fitPairs({ width, height, flows, tracks }: MotionInput, flowTo: FlowTo, ctx: MotionContext): Map<string, PairModel> {
  const size = { width, height };
  const models = new Map<string, PairModel>();
  const pairs = flows.filter((f) => f.from < f.to && flowTo(f.to, f.from));
  const isStatic = (n: number) => !moves(tracks.mobility[n]!);
  let ignored = 0;
  let few = 0;
  for (const [done, flow] of pairs.entries()) {
    throwIfCancelled(ctx.signal);
    ctx.progress((0.5 * done) / pairs.length, `pair ${done + 1} of ${pairs.length}`);
    if (consistentShare(flow) < MIN_CONSISTENT_SHARE) continue;
    const matches = gatherMatches(flow, tracks);
    if (matches.trackIds.filter(isStatic).length < MIN_STATIC_TRACKS) few++;
    const model = chooseModel(matches, isStatic, size, ctx.rng);
    if (!model) continue;
    if (model.ignoredTracks) ignored++;
    models.set(`${flow.from}-${flow.to}`, model);
    models.set(`${flow.to}-${flow.from}`, reverseModel(model, size));
  }
  if (few > pairs.length / 2) {
    ctx.warn({ code: 'motion/too-few-static-tracks', message: 'Too few tracks stand still to tell the camera by; the largest part of the picture that moves together was taken for the background.' });
  } else if (ignored > pairs.length / 2) {
    ctx.warn({ code: 'motion/tracks-disagree', message: 'The tracks that seemed to stand still did not fit the rest of the picture; the largest part that moves together was taken for the background.' });
  }
  if (models.size === 0) ctx.warn({ code: 'motion/flow-failed', message: 'The pictures could not be followed from frame to frame; nothing was marked as moving.' });
  return models;
}

function warnOfCuts(flows: readonly FlowField[], frameCount: number, ctx: MotionContext): void {
  const cuts = findCuts(flows, frameCount);
  if (cuts.length > 0) {
    ctx.warn({ code: 'motion/scene-cut', message: `The clip seems to change scene at frame ${cuts.map((c) => c + 1).join(', ')}; trim it to one shot for a good result.` });
  }
}

function worstError(residuals: readonly Residual[], pixels: number): Float32Array {
  const worst = new Float32Array(pixels);
  for (const { errorPx, z } of residuals) {
    for (let i = 0; i < pixels; i++) if (z[i]! >= 0 && errorPx[i]! > worst[i]!) worst[i] = errorPx[i]!;
  }
  return worst;
}

function mostCommon(models: readonly PairModel[]): MotionModel {
  const count = (kind: PairModel['kind']) => models.filter((m) => m.kind === kind).length;
  return (['still', 'homography', 'epipolar'] as const).reduce((best, kind) => (count(kind) > count(best) ? kind : best));
}
