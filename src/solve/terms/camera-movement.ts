// Camera-movement alignment (C4D, L_CMA): the ego-flow of a static point equals the optical flow.
//   r = π(K [R_jᵀ (R_i X + c_i − c_j)]) − target,   X = D · ((p − c) / f, 1)

/** Rotation and translation that take camera i to camera j: Y = A X + b. */
export function relativePose(rotation: Float64Array, centre: Float64Array, i: number, j: number, a: Float64Array, b: Float64Array): void {
  const ri = i * 9;
  const rj = j * 9;
  const dx = centre[i * 3]! - centre[j * 3]!;
  const dy = centre[i * 3 + 1]! - centre[j * 3 + 1]!;
  const dz = centre[i * 3 + 2]! - centre[j * 3 + 2]!;
  for (let r = 0; r < 3; r++) {
    const j0 = rotation[rj + r]!;
    const j1 = rotation[rj + 3 + r]!;
    const j2 = rotation[rj + 6 + r]!;
    for (let c = 0; c < 3; c++) a[r * 3 + c] = j0 * rotation[ri + c]! + j1 * rotation[ri + 3 + c]! + j2 * rotation[ri + 6 + c]!;
    b[r] = j0 * dx + j1 * dy + j2 * dz;
  }
}

/** Points closer than this share of their depth to the plane of camera j cannot be projected. */
const NEAREST = 0.02;

/** Columns of the Jacobian: ω_i τ_i (camera i), ω_j τ_j (camera j), log depth, log focal. */
export const JACOBIAN_COLUMNS = 14;

/**
 * Residual (px) of one cell and, if asked for, its Jacobian.
 * Poses move by R ← R exp(ω), c ← c + R τ.
 * @param x,y cell centre relative to the principal point, px
 * @param u,v target relative to the principal point, px
 * @param residual [2]; @param jacobian [2·14] or null
 * @returns false where the point lies behind camera j
 */
export function cameraMovement(
  a: Float64Array, b: Float64Array, focal: number, logDepth: number, x: number, y: number, u: number, v: number,
  residual: Float64Array, jacobian: Float64Array | null,
): boolean {
  const depth = Math.exp(logDepth);
  const X0 = (depth * x) / focal;
  const X1 = (depth * y) / focal;
  const A0 = a[0]! * X0 + a[1]! * X1 + a[2]! * depth;
  const A1 = a[3]! * X0 + a[4]! * X1 + a[5]! * depth;
  const A2 = a[6]! * X0 + a[7]! * X1 + a[8]! * depth;
  const Y0 = A0 + b[0]!;
  const Y1 = A1 + b[1]!;
  const Y2 = A2 + b[2]!;
  if (Y2 < NEAREST * depth) return false;
  const inv = 1 / Y2;
  const px = focal * Y0 * inv;
  const py = focal * Y1 * inv;
  residual[0] = px - u;
  residual[1] = py - v;
  if (!jacobian) return true;
  // dπ/dY, rows x and y.
  const fx = focal * inv;
  const xz = -px * inv;
  const yz = -py * inv;
  for (let row = 0; row < 2; row++) {
    const g0 = row === 0 ? fx : 0;
    const g1 = row === 0 ? 0 : fx;
    const g2 = row === 0 ? xz : yz;
    const o = row * JACOBIAN_COLUMNS;
    // g A, the gradient with respect to X (and to τ_i).
    const h0 = g0 * a[0]! + g1 * a[3]! + g2 * a[6]!;
    const h1 = g0 * a[1]! + g1 * a[4]! + g2 * a[7]!;
    const h2 = g0 * a[2]! + g1 * a[5]! + g2 * a[8]!;
    // dX/dω_i = −[X]×, so h · (−[X]×) = X × h … component-wise (ω × X)·h.
    jacobian[o] = X1 * h2 - depth * h1;
    jacobian[o + 1] = depth * h0 - X0 * h2;
    jacobian[o + 2] = X0 * h1 - X1 * h0;
    jacobian[o + 3] = h0;
    jacobian[o + 4] = h1;
    jacobian[o + 5] = h2;
    // Y ← exp(−ω_j) Y − τ_j.
    jacobian[o + 6] = Y2 * g1 - Y1 * g2;
    jacobian[o + 7] = Y0 * g2 - Y2 * g0;
    jacobian[o + 8] = Y1 * g0 - Y0 * g1;
    jacobian[o + 9] = -g0;
    jacobian[o + 10] = -g1;
    jacobian[o + 11] = -g2;
    jacobian[o + 12] = g0 * A0 + g1 * A1 + g2 * A2;
    jacobian[o + 13] = (row === 0 ? px : py) - h0 * X0 - h1 * X1;
  }
  return true;
}
