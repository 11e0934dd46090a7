// The second round of masks (method.md 9): with poses and depth known, what the ego-flow does not explain moves.
// It needs no fundamental matrix and sees motion along the epipolar lines.

import { guidedFilter, hysteresis, lumaOf, removeSpecks } from '../geometry/mask-shape.ts';
import { median, quantile } from '../maths/robust.ts';
import type { MotionMask } from '../scene/fields.ts';
import type { SolveInput } from './input.ts';
import { cameraMovement, relativePose } from './terms/camera-movement.ts';

/** In units of the flow's own noise. */
const SURELY_MOVING = 4;
const PERHAPS_MOVING = 2;
const NOISE_FLOOR_PX = 0.5;
const MIN_AREA_SHARE = 0.001;
const TIME_PASSES = 3;
/** How far a static point may stand behind or before what prior and surroundings lead one to expect, in log depth. */
const FARTHEST_BEHIND = 0.22;
const FARTHEST_BEFORE = 0.45;
/** Samples across the longer side, and radius of the surroundings in samples. */
const SAMPLES_ACROSS = 64;
const SURROUNDINGS = 9;

/**
 * A thing that moves along its epipolar lines passes for a static one at a wrong depth: through the wall, or hovering.
 * Depth is held within reach of what the prior, shifted to the surroundings' median, expects; what then remains of the residual is motion.
 * @returns f32 [H·W] log depth
 */
function plausibleDepth(logDepth: Float32Array, prior: Float32Array, { width, height }: { width: number; height: number }): Float32Array {
  const step = Math.max(1, Math.round(Math.max(width, height) / SAMPLES_ACROSS));
  const w = Math.ceil(width / step);
  const h = Math.ceil(height / step);
  const offset = Float32Array.from({ length: w * h }, (_, k) => {
    const i = Math.min(height - 1, Math.floor(k / w) * step + (step >> 1)) * width + Math.min(width - 1, (k % w) * step + (step >> 1));
    return logDepth[i]! - prior[i]!;
  });
  const around = Float32Array.from(offset, (_, k) => {
    const near: number[] = [];
    const x = k % w;
    const y = Math.floor(k / w);
    for (let v = Math.max(0, y - SURROUNDINGS); v <= Math.min(h - 1, y + SURROUNDINGS); v += 2) {
      for (let u = Math.max(0, x - SURROUNDINGS); u <= Math.min(w - 1, x + SURROUNDINGS); u += 2) near.push(offset[v * w + u]!);
    }
    return median(near);
  });
  return logDepth.map((log, i) => {
    const expected = prior[i]! + around[Math.floor(Math.floor(i / width) / step) * w + Math.floor((i % width) / step)]!;
    return expected + Math.max(-FARTHEST_BEFORE, Math.min(FARTHEST_BEHIND, log - expected));
  });
}

/** Largest residual against the ego-flow over the near pairs of each frame, in units of the noise; 0 where the flow is not to be trusted. */
export function egoFlowResidual(input: SolveInput, logDepth: readonly Float32Array[], rotation: Float64Array, centre: Float64Array, focal: number, t: number): { score: Float32Array; errorPx: Float32Array } {
  const { width, height, flows } = input;
  const score = new Float32Array(width * height);
  const errorPx = new Float32Array(width * height);
  const a = new Float64Array(9);
  const b = new Float64Array(3);
  const r = new Float64Array(2);
  for (const flow of flows) {
    if (flow.from !== t || Math.abs(flow.to - t) > 4) continue;
    relativePose(rotation, centre, flow.from, flow.to, a, b);
    const errors = new Float32Array(width * height);
    for (let i = 0; i < errors.length; i++) {
      if (!flow.consistent[i]) continue;
      const x = (i % width) + 0.5 - width / 2;
      const y = Math.floor(i / width) + 0.5 - height / 2;
      if (cameraMovement(a, b, focal, logDepth[t]![i]!, x, y, x + flow.uv[2 * i]!, y + flow.uv[2 * i + 1]!, r, null)) errors[i] = Math.hypot(r[0]!, r[1]!);
    }
    // The static majority tells what this pair's flow and poses are worth.
    const noise = Math.max(NOISE_FLOOR_PX, 1.5 * quantile(errors.filter((_, i) => flow.consistent[i] && !input.masks[t]!.ever[i]), 0.6));
    for (let i = 0; i < errors.length; i++) {
      const s = errors[i]! / Math.hypot(noise, flow.sigma[i]!);
      if (s > score[i]!) score[i] = s;
      if (errors[i]! > errorPx[i]!) errorPx[i] = errors[i]!;
    }
  }
  return { score, errorPx };
}

/** Mean of the two largest of a pixel's score and those that the flow leads to in the next and the previous frame: one frame's slip is halved, what two agree on spreads to the third. */
function agreeOverTime(scores: readonly Float32Array[], { flows, width, height }: SolveInput): Float32Array[] {
  return scores.map((own, t) => {
    const first = own.slice();
    const second = new Float32Array(own.length);
    for (const { from, to, uv, consistent } of flows) {
      if (from !== t || Math.abs(to - t) !== 1) continue;
      for (let i = 0; i < own.length; i++) {
        if (!consistent[i]) continue;
        const x = Math.floor((i % width) + 0.5 + uv[2 * i]!);
        const y = Math.floor(Math.floor(i / width) + 0.5 + uv[2 * i + 1]!);
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        const s = scores[to]![y * width + x]!;
        if (s > first[i]!) {
          second[i] = first[i]!;
          first[i] = s;
        } else if (s > second[i]!) second[i] = s;
      }
    }
    return first.map((s, i) => (s + second[i]!) / 2);
  });
}

/** Masks from residual and first round together: the first round's regions stay where the residual at all supports them, clear residuals join. */
export function refineMasks(input: SolveInput, logDepth: readonly Float32Array[], priors: readonly Float32Array[], rotation: Float64Array, centre: Float64Array, focal: number): MotionMask[] {
  const size = { width: input.width, height: input.height };
  const minArea = MIN_AREA_SHARE * size.width * size.height;
  const plausible = logDepth.map((log, t) => plausibleDepth(log, priors[t]!, size));
  const residuals = plausible.map((_, t) => egoFlowResidual(input, plausible, rotation, centre, focal, t));
  let scores = residuals.map((r) => r.score);
  for (let pass = 0; pass < TIME_PASSES; pass++) scores = agreeOverTime(scores, input);
  return input.masks.map((first, t) => {
    const score = scores[t]!;
    const { errorPx } = residuals[t]!;
    const raised = score.map((s, i) => (first.ever[i] ? Math.max(s, PERHAPS_MOVING * 1.01) : s));
    const raw = hysteresis(raised, PERHAPS_MOVING, SURELY_MOVING, size);
    const shaped = guidedFilter(Float32Array.from(raw), lumaOf(input.rgba[t]!), 4, 1e-3, size);
    const ever = removeSpecks(Uint8Array.from(shaped, (v) => (v > 0.5 ? 1 : 0)), minArea, size);
    const now = Uint8Array.from(ever, (e, i) => (e && (first.now[i] || score[i]! > PERHAPS_MOVING) ? 1 : 0));
    return { frame: t, ever, now, errorPx, thresholdPx: PERHAPS_MOVING * NOISE_FLOOR_PX, model: 'ego-flow' };
  });
}
