// The objective both engines minimise, term by term:
//   Σ w c² log(1 + |r|²/c²)  camera-movement (Cauchy)     + w_p Σ (log D − log prior − a_t)²      prior
//   + w_s Σ link (s_p − s_q)², s = log D − log prior        smooth  + camera-smooth + w_f (log f − log f₀)²

import type { Problem, State } from './problem.ts';
import type { TermName } from './summary.ts';
import { cameraMovement, relativePose } from './terms/camera-movement.ts';
import { cameraSmooth, SMOOTH_ROWS } from './terms/camera-smooth.ts';

/** Cost of a point that cannot be projected: as bad as a far outlier, so that a step which hides points is no descent. */
const BEHIND_PX2 = 100;

export function evaluate(problem: Problem, state: State): Record<TermName, number> {
  const { weights, edges, cellX, cellY, cx, cy, gridWidth, gridHeight, prior, link, frameCount } = problem;
  const G = gridWidth * gridHeight;
  const focal = Math.exp(state.logFocal);
  const c2 = weights.cauchyPx ** 2;
  const a = new Float64Array(9);
  const b = new Float64Array(3);
  const r = new Float64Array(2);
  let movement = 0;
  for (const edge of edges) {
    relativePose(state.rotation, state.centre, edge.from, edge.to, a, b);
    const base = edge.from * G;
    for (let g = 0; g < G; g++) {
      const w = edge.weight[g]!;
      if (w === 0) continue;
      const inFront = cameraMovement(a, b, focal, state.logDepth[base + g]!, cellX[g]! - cx, cellY[g]! - cy, edge.target[2 * g]! - cx, edge.target[2 * g + 1]! - cy, r, null);
      const e2 = inFront ? r[0]! * r[0]! + r[1]! * r[1]! : BEHIND_PX2;
      movement += w * c2 * Math.log1p(e2 / c2);
    }
  }
  let priorCost = 0;
  let smooth = 0;
  for (let t = 0; t < frameCount; t++) {
    for (let g = 0; g < G; g++) {
      const o = t * G + g;
      const s = state.logDepth[o]! - prior[o]!;
      priorCost += (s - state.priorScale[t]!) ** 2;
      if ((g + 1) % gridWidth !== 0) smooth += link[2 * o]! * (s - state.logDepth[o + 1]! + prior[o + 1]!) ** 2;
      if (g + gridWidth < G) smooth += link[2 * o + 1]! * (s - state.logDepth[o + gridWidth]! + prior[o + gridWidth]!) ** 2;
    }
  }
  let camera = 0;
  const rows = new Float64Array(SMOOTH_ROWS);
  for (let t = 0; t + 1 < frameCount; t++) {
    cameraSmooth(state.rotation, state.centre, t, Math.sqrt(weights.cameraRotation), Math.sqrt(weights.cameraTranslation), rows, null);
    for (const x of rows) camera += x * x;
  }
  return {
    'camera-movement': movement, prior: weights.prior * priorCost, smooth: weights.smooth * smooth, 'camera-smooth': camera,
    focal: problem.holdFocal ? 0 : weights.focal * (state.logFocal - Math.log(problem.focalGuessPx)) ** 2,
  };
}

export function totalCost(terms: Readonly<Record<TermName, number>>): number {
  return Object.values(terms).reduce((sum, x) => sum + x, 0);
}
