// Flow against ego-flow (method.md 9): with poses and depth known, what the camera does not explain moves.
// It needs no fundamental matrix and sees motion along the epipolar lines.

import { quantile } from '../../maths/robust.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { SolveInput } from '../input.ts';
import { cameraMovement, relativePose } from '../terms/camera-movement.ts';

const NOISE_FLOOR_PX = 0.2;
/** A vector that does not return may still tell, but is believed less. */
const INCONSISTENT_WEIGHT = 0.25;
/** Share of the picture that is static for sure; its residuals (Rayleigh) set the scale of a pair's noise. */
const CALIBRATION_SHARE = 0.7;
const LEAST_SIGMA_SCALE = 0.3;
/** Nearer to the border than this a static point may leave the picture unseen. */
const BORDER_PX = 2;

/** Poses of all frames (camera to world) and focal length, px. */
export interface Poses { readonly rotation: Float64Array; readonly centre: Float64Array; readonly focal: number }

/** One velocity in the picture per pixel, that the residuals of several pairs agree on. */
export interface Velocity {
  /** f32 [H·W·2] px per frame. */
  readonly uv: Float32Array;
  /** f32 [H·W] its length in standard deviations; 0 where no pair can tell. */
  readonly z: Float32Array;
  /** f32 [H·W] px: the longest ego-flow that was compared. */
  readonly ego: Float32Array;
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

/** Factor on a pair's sigmas with which its static majority shows what it should. */
function noiseScale({ consistent, sigma }: FlowField, residual: Float32Array): number {
  const known: number[] = [];
  for (let i = 0; i < sigma.length; i += 5) {
    if (consistent[i] && Number.isFinite(residual[2 * i]!)) known.push(Math.hypot(residual[2 * i]!, residual[2 * i + 1]!) / Math.hypot(NOISE_FLOOR_PX, sigma[i]!));
  }
  if (known.length === 0) return 1;
  return Math.max(LEAST_SIGMA_SCALE, quantile(known, CALIBRATION_SHARE) / Math.sqrt(-2 * Math.log(1 - CALIBRATION_SHARE)));
}

/**
 * The velocity that the residuals of these flows, all from one frame, agree on: errors of flow seldom do, true motion does.
 * @param logDepth f32 [H·W] of their frame
 */
export function unexplainedVelocity(flows: readonly FlowField[], logDepth: Float32Array, pose: Poses): Velocity {
  const pixels = logDepth.length;
  const uv = new Float32Array(2 * pixels);
  const ego = new Float32Array(pixels);
  const information = new Float32Array(pixels);
  for (const flow of flows) {
    const offset = flow.to - flow.from;
    const residual = egoResidual(flow, logDepth, pose);
    const scale = noiseScale(flow, residual);
    for (let i = 0; i < pixels; i++) {
      const ru = residual[2 * i]!;
      const rv = residual[2 * i + 1]!;
      if (!Number.isFinite(ru)) continue;
      ego[i] = Math.max(ego[i]!, Math.hypot(flow.uv[2 * i]! - ru, flow.uv[2 * i + 1]! - rv));
      const w = (flow.consistent[i] ? 1 : INCONSISTENT_WEIGHT) / (NOISE_FLOOR_PX ** 2 + (scale * flow.sigma[i]!) ** 2);
      uv[2 * i]! += w * offset * ru;
      uv[2 * i + 1]! += w * offset * rv;
      information[i]! += w * offset * offset;
    }
  }
  const z = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const h = information[i]!;
    if (h === 0) continue;
    z[i] = Math.hypot(uv[2 * i]!, uv[2 * i + 1]!) / Math.sqrt(h);
    uv[2 * i]! /= h;
    uv[2 * i + 1]! /= h;
  }
  return { uv, z, ego };
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
