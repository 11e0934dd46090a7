// The second round of masks (method.md 9): with poses and depth known, what the ego-flow does not explain moves.
// It needs no fundamental matrix and sees motion along the epipolar lines.

import { alignToPicture, hysteresis, type Size } from '../geometry/mask-shape.ts';
import { median, quantile } from '../maths/robust.ts';
import type { FlowField, MotionMask } from '../scene/fields.ts';
import { USUAL_SPREAD } from './initialise/prior.ts';
import type { SolveInput } from './input.ts';
import { mobilityMap } from './mobility.ts';
import { cameraMovement, relativePose } from './terms/camera-movement.ts';

/**
 * Evidence, in standard deviations, from which a pixel perhaps moves: so many times what all but the `TAIL` of the frame show, within bounds
 * (a clean flow lets small movers be found, a torn one may not invent them). At `SURE` times that it moves surely.
 */
const PERHAPS_MOVING = { ofTail: 1.6, min: 3, max: 7 };
const TAIL = 0.15;
const SURE = 2.8;
const MOST = 25;
/** For what the static depth must not lean on: there a false alarm costs a little data, a missed mover bends the surface. */
const DOUBTFUL = { perhaps: 4, surely: 8, priorShare: 0.6 };
/** Share of the lower threshold at which the first round's word is believed. */
const SUPPORT = 0.8;
/** Evidence that hangs on the prior's word about depth counts less. */
const PRIOR_SHARE = 0.45;
/**
 * What the tracker says (C4D's dual correspondence): the mobility that says nothing, log of the factor on the flow's evidence per unit of mobility,
 * and evidence of its own that a point which moves for sure adds: it finds what rests just now.
 */
const NEUTRAL_MOBILITY = 0.6;
const MOBILITY_GAIN = 2;
const MOBILITY_EVIDENCE = 1;
/** Pairs this far apart: beyond, flow on fast things fails more often than it holds. */
const EVIDENCE_REACH = 1;
const NOISE_FLOOR_PX = 0.2;
/** A vector that does not return may still tell, but is believed less. */
const INCONSISTENT_WEIGHT = 0.25;
/** Share of the picture that is static for sure; its residuals (Rayleigh) set the scale of a pair's noise. */
const CALIBRATION_SHARE = 0.7;
const LEAST_SIGMA_SCALE = 0.3;
const MIN_AREA_SHARE = 0.001;
/** How far an outline is moved onto the picture's edges, share of the longer side. */
const EDGE_RADIUS_SHARE = 1 / 64;
/** How far a static point may stand behind or before what prior and surroundings lead one to expect, in log depth. */
const FARTHEST_BEHIND = 0.22;
const FARTHEST_BEFORE = 0.45;
/** Nearer to the border than this a static point may leave the picture unseen. */
const BORDER_PX = 2;
/** How far an outline of the prior may lie beside that of the picture. */
const OUTLINE_PX = 2;
/** Samples across the longer side, and radius of the surroundings in samples. */
const SAMPLES_ACROSS = 64;
const SURROUNDINGS = 9;

/** Poses of all frames (camera to world) and focal length, px. */
export interface Poses { readonly rotation: Float64Array; readonly centre: Float64Array; readonly focal: number }

/**
 * A thing that moves along its epipolar lines passes for a static one at a wrong depth: through the wall, or hovering.
 * Depth is held within reach of what the prior, shifted to the surroundings' median, expects; what then remains of the residual is motion.
 * @param reach factor on how far: a good prior leaves little room.
 * @returns f32 [H·W] log depth
 */
function plausibleDepth(logDepth: Float32Array, prior: Float32Array, reach: number, { width, height }: Size): Float32Array {
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
    const x = i % width;
    const y = Math.floor(i / width);
    const shift = around[Math.floor(y / step) * w + Math.floor(x / step)]!;
    let nearest = Infinity;
    let farthest = -Infinity;
    for (let v = Math.max(0, y - OUTLINE_PX); v <= Math.min(height - 1, y + OUTLINE_PX); v++) {
      for (let u = Math.max(0, x - OUTLINE_PX); u <= Math.min(width - 1, x + OUTLINE_PX); u++) {
        nearest = Math.min(nearest, prior[v * width + u]!);
        farthest = Math.max(farthest, prior[v * width + u]!);
      }
    }
    return Math.max(nearest + shift - reach * FARTHEST_BEFORE, Math.min(farthest + shift + reach * FARTHEST_BEHIND, log));
  });
}

/**
 * How surely each pixel of frame t moves, in standard deviations. Residuals against the ego-flow of its nearest pairs are fitted by one velocity
 * in the picture: errors of flow seldom agree on one, true motion does. Each pair's noise is scaled so that its static majority shows what it should.
 */
function motionEvidence(input: SolveInput, logDepth: Float32Array, pose: Poses, t: number): Float32Array {
  const { width, height, flows } = input;
  const P = width * height;
  const velocity = new Float32Array(2 * P);
  const information = new Float32Array(P);
  for (const flow of flows) {
    const offset = flow.to - t;
    if (flow.from !== t || Math.abs(offset) > EVIDENCE_REACH) continue;
    const residual = egoResidual(flow, logDepth, pose);
    const known: number[] = [];
    for (let i = 0; i < P; i += 5) {
      if (flow.consistent[i] && Number.isFinite(residual[2 * i]!)) known.push(Math.hypot(residual[2 * i]!, residual[2 * i + 1]!) / Math.hypot(NOISE_FLOOR_PX, flow.sigma[i]!));
    }
    const scale = Math.max(LEAST_SIGMA_SCALE, quantile(known, CALIBRATION_SHARE) / Math.sqrt(-2 * Math.log(1 - CALIBRATION_SHARE)));
    for (let i = 0; i < P; i++) {
      if (!Number.isFinite(residual[2 * i]!)) continue;
      const w = (flow.consistent[i] ? 1 : INCONSISTENT_WEIGHT) / (NOISE_FLOOR_PX ** 2 + (scale * flow.sigma[i]!) ** 2);
      velocity[2 * i]! += w * offset * residual[2 * i]!;
      velocity[2 * i + 1]! += w * offset * residual[2 * i + 1]!;
      information[i]! += w * offset * offset;
    }
  }
  return withoutLines(information.map((h, i) => (h > 0 ? Math.hypot(velocity[2 * i]!, velocity[2 * i + 1]!) / Math.sqrt(h) : 0)), input);
}

/** Median of 3 × 3: what is one pixel wide is an outline whose depth or flow slipped to the other side. */
function withoutLines(map: Float32Array, { width, height }: Size): Float32Array {
  const out = map.slice();
  const nine = new Float32Array(9);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      for (let k = 0; k < 9; k++) nine[k] = map[(y - 1 + Math.floor(k / 3)) * width + x - 1 + (k % 3)]!;
      out[y * width + x] = nine.sort()[4]!;
    }
  }
  return out;
}

/** f32 [H·W·2] px, flow minus ego-flow; NaN where the flow leaves the picture, the point lies behind the other camera, or would leave the picture if it stood still. */
function egoResidual({ from, to, uv, width, height }: FlowField, logDepth: Float32Array, { rotation, centre, focal }: Poses): Float32Array {
  const a = new Float64Array(9);
  const b = new Float64Array(3);
  const r = new Float64Array(2);
  relativePose(rotation, centre, from, to, a, b);
  const out = new Float32Array(2 * width * height).fill(NaN);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = x + 0.5 - width / 2;
      const v = y + 0.5 - height / 2;
      const tu = u + uv[2 * i]!;
      const tv = v + uv[2 * i + 1]!;
      if (Math.abs(tu) > width / 2 || Math.abs(tv) > height / 2 || !cameraMovement(a, b, focal, logDepth[i]!, u, v, tu, tv, r, null)) continue;
      // A static point would leave the picture there: no flow can be right, whatever it says.
      if (Math.abs(tu + r[0]!) > width / 2 - BORDER_PX || Math.abs(tv + r[1]!) > height / 2 - BORDER_PX) continue;
      out[2 * i] = -r[0]!;
      out[2 * i + 1] = -r[1]!;
    }
  }
  return out;
}

/** f32 [H·W] px: largest residual against the ego-flow over the near pairs of frame t; 0 where the flow is not to be trusted. */
export function egoFlowError({ flows, width, height }: SolveInput, logDepth: Float32Array, pose: Poses, t: number): Float32Array {
  const error = new Float32Array(width * height);
  for (const flow of flows) {
    if (flow.from !== t || Math.abs(flow.to - t) > 2) continue;
    const residual = egoResidual(flow, logDepth, pose);
    for (let i = 0; i < error.length; i++) {
      if (flow.consistent[i] && Number.isFinite(residual[2 * i]!)) error[i] = Math.max(error[i]!, Math.hypot(residual[2 * i]!, residual[2 * i + 1]!));
    }
  }
  return error;
}

/** Evidence of the flow and mobility of the tracks near by as one score. */
function weigh(evidence: number, mobility: number): number {
  const own = (MOBILITY_EVIDENCE * Math.max(0, mobility - NEUTRAL_MOBILITY)) / (1 - NEUTRAL_MOBILITY);
  return Math.min(MOST, (evidence + own) * Math.exp(MOBILITY_GAIN * (mobility - NEUTRAL_MOBILITY)));
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

/**
 * Masks from the evidence of the ego-flow and the first round together: the first round's regions stay where the evidence supports them, clear evidence joins.
 * `doubtful` (in `ever`) is wider: what the solver must not take for static.
 * @param spread what the prior is worth (`checkPrior`).
 */
export function refineMasks(input: SolveInput, logDepth: readonly Float32Array[], priors: readonly Float32Array[], spread: number, pose: Poses): { masks: MotionMask[]; doubtful: MotionMask[] } {
  const size = { width: input.width, height: input.height };
  const edgeReach = EDGE_RADIUS_SHARE * Math.max(size.width, size.height);
  const minArea = MIN_AREA_SHARE * size.width * size.height;
  const doubt = Math.min(1, spread / USUAL_SPREAD);
  const free = logDepth.map((log, t) => motionEvidence(input, log, pose, t));
  const bound = logDepth.map((log, t) => motionEvidence(input, plausibleDepth(log, priors[t]!, doubt, size), pose, t));
  const mobility = logDepth.map((_, t) => mobilityMap(input.tracks, t, size, NEUTRAL_MOBILITY));
  const fuse = (priorShare: number) => agreeOverTime(
    free.map((map, t) => map.map((s, i) => weigh(Math.max(s, priorShare * bound[t]![i]!), mobility[t]![i]!))), input);
  const scores = fuse(1 - doubt * (1 - PRIOR_SHARE));
  const wide = fuse(1 - doubt * (1 - DOUBTFUL.priorShare));
  const doubtful = input.masks.map((first, t) => ({ ...first, ever: hysteresis(wide[t]!, DOUBTFUL.perhaps, DOUBTFUL.surely, size) }));
  const masks = input.masks.map((first, t): MotionMask => {
    const score = scores[t]!;
    const perhaps = Math.min(PERHAPS_MOVING.max, Math.max(PERHAPS_MOVING.min, PERHAPS_MOVING.ofTail * quantile(score, 1 - TAIL)));
    const raised = score.map((s, i) => (first.ever[i] && s > perhaps * SUPPORT ? Math.max(s, perhaps * 1.01) : s));
    const ever = alignToPicture(hysteresis(raised, perhaps, SURE * perhaps, size), input.rgba[t]!, edgeReach, minArea, size);
    const now = Uint8Array.from(ever, (e, i) => (e && (first.now[i] || score[i]! > perhaps) ? 1 : 0));
    return { frame: t, ever, now, errorPx: egoFlowError(input, logDepth[t]!, pose, t), thresholdPx: perhaps * NOISE_FLOOR_PX, model: 'ego-flow' };
  });
  return { masks, doubtful };
}
