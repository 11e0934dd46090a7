// What the pictures themselves say of a flow. A small network smooths; a variational step puts outlines
// and sub-pixels right (Brox et al. 2004; as the last step of LDOF, Brox & Malik 2011, and of DIS, Kroeger et al. 2016).

import { centralDifferences } from '../maths/differences.ts';
import { resizeField, resizeVectors, type Size } from '../maths/resize.ts';
import type { FlowField } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { lumaOf } from './mask-shape.ts';

/** Shares of the frame's size, small to full: a vector that is off by more than the picture's detail is caught at the coarser ones. */
const SCALES = [0.64, 0.8, 1];
/** px: differences and cubic weights need neighbours. */
const LEAST_SIDE = 8;
/** Weights of constant luma, of constant luma gradients, and of the flow's total variation. */
const LUMA_WEIGHT = 5;
const GRADIENT_WEIGHT = 10;
const SMOOTH_WEIGHT = 15;
/** Where the picture has an outline the flow may have one too: the total variation weighs down to this share there. */
const LEAST_SMOOTH_SHARE = 0.3;
/** Slope of luma (0…1 per px) by which that share falls by a factor e. */
const OUTLINE_SLOPE = 40 / 255;
/** px: the Charbonnier penalty √(r² + ε²) is quadratic below this, for data terms and for the flow's slopes. */
const DATA_EPSILON = 0.01;
const SMOOTH_EPSILON = 0.001;
/** Data terms are divided by their slopes, so that they measure px (Zimmer et al. 2011); flatter luma (0…1 per px) tells less. */
const LEAST_SLOPE = 1 / 255;
/** The second picture is warped so many times; in each the robust weights follow the flow so many times; each system is swept so often. */
const WARPS = 2;
const ROUNDS = 2;
const SWEEPS = 6;
/** Successive over-relaxation; near 2, what texture says reaches far into plain places in few sweeps. */
const OVER_RELAXATION = 1.94;
/** Sigma afterwards, px: this share of the network's, this share of what was changed, and the least. */
const SIGMA_SHARE = 0.5;
const CHANGE_SHARE = 0.5;
const LEAST_SIGMA = 0.03;
/** Values per pixel of data terms: r, p, q for luma, its gradient along x, and along y. r + p·u + q·v is how far off the term is, px. */
const TERMS = 9;
/** Values per pixel of a linear system: a12, b1, b2 and the inverse diagonal entries of u and of v. */
const SYSTEM = 5;

/**
 * Minimises Σ δ ψ(luma) + γ ψ(gradient of luma) + α ψ(∇u, ∇v) with ψ(r) = √(r² + ε²), coarse to fine, around a flow that is nearly right.
 * Both frames have the field's size.
 * @returns the field with new vectors and sigma; consistency stays.
 */
export function refineFlow(a: Frame, b: Frame, field: FlowField): FlowField {
  const first = lumaOf(a.rgba);
  const second = lumaOf(b.rgba);
  const uv = Float32Array.from(field.uv);
  for (const scale of SCALES) {
    const size = { width: Math.max(LEAST_SIDE, Math.round(field.width * scale)), height: Math.max(LEAST_SIDE, Math.round(field.height * scale)) };
    // What one scale changes is handed on, not what it ends with: detail of the full-size flow survives the coarser ones.
    const start = resizeVectors(uv, field, size);
    const end = descend(resizeField(first, field, size, 1), resizeField(second, field, size, 1), start, size);
    for (let i = 0; i < end.length; i++) end[i]! -= start[i]!;
    const change = resizeVectors(end, size, field);
    for (let i = 0; i < uv.length; i++) uv[i]! += change[i]!;
  }
  const sigma = field.sigma.map((value, i) => SIGMA_SHARE * value + CHANGE_SHARE * Math.hypot(uv[2 * i]! - field.uv[2 * i]!, uv[2 * i + 1]! - field.uv[2 * i + 1]!) + LEAST_SIGMA);
  return { ...field, uv, sigma };
}

/** One scale. @param first f32 [H·W] luma 0…1 @param uv f32 [H·W·2] px */
function descend(first: Float32Array, second: Float32Array, uv: Float32Array, size: Size): Float32Array {
  const { width } = size;
  const n = first.length;
  // An empty row before and one after: neighbours need no test, those beyond the border weigh nothing.
  const u = new Float32Array(n + 2 * width);
  const v = new Float32Array(n + 2 * width);
  for (let i = 0; i < n; i++) {
    u[width + i] = uv[2 * i]!;
    v[width + i] = uv[2 * i + 1]!;
  }
  const smoothness = smoothnessOf(first, size);
  for (let warp = 0; warp < WARPS; warp++) {
    const terms = dataTerms(first, second, u, v, size);
    for (let round = 0; round < ROUNDS; round++) {
      const system = linearise(terms, smoothness, u, v, size);
      for (let sweep = 0; sweep < SWEEPS; sweep++) relax(system, u, v, width, n);
    }
  }
  const out = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    out[2 * i] = u[width + i]!;
    out[2 * i + 1] = v[width + i]!;
  }
  return out;
}

/** f32 [n]: weight of the flow's total variation at each pixel. */
function smoothnessOf(luma: Float32Array, size: Size): Float32Array {
  const [alongX, alongY] = centralDifferences(luma, size);
  return alongX.map((slope, i) => SMOOTH_WEIGHT * (LEAST_SMOOTH_SHARE + (1 - LEAST_SMOOTH_SHARE) * Math.exp(-Math.hypot(slope, alongY[i]!) / OUTLINE_SLOPE)));
}

/** f32 [n·TERMS], linear around (u, v); zeros where the flow leaves the picture. */
function dataTerms(first: Float32Array, second: Float32Array, u: Float32Array, v: Float32Array, size: Size): Float32Array {
  const { width, height } = size;
  const n = first.length;
  const warped = warp(second, u, v, size);
  const mean = first.map((luma, i) => (luma + warped[i]!) / 2);
  const change = first.map((luma, i) => warped[i]! - luma);
  const [ix, iy] = centralDifferences(mean, size);
  const [ixx, ixy] = centralDifferences(ix, size);
  const [, iyy] = centralDifferences(iy, size);
  const [changeX, changeY] = centralDifferences(change, size);
  const terms = new Float32Array(TERMS * n);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const U = u[width + i]!;
      const V = v[width + i]!;
      if (!(x + U >= 0 && y + V >= 0 && x + U <= width - 1 && y + V <= height - 1)) continue;
      const o = TERMS * i;
      putTerm(terms, o, change[i]!, ix[i]!, iy[i]!, U, V);
      putTerm(terms, o + 3, changeX[i]!, ixx[i]!, ixy[i]!, U, V);
      putTerm(terms, o + 6, changeY[i]!, ixy[i]!, iyy[i]!, U, V);
    }
  }
  return terms;
}

function putTerm(terms: Float32Array, o: number, change: number, slopeX: number, slopeY: number, u: number, v: number): void {
  const perSlope = 1 / Math.sqrt(slopeX * slopeX + slopeY * slopeY + LEAST_SLOPE ** 2);
  terms[o] = (change - slopeX * u - slopeY * v) * perSlope;
  terms[o + 1] = slopeX * perSlope;
  terms[o + 2] = slopeY * perSlope;
}

/** f32 [n]: the map at (x + u, y + v) by cubic convolution (Keys 1981); the border repeats. Linear interpolation blurs, and biases sub-pixels. */
function warp(map: Float32Array, u: Float32Array, v: Float32Array, { width, height }: Size): Float32Array {
  const out = new Float32Array(map.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const tx = Math.max(0, Math.min(width - 1, x + u[width + i]!));
      const ty = Math.max(0, Math.min(height - 1, y + v[width + i]!));
      const x1 = Math.min(width - 2, Math.floor(tx));
      const y1 = Math.min(height - 2, Math.floor(ty));
      const x0 = Math.max(0, x1 - 1);
      const x3 = Math.min(width - 1, x1 + 2);
      const f = tx - x1;
      const w0 = ((-0.5 * f + 1) * f - 0.5) * f;
      const w1 = (1.5 * f - 2.5) * f * f + 1;
      const w2 = ((-1.5 * f + 2) * f + 0.5) * f;
      const w3 = (0.5 * f - 0.5) * f * f;
      const g = ty - y1;
      const row0 = Math.max(0, y1 - 1) * width;
      const row1 = y1 * width;
      const row2 = row1 + width;
      const row3 = Math.min(height - 1, y1 + 2) * width;
      out[i] =
        (((-0.5 * g + 1) * g - 0.5) * g) * (w0 * map[row0 + x0]! + w1 * map[row0 + x1]! + w2 * map[row0 + x1 + 1]! + w3 * map[row0 + x3]!) +
        ((1.5 * g - 2.5) * g * g + 1) * (w0 * map[row1 + x0]! + w1 * map[row1 + x1]! + w2 * map[row1 + x1 + 1]! + w3 * map[row1 + x3]!) +
        (((-1.5 * g + 2) * g + 0.5) * g) * (w0 * map[row2 + x0]! + w1 * map[row2 + x1]! + w2 * map[row2 + x1 + 1]! + w3 * map[row2 + x3]!) +
        ((0.5 * g - 0.5) * g * g) * (w0 * map[row3 + x0]! + w1 * map[row3 + x1]! + w2 * map[row3 + x1 + 1]! + w3 * map[row3 + x3]!);
    }
  }
  return out;
}

/** Normal equations at the current robust weights. */
interface System {
  /** f32 [n·SYSTEM] */
  readonly pixels: Float32Array;
  /** f32 [n + 2·width]: weight between a pixel and its right, its lower neighbour. */
  readonly right: Float32Array;
  readonly down: Float32Array;
}

function linearise(terms: Float32Array, smoothness: Float32Array, u: Float32Array, v: Float32Array, { width, height }: Size): System {
  const n = smoothness.length;
  const right = new Float32Array(n + 2 * width);
  const down = new Float32Array(n + 2 * width);
  for (let y = 0, i = 0, k = width; y < height; y++) {
    for (let x = 0; x < width; x++, i++, k++) {
      const hasRight = x < width - 1;
      const hasDown = y < height - 1;
      const ux = hasRight ? u[k + 1]! - u[k]! : 0;
      const vx = hasRight ? v[k + 1]! - v[k]! : 0;
      const uy = hasDown ? u[k + width]! - u[k]! : 0;
      const vy = hasDown ? v[k + width]! - v[k]! : 0;
      const weight = smoothness[i]! / Math.sqrt(ux * ux + uy * uy + vx * vx + vy * vy + SMOOTH_EPSILON ** 2);
      if (hasRight) right[k] = weight;
      if (hasDown) down[k] = weight;
    }
  }
  const pixels = new Float32Array(SYSTEM * n);
  for (let i = 0, k = width; i < n; i++, k++) {
    const t = TERMS * i;
    const U = u[k]!;
    const V = v[k]!;
    const r0 = terms[t]!;
    const p0 = terms[t + 1]!;
    const q0 = terms[t + 2]!;
    const r1 = terms[t + 3]!;
    const p1 = terms[t + 4]!;
    const q1 = terms[t + 5]!;
    const r2 = terms[t + 6]!;
    const p2 = terms[t + 7]!;
    const q2 = terms[t + 8]!;
    const luma = LUMA_WEIGHT / Math.sqrt((r0 + p0 * U + q0 * V) ** 2 + DATA_EPSILON ** 2);
    const gradient = GRADIENT_WEIGHT / Math.sqrt((r1 + p1 * U + q1 * V) ** 2 + (r2 + p2 * U + q2 * V) ** 2 + DATA_EPSILON ** 2);
    const smooth = right[k - 1]! + right[k]! + down[k - width]! + down[k]!;
    const o = SYSTEM * i;
    pixels[o] = luma * p0 * q0 + gradient * (p1 * q1 + p2 * q2);
    pixels[o + 1] = -luma * r0 * p0 - gradient * (r1 * p1 + r2 * p2);
    pixels[o + 2] = -luma * r0 * q0 - gradient * (r1 * q1 + r2 * q2);
    pixels[o + 3] = OVER_RELAXATION / (smooth + luma * p0 * p0 + gradient * (p1 * p1 + p2 * p2));
    pixels[o + 4] = OVER_RELAXATION / (smooth + luma * q0 * q0 + gradient * (q1 * q1 + q2 * q2));
  }
  return { pixels, right, down };
}

/** One sweep of successive over-relaxation, in place. What waits for the pixel before, and for u, is added last: the rest is ready by then. */
function relax({ pixels, right, down }: System, u: Float32Array, v: Float32Array, width: number, n: number): void {
  let lastU = 0;
  let lastV = 0;
  let left = 0;
  for (let k = width, o = 0; k < n + width; k++, o += SYSTEM) {
    const next = right[k]!;
    const above = down[k - width]!;
    const below = down[k]!;
    const cross = pixels[o]!;
    const aroundU = above * u[k - width]! + below * u[k + width]! + next * u[k + 1]! + pixels[o + 1]! - cross * v[k]!;
    const aroundV = above * v[k - width]! + below * v[k + width]! + next * v[k + 1]! + pixels[o + 2]!;
    lastU = (1 - OVER_RELAXATION) * u[k]! + pixels[o + 3]! * (aroundU + left * lastU);
    lastV = (1 - OVER_RELAXATION) * v[k]! + pixels[o + 4]! * (aroundV + left * lastV - cross * lastU);
    u[k] = lastU;
    v[k] = lastV;
    left = next;
  }
}
