// Long-term tracks put right by short-term flow: the two correspondences of C4D hold one another.
//
// Flow that the pictures had the last word on is exact to a fraction of a pixel where it can be followed; a tracker finds again what flow
// loses. Each point is followed away from its query, forward and backward, step by step along the flow, with a variance that grows on the way.
// Where flow does not return, the variance jumps, and the network's place is taken if that is surer. Flows over several frames that agree
// shorten the way, and with it the drift (multi-flow tracking: Neoral et al., MFT, WACV 2024; there the surest flow wins, but a wide
// flow that is sure of the wrong place is common with small networks, so here it must agree with the step by step way).

import { sampleAt, spotAt } from '../maths/sample.ts';
import type { FlowField } from '../scene/fields.ts';
import type { TrackSet } from '../scene/tracks.ts';
import { believedAt } from './compose-flow.ts';

/** px: what every step adds to what flow says of its error. */
const STEP_PX = 0.1;
/** px: what a step adds where flow does not return. */
const LOST_PX = 3;
/** px: error of the network's places, where it says it sees the point and is sure, and where it does not see it. */
const SEEN_PX = 4;
const HIDDEN_PX = 30;
/** The network is never less sure than this. */
const LEAST_CONFIDENCE = 0.05;
/** px: places nearer to one another than this say the same. */
const AGREE_PX = 1.5;

/** A place of a point, px, and the variance of that, px². */
interface Estimate {
  readonly x: number;
  readonly y: number;
  readonly variance: number;
}

/**
 * @param queries f32 [N·3]: frame, x, y px of each track's query.
 * @param flows those to neighbouring frames carry the points, wider ones shorten the way.
 * @returns tracks at the better places; visible also where flow never lost the point. Confidence and mobility stay as they are.
 */
export function refineTracks(tracks: TrackSet, queries: Float32Array, flows: readonly FlowField[]): TrackSet {
  const { frameCount } = tracks;
  const uv = tracks.uv.slice();
  const visible = tracks.visible.slice();
  const arrivals = Array.from({ length: frameCount }, (_, to) => flows.filter((f) => f.to === to));
  const write = (i: number, { x, y, variance }: Estimate) => {
    uv.set([x, y], 2 * i);
    if (variance < LOST_PX ** 2) visible[i] = 1;
  };
  for (let n = 0; n < tracks.count; n++) {
    const query = queries[3 * n]!;
    const asked = { x: queries[3 * n + 1]!, y: queries[3 * n + 2]!, variance: 0 };
    write(n * frameCount + query, asked);
    for (const direction of [1, -1] as const) {
      const way = new Map<number, Estimate>([[query, asked]]);
      for (let t = query + direction; t >= 0 && t < frameCount; t += direction) {
        const i = n * frameCount + t;
        const found = findPlace(networkSays(tracks, i), t - direction, way, arrivals[t]!);
        way.set(t, found);
        write(i, found);
      }
    }
  }
  return { ...tracks, uv, visible };
}

function networkSays({ uv, visible, confidence }: TrackSet, i: number): Estimate {
  return { x: uv[2 * i]!, y: uv[2 * i + 1]!, variance: (visible[i] ? SEEN_PX : HIDDEN_PX) ** 2 / Math.max(LEAST_CONFIDENCE, confidence[i]!) };
}

/** @param before the frame one step nearer to the query. @param way the frames so far. @param arrivals flows to the frame in question. */
function findPlace(network: Estimate, before: number, way: ReadonlyMap<number, Estimate>, arrivals: readonly FlowField[]): Estimate {
  const steps = [network];
  let base = network;
  for (const flow of arrivals) {
    const from = way.get(flow.from);
    if (!from) continue;
    const held = believedAt(flow, from.x, from.y);
    const isStep = flow.from === before;
    if (!held && !isStep) continue;
    const step = follow(flow, from, held);
    steps.push(step);
    if (isStep && step.variance <= network.variance) base = step;
  }
  return joinAgreeing(steps, base);
}

function follow({ width, height, uv, sigma }: FlowField, { x, y, variance }: Estimate, held: boolean): Estimate {
  const spot = spotAt(x, y, { width, height });
  return {
    x: x + sampleAt(uv, spot, width, 2, 0),
    y: y + sampleAt(uv, spot, width, 2, 1),
    variance: variance + sampleAt(sigma, spot, width) ** 2 + STEP_PX ** 2 + (held ? 0 : LOST_PX ** 2),
  };
}

/** Mean of what agrees with `base`, weighted by certainty; as sure as the surest, for errors that have a common cause do not average out. */
function joinAgreeing(all: readonly Estimate[], base: Estimate): Estimate {
  let [x, y, weights, variance] = [0, 0, 0, Infinity];
  for (const e of all) {
    if (Math.hypot(e.x - base.x, e.y - base.y) >= AGREE_PX) continue;
    const weight = 1 / e.variance;
    x += weight * e.x;
    y += weight * e.y;
    weights += weight;
    variance = Math.min(variance, e.variance);
  }
  return { x: x / weights, y: y / weights, variance };
}
