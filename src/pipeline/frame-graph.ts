import type { Edge, FrameGraph } from '../scene/graph.ts';

/** Flow is found over these offsets, forward and backward, 4 for parallax of slow cameras. */
const FLOW_OFFSETS = [1, 2, 4];
/** Where the picture moves less over the widest offset so far than this share of its longer side, twice the offset is tried too. */
const SLOW_SHARE = 0.04;
/** Pointmaps need a baseline, and a few per frame are enough to fuse a prior. */
const POINTMAP_OFFSETS = [1, 4];

/**
 * Directed pairs (t, t ± d) with log-spaced offsets d (method.md 1), plus sparse links between key frames that hold drift.
 * The number of edges is linear in the frame count.
 */
export function buildFrameGraph(frameCount: number): FrameGraph {
  const edges = new Map<string, Edge>();
  const link = (from: number, to: number, kind: Edge['kind'], needsPointmap: boolean, needsFlow: boolean) => {
    const key = `${from}-${to}`;
    const known = edges.get(key);
    edges.set(key, { from, to, kind: known?.kind ?? kind, needsPointmap: needsPointmap || !!known?.needsPointmap, needsFlow: needsFlow || !!known?.needsFlow });
  };
  const both = (a: number, b: number, kind: Edge['kind'], needsPointmap: boolean, needsFlow: boolean) => {
    link(a, b, kind, needsPointmap, needsFlow);
    link(b, a, kind, needsPointmap, needsFlow);
  };
  for (let t = 0; t < frameCount; t++) {
    for (const d of FLOW_OFFSETS) {
      // Offset 4 from every second frame only: half the cost, and every frame is still at one end of such a pair.
      if (t + d < frameCount && (d < 4 || t % 2 === 0)) both(t, t + d, d <= 2 ? 'near' : 'stride', false, true);
    }
    for (const d of POINTMAP_OFFSETS) if (t + d < frameCount) both(t, t + d, d <= 2 ? 'near' : 'stride', true, false);
  }
  // A clip shorter than the offset still needs one prior per frame.
  const stride = 8;
  for (let t = 0; t + stride < frameCount; t += stride) both(t, t + stride, 'long', false, true);
  return { frameCount, edges: [...edges.values()].sort((a, b) => a.from - b.from || a.to - b.to) };
}

/**
 * Wider pairs for a camera that takes its time: parallax that is lost in the noise of flow over four frames shows over sixteen. Offsets double,
 * and pairs get fewer as they get wider, so that the number of edges stays linear.
 * @param movementPx px: how far the picture moves over an offset, null where flow fails
 * @returns pairs [from, to], from < to, that are not in the graph
 */
export function* widerPairs({ frameCount, edges }: FrameGraph, longerSide: number, movementPx: (offset: number) => number | null): Generator<readonly [number, number]> {
  for (let offset = 2 * Math.max(...FLOW_OFFSETS); offset < frameCount; offset *= 2) {
    const moved = movementPx(offset / 2);
    if (moved === null || moved > SLOW_SHARE * longerSide) return;
    for (let t = 0; t + offset < frameCount; t += offset / 2) if (!edges.some((e) => e.needsFlow && e.from === t && e.to === t + offset)) yield [t, t + offset];
  }
}

/** How many pairs a clip gets that hardly moves. */
export const mostWiderPairs = (graph: FrameGraph): number => [...widerPairs(graph, 1, () => 0)].length;
