// What a flow leads to.

import type { FlowField } from '../scene/fields.ts';

/** Where the flow leads to no pixel, or does not return. */
export const NOWHERE = -1;

/** Samples a map [H·W] of the other frame along a flow: the value where each pixel goes; `nowhere` where that is unknown. */
export function followFlow(map: Float32Array, { width, height, uv, consistent }: FlowField, nowhere = NOWHERE): Float32Array {
  const out = new Float32Array(map.length).fill(nowhere);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!consistent[i]) continue;
      const tx = Math.round(x + uv[2 * i]!);
      const ty = Math.round(y + uv[2 * i + 1]!);
      if (tx >= 0 && ty >= 0 && tx < width && ty < height) out[i] = map[ty * width + tx]!;
    }
  }
  return out;
}

/** Flow from a frame to the given neighbour, if it was computed. */
export type FlowTo = (from: number, to: number) => FlowField | undefined;

export function flowsByPair(flows: readonly FlowField[]): FlowTo {
  const table = new Map(flows.map((f) => [`${f.from}-${f.to}`, f]));
  return (from, to) => table.get(`${from}-${to}`);
}

/**
 * Takes maps [H·W] along the flow through the clip: what was carried to a frame's neighbour is joined with the frame's own and goes on.
 * @param step 1 = from the first frame on, -1 = from the last one back
 * @param join own value and carried one of a pixel → value; own values stand where no flow leads
 */
export function carryAlong(maps: readonly Float32Array[], flowTo: FlowTo, step: 1 | -1, join: (own: number, carried: number) => number): Float32Array[] {
  const out: Float32Array[] = [];
  const order = [...maps.keys()];
  for (const t of step === 1 ? order : order.reverse()) {
    const flow = flowTo(t, t - step);
    const before = out[t - step];
    const carried = flow && before ? followFlow(before, flow, NaN) : undefined;
    out[t] = carried ? maps[t]!.map((own, i) => (Number.isNaN(carried[i]!) ? own : join(own, carried[i]!))) : maps[t]!;
  }
  return out;
}

/**
 * Weighted means along the flow, both ways: the frame's own values, and its neighbours' with so much weight as is kept from frame to frame.
 * @returns f32 [H·W] per frame; NaN where nothing has weight
 */
export function meanAlong(maps: readonly Float32Array[], weights: readonly Float32Array[], flowTo: FlowTo, kept: number): Float32Array[] {
  const add = (own: number, carried: number) => own + kept * carried;
  const sumAlong = (each: readonly Float32Array[]) => {
    const forward = carryAlong(each, flowTo, 1, add);
    const backward = carryAlong(each, flowTo, -1, add);
    return each.map((map, t) => map.map((own, i) => forward[t]![i]! + backward[t]![i]! - own));
  };
  const sum = sumAlong(maps.map((map, t) => map.map((value, i) => value * weights[t]![i]!)));
  const weight = sumAlong(weights);
  return sum.map((map, t) => map.map((s, i) => s / weight[t]![i]!));
}
