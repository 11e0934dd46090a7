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

/** Columns of the Jacobian: ω_j τ_j (camera j), log depth, log focal. Camera i's follow from camera j's, see `firstFromSecond`. */
export const JACOBIAN_COLUMNS = 8;
export const DEPTH_COLUMN = 6;
export const FOCAL_COLUMN = 7;

/**
 * Only the relative pose counts, so a step (ω_i, τ_i) of camera i does what M (ω_i, τ_i) of camera j does:
 * Y ← Y + (A ω_i) × (Y − b) + A τ_i and Y ← Y − ω_j × Y − τ_j give ω_j = −A ω_i, τ_j = (A ω_i) × b − A τ_i.
 * @returns M, f64 [6·6] row-major.
 */
export function firstFromSecond(a: Float64Array, b: Float64Array): Float64Array {
  const m = new Float64Array(36);
  for (let c = 0; c < 3; c++) {
    for (let r = 0; r < 3; r++) {
      const [p, q] = [(r + 1) % 3, (r + 2) % 3];
      m[6 * r + c] = -a[3 * r + c]!;
      m[6 * (r + 3) + c] = a[3 * p + c]! * b[q]! - a[3 * q + c]! * b[p]!;
      m[6 * (r + 3) + c + 3] = -a[3 * r + c]!;
    }
  }
  return m;
}

/**
 * Residual (px) of one cell and, if asked for, its Jacobian.
 * Poses move by R ← R exp(ω), c ← c + R τ.
 * @param x,y cell centre relative to the principal point, px
 * @param u,v target relative to the principal point, px
 * @param residual [2]; @param jacobian [2·8] or null
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
    // Y ← exp(−ω_j) Y − τ_j.
    jacobian[o] = Y2 * g1 - Y1 * g2;
    jacobian[o + 1] = Y0 * g2 - Y2 * g0;
    jacobian[o + 2] = Y1 * g0 - Y0 * g1;
    jacobian[o + 3] = -g0;
    jacobian[o + 4] = -g1;
    jacobian[o + 5] = -g2;
    const alongRay = g0 * A0 + g1 * A1 + g2 * A2;
    jacobian[o + DEPTH_COLUMN] = alongRay;
    // A longer focal length narrows X across, not along the axis.
    jacobian[o + FOCAL_COLUMN] = (row === 0 ? px : py) - alongRay + depth * (g0 * a[2]! + g1 * a[5]! + g2 * a[8]!);
  }
  return true;
}
