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
 * @returns frame and joined map, one after the other, so that a long clip need not hold them all
 */
export function* carryAlong(maps: readonly Float32Array[], flowTo: FlowTo, step: 1 | -1, join: (own: number, carried: number) => number): Generator<readonly [number, Float32Array]> {
  const order = [...maps.keys()];
  let before: Float32Array | null = null;
  for (const t of step === 1 ? order : order.reverse()) {
    const flow = flowTo(t, t - step);
    const carried: Float32Array | null = flow && before ? followFlow(before, flow, NaN) : null;
    before = carried ? maps[t]!.map((own, i) => (Number.isNaN(carried[i]!) ? own : join(own, carried[i]!))) : maps[t]!;
    yield [t, before];
  }
}

/** Both ways along the flow, joined pixel by pixel: own value, what came from before, what came from after → value. */
export function carryBothWays(maps: readonly Float32Array[], flowTo: FlowTo, join: (own: number, carried: number) => number, meet: (own: number, before: number, after: number) => number): Float32Array[] {
  const out = Array.from(carryAlong(maps, flowTo, 1, join), ([, map]) => map);
  for (const [t, after] of carryAlong(maps, flowTo, -1, join)) out[t] = out[t]!.map((before, i) => meet(maps[t]![i]!, before, after[i]!));
  return out;
}

/**
 * Weighted means along the flow, both ways: the frame's own values, and its neighbours' with so much weight as is kept from frame to frame.
 * @returns f32 [H·W] per frame; NaN where nothing has weight
 */
export function meanAlong(maps: readonly Float32Array[], weights: readonly Float32Array[], flowTo: FlowTo, kept: number): Float32Array[] {
  const sumAlong = (each: readonly Float32Array[]) => carryBothWays(each, flowTo, (own, carried) => own + kept * carried, (own, before, after) => before + after - own);
  const sum = sumAlong(maps.map((map, t) => map.map((value, i) => value * weights[t]![i]!)));
  const weight = sumAlong(weights);
  return sum.map((map, t) => map.map((s, i) => s / weight[t]![i]!));
}
