// Scene cuts: frames between which nothing can be followed.

import type { FlowField } from '../scene/fields.ts';

/** A pair whose flow holds on less than this share of the pixels is dropped. */
export const MIN_CONSISTENT_SHARE = 0.5;
/** Below this share between neighbours, and far below what the clip shows elsewhere, the clip is cut there. */
const CUT_SHARE = 0.25;
const CUT_OF_MEDIAN = 0.4;

export function consistentShare(flow: FlowField): number {
  let sum = 0;
  for (const c of flow.consistent) sum += c;
  return sum / flow.consistent.length;
}

/** Frames that begin a new shot: between t − 1 and t hardly any flow vector returns, in both directions and with larger offsets too. */
export function findCuts(flows: readonly FlowField[], frameCount: number): number[] {
  const shares = new Map<string, number>();
  for (const flow of flows) shares.set(`${flow.from}-${flow.to}`, consistentShare(flow));
  const neighbours = [...shares].filter(([k]) => Math.abs(Number(k.split('-')[1]) - Number(k.split('-')[0])) === 1).map(([, s]) => s).sort((a, b) => a - b);
  const usual = neighbours[neighbours.length >> 1] ?? 1;
  const limit = Math.min(CUT_SHARE, CUT_OF_MEDIAN * usual);
  const cuts: number[] = [];
  for (let t = 1; t < frameCount; t++) {
    // A flash or a blurred frame spoils its own pairs, but pairs that jump over it still hold.
    const crossing = flows.filter((f) => Math.min(f.from, f.to) < t && Math.max(f.from, f.to) >= t && Math.abs(f.from - f.to) <= 2);
    const direct = crossing.filter((f) => Math.abs(f.from - f.to) === 1);
    if (direct.length > 0 && crossing.every((f) => shares.get(`${f.from}-${f.to}`)! < limit)) cuts.push(t);
  }
  return cuts;
}
