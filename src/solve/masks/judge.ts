// The second round of masks (method.md 9): a network weighs what ego-flow, tracks, depth and the first round say of each pixel.

import { flowsByPair } from '../../geometry/follow.ts';
import { removeSpecks } from '../../geometry/mask-shape.ts';
import { meanField } from '../../geometry/mean-field.ts';
import type { MotionMask, MovingShare } from '../../scene/fields.ts';
import { throwIfCancelled, type CancelSignal } from '../../scene/job.ts';
import { USUAL_SPREAD } from '../initialise/prior.ts';
import type { MotionJudge, SolveInput } from '../input.ts';
import { ClueMaker } from './clues.ts';
import { egoFlowError, type Poses } from './ego-residual.ts';
import { agreeOnMovers } from './over-time.ts';

/** Log-odds, agreed on over the clip, from which a thing belongs to the masks. */
const MOVES = 0.75;
/** What moves just now more likely than not. */
const MOVES_NOW = 0.5;
/** What the static depth must not lean on: there a false alarm costs a little data, a missed mover bends the surface. */
const DOUBTFUL = 0.05;
const MIN_AREA_SHARE = 0.001;
/** Radius of the window in which what looks alike is taken for one thing, share of the longer side. */
const WINDOW_SHARE = 0.023;

/**
 * Masks from poses and depth. `doubtful` (in `ever`) is wider: what the solver must not take for static.
 * @param logDepth f32 [H·W] per frame; `priors` likewise.
 * @param spread what the prior is worth (`checkPrior`).
 */
export async function judgeMasks(input: SolveInput, judge: MotionJudge, logDepth: readonly Float32Array[], priors: readonly Float32Array[], spread: number, pose: Poses, signal: CancelSignal, report: (share: number, note: string) => void): Promise<{ masks: MotionMask[]; doubtful: MotionMask[] }> {
  const size = { width: input.width, height: input.height };
  const clues = new ClueMaker(input, logDepth, priors, Math.min(1, spread / USUAL_SPREAD), pose);
  const shares: MovingShare[] = [];
  for (let t = 0; t < input.frameCount; t++) {
    throwIfCancelled(signal);
    report(t / input.frameCount, `what moves, frame ${t + 1} of ${input.frameCount}`);
    shares.push(await judge(clues.make(t)));
  }
  const agreed = agreeOnMovers(shares.map((s) => s.ever), flowsByPair(input.flows));
  const masks = shares.map(({ now }, t): MotionMask => {
    throwIfCancelled(signal);
    const settled = meanField(agreed[t]!.map((l) => l - MOVES), input.rgba[t]!, Math.max(2, Math.round(WINDOW_SHARE * Math.max(size.width, size.height))), size);
    const ever = removeSpecks(Uint8Array.from(settled, (l) => (l > 0 ? 1 : 0)), MIN_AREA_SHARE * size.width * size.height, size);
    return { frame: t, ever, now: ever.map((m, i) => (m && now[i]! > MOVES_NOW ? 1 : 0)), errorPx: egoFlowError(input, logDepth[t]!, pose, t), model: 'ego-flow' };
  });
  const doubtful = shares.map(({ ever }, t) => ({ ...input.masks[t]!, ever: masks[t]!.ever.map((m, i) => (m || ever[i]! > DOUBTFUL ? 1 : 0)) }));
  return { masks, doubtful };
}
