// Dense residual of a flow field under the motion of the static world.

import { sampsonPx } from '../geometry/fundamental.ts';
import { transferPx } from '../geometry/homography.ts';
import type { FlowField } from '../scene/fields.ts';
import type { PairModel } from './model-choice.ts';

/** Radius around an epipole in view, as a share of the picture's diagonal, in which the epipolar error says little. */
const EPIPOLE_RADIUS = 0.08;
/** Flow is never better than this, px. */
const NOISE_FLOOR_PX = 0.2;
/** Error of flow that grows with its length (sub-pixel peaks, rolling shutter, lens distortion). */
const NOISE_SHARE = 0.015;

export interface Residual {
  /** f32 [H·W] px. */
  readonly errorPx: Float32Array;
  /** f32 [H·W] error in standard deviations of what a static pixel would show; −1 where the flow is not to be trusted. */
  readonly z: Float32Array;
}

export function denseResidual(flow: FlowField, model: PairModel): Residual {
  const { width, height, uv, sigma, consistent } = flow;
  const errorPx = new Float32Array(width * height);
  const z = new Float32Array(width * height);
  const base = model.scalePx * model.scalePx + NOISE_FLOOR_PX * NOISE_FLOOR_PX;
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
      const noise = base + (sigma[i]! * sigma[i]!) + NOISE_SHARE * NOISE_SHARE * (u * u + v * v);
      z[i] = consistent[i] ? error / Math.sqrt(noise) : -1;
    }
  }
  return { errorPx, z };
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
      if (consistent[i]) around.push(transferPx(model.homography, x + 0.5, y + 0.5, x + 0.5 + uv[2 * i]!, y + 0.5 + uv[2 * i + 1]!));
    }
  }
  around.sort((a, b) => a - b);
  const slack = 2 * (around[Math.floor(around.length * 0.75)] ?? 0);
  return (x, y, u, v, error) => {
    const r2 = ((x + 0.5 - e.x) ** 2 + (y + 0.5 - e.y) ** 2) / (radius * radius);
    if (r2 > 4) return error;
    const beyond = Math.max(0, transferPx(model.homography, x + 0.5, y + 0.5, x + 0.5 + u, y + 0.5 + v) - slack);
    return Math.max(error, Math.exp(-r2) * beyond);
  };
}
