// The dynamic-scene problem on a coarse grid: what both engines minimise.

/** Flow of one directed pair, sampled at the grid's cells. */
export interface EdgeData {
  readonly from: number;
  readonly to: number;
  /** f32 [G·2] px: where the flow takes each cell's centre (x, y in frame `to`). */
  readonly target: Float32Array;
  /** f32 [G] 1/px²; 0 = not static, inconsistent, or outside. */
  readonly weight: Float32Array;
}

export interface Weights {
  /** px at which Cauchy's loss on flow turns from quadratic to flat. */
  readonly cauchyPx: number;
  /** Depth against prior, per cell, in log units. */
  readonly prior: number;
  /** Smoothness of log(depth / prior) between neighbouring cells. */
  readonly smooth: number;
  /** Camera-trajectory smoothness, rotation (|R_rel − I|²) and translation (|t_rel|²). */
  readonly cameraRotation: number;
  readonly cameraTranslation: number;
  /** log focal against its first guess. */
  readonly focal: number;
}

export const DEFAULT_WEIGHTS: Weights = { cauchyPx: 0.2, prior: 0.005, smooth: 0.1, cameraRotation: 1, cameraTranslation: 0.1, focal: 60 };

export interface Problem {
  readonly frameCount: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** f32 [G] px: cell centres in the working image. */
  readonly cellX: Float32Array;
  readonly cellY: Float32Array;
  readonly cx: number;
  readonly cy: number;
  readonly edges: readonly EdgeData[];
  /** f32 [T·G] log of the prior depth, free scale per frame. */
  readonly prior: Float32Array;
  /** f32 [T·G·2] weight of the smoothness to the right and to the lower neighbour (image edges, mask borders). */
  readonly link: Float32Array;
  readonly focalGuessPx: number;
  /** Hold the focal length (given by the person). */
  readonly holdFocal: boolean;
  readonly weights: Weights;
}

/** Unknowns. Changed in place by nobody: engines return a new one. */
export interface State {
  /** f64 [T·9] rotation, camera to world, row-major. */
  readonly rotation: Float64Array;
  /** f64 [T·3] camera centres. */
  readonly centre: Float64Array;
  /** f32 [T·G]. */
  readonly logDepth: Float32Array;
  /** f64 [T] log scale of each frame's prior. */
  readonly priorScale: Float64Array;
  readonly logFocal: number;
}

export function copyState(s: State): State {
  return { rotation: s.rotation.slice(), centre: s.centre.slice(), logDepth: s.logDepth.slice(), priorScale: s.priorScale.slice(), logFocal: s.logFocal };
}

/** Cameras at the origin, depth as the prior has it. */
export function startState(problem: Problem): State {
  const rotation = new Float64Array(problem.frameCount * 9);
  for (let t = 0; t < problem.frameCount; t++) rotation[t * 9] = rotation[t * 9 + 4] = rotation[t * 9 + 8] = 1;
  return {
    rotation, centre: new Float64Array(problem.frameCount * 3), logDepth: problem.prior.slice(),
    priorScale: new Float64Array(problem.frameCount), logFocal: Math.log(problem.focalGuessPx),
  };
}
