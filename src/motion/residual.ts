// Dense residual of a flow field under the motion of the static world.

import { sampsonPx } from '../geometry/fundamental.ts';
import { transferPx } from '../geometry/homography.ts';
import type { FlowField } from '../scene/fields.ts';
import type { PairModel } from './model-choice.ts';

/** Radius around an epipole in view, as a share of the picture's diagonal, in which the epipolar error says little. */
const EPIPOLE_RADIUS = 0.08;
/** Flow is never better than this, px. */
const NOISE_FLOOR_PX = 0.07;
/** Error of flow that grows with its length (sub-pixel peaks, rolling shutter, lens distortion). */
const NOISE_SHARE = 0.01;
/** A vector that does not return may still tell, but is believed less: fast movers fail the check as often as hidden pixels do. */
const INCONSISTENT_NOISE = 2;
/** The noise model is scaled so that this share of the static pixels lies where a normal distribution puts it. */
const CALIBRATION_SHARE = 0.8;
const CALIBRATION_SIGMAS = 1.28;
const CALIBRATION_STEP = 5;

export interface Residual {
  /** f32 [H·W] px. */
  readonly errorPx: Float32Array;
  /** f32 [H·W] error in standard deviations of what a static pixel shows; −1 where the flow leaves the picture. */
  readonly z: Float32Array;
}

export function denseResidual(flow: FlowField, model: PairModel): Residual {
  const { width, height, uv, sigma, consistent } = flow;
  const errorPx = new Float32Array(width * height);
  const z = new Float32Array(width * height);
  const near = model.epipole && nearEpipole(flow, model, model.epipole);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = uv[2 * i]!;
      const v = uv[2 * i + 1]!;
      let error = model.kind === 'epipolar'
        ? sampsonPx(model.params, x + 0.5, y + 0.5, x + 0.5 + u, y + 0.5 + v)
        : transferPx(model.params, x + 0.5, y + 0.5, x + 0.5 + u, y + 0.5 + v);
      if (near) error = near(x, y, u, v, error);
      errorPx[i] = error;
      const inside = x + u >= 0 && y + v >= 0 && x + u < width && y + v < height;
      const noise = NOISE_FLOOR_PX * NOISE_FLOOR_PX + sigma[i]! * sigma[i]! + NOISE_SHARE * NOISE_SHARE * (u * u + v * v);
      z[i] = inside ? error / (Math.sqrt(noise) * (consistent[i] ? 1 : INCONSISTENT_NOISE)) : -1;
    }
  }
  const scale = calibrate(flow, z, model);
  for (let i = 0; i < z.length; i++) if (z[i]! > 0) z[i]! *= scale;
  return { errorPx, z };
}

/** Factor that makes z a number of standard deviations: a quantile of the static pixels, so that movers do not count. */
function calibrate({ consistent }: FlowField, z: Float32Array, model: PairModel): number {
  const values: number[] = [];
  for (let i = 0; i < z.length; i += CALIBRATION_STEP) if (consistent[i] && z[i]! >= 0) values.push(z[i]!);
  values.sort((a, b) => a - b);
  // Among all pixels the static ones are the lowest `support` share.
  const quantile = values[Math.floor(values.length * CALIBRATION_SHARE * model.support)] ?? 0;
  return quantile > 1e-6 ? CALIBRATION_SIGMAS / quantile : 1;
}

/**
 * Around the epipole every static flow is short and every direction is epipolar, so motion towards the camera hides.
 * There a flow also has to keep to the homography within the parallax that its surroundings show.
 */
function nearEpipole(flow: FlowField, model: PairModel, e: { x: number; y: number }): (x: number, y: number, u: number, v: number, error: number) => number {
  const { width, height, uv, consistent } = flow;
  const radius = EPIPOLE_RADIUS * Math.hypot(width, height);
  const around: number[] = [];
  for (let y = Math.max(0, Math.floor(e.y - 2 * radius)); y < Math.min(height, e.y + 2 * radius); y += 3) {
    for (let x = Math.max(0, Math.floor(e.x - 2 * radius)); x < Math.min(width, e.x + 2 * radius); x += 3) {
      const i = y * width + x;
      // A mover at the epipole must not set its own bound, so only the ring around it counts.
      if (consistent[i] && Math.hypot(x - e.x, y - e.y) > radius) around.push(transferPx(model.homography, x + 0.5, y + 0.5, x + 0.5 + uv[2 * i]!, y + 0.5 + uv[2 * i + 1]!));
    }
  }
  around.sort((a, b) => a - b);
  const slack = 1.5 * (around[Math.floor(around.length * 0.75)] ?? 0);
  return (x, y, u, v, error) => {
    const r2 = ((x + 0.5 - e.x) ** 2 + (y + 0.5 - e.y) ** 2) / (radius * radius);
    if (r2 > 4) return error;
    const beyond = Math.max(0, transferPx(model.homography, x + 0.5, y + 0.5, x + 0.5 + u, y + 0.5 + v) - slack);
    return Math.max(error, Math.exp(-r2) * beyond);
  };
}
