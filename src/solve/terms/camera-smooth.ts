// Camera-trajectory smoothness (C4D, L_CTS): r = [w_R vec(R_tᵀ R_{t+1} − I), w_t R_tᵀ (c_{t+1} − c_t)], squared.

import { relativePose } from './camera-movement.ts';

export const SMOOTH_ROWS = 12;
/** ω_t τ_t ω_{t+1} τ_{t+1}. */
export const SMOOTH_COLUMNS = 12;
const rel = new Float64Array(9);
const shift = new Float64Array(3);

/** @param residual [12]; @param jacobian [12·12] or null; weights are square roots already. */
export function cameraSmooth(rotation: Float64Array, centre: Float64Array, t: number, rootRotation: number, rootTranslation: number, residual: Float64Array, jacobian: Float64Array | null): void {
  // With i = t+1 and j = t: A = R_tᵀ R_{t+1}, b = R_tᵀ (c_{t+1} − c_t).
  relativePose(rotation, centre, t + 1, t, rel, shift);
  for (let k = 0; k < 9; k++) residual[k] = rootRotation * (rel[k]! - (k % 4 === 0 ? 1 : 0));
  for (let k = 0; k < 3; k++) residual[9 + k] = rootTranslation * shift[k]!;
  if (!jacobian) return;
  jacobian.fill(0);
  for (let axis = 0; axis < 3; axis++) {
    const p = (axis + 1) % 3;
    const q = (axis + 2) % 3;
    for (let k = 0; k < 3; k++) {
      // −[e]× A for ω_t: rows p and q of A change places (e × row); A [e]× for ω_{t+1}: columns do.
      jacobian[(p * 3 + k) * SMOOTH_COLUMNS + axis] = rootRotation * rel[q * 3 + k]!;
      jacobian[(q * 3 + k) * SMOOTH_COLUMNS + axis] = -rootRotation * rel[p * 3 + k]!;
      jacobian[(k * 3 + p) * SMOOTH_COLUMNS + 6 + axis] = rootRotation * rel[k * 3 + q]!;
      jacobian[(k * 3 + q) * SMOOTH_COLUMNS + 6 + axis] = -rootRotation * rel[k * 3 + p]!;
      jacobian[(9 + k) * SMOOTH_COLUMNS + 9 + axis] = rootTranslation * rel[k * 3 + axis]!;
    }
    jacobian[(9 + p) * SMOOTH_COLUMNS + axis] = rootTranslation * shift[q]!;
    jacobian[(9 + q) * SMOOTH_COLUMNS + axis] = -rootTranslation * shift[p]!;
    jacobian[(9 + axis) * SMOOTH_COLUMNS + 3 + axis] = -rootTranslation;
  }
}
