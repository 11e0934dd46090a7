import { describe, expect, it } from 'vitest';
import { buildFrameGraph, mostWiderPairs, widerPairs } from './frame-graph.ts';

describe('frame graph', () => {
  it('has every pair once, both ways, and every frame in a flow pair and a pointmap pair', () => {
    for (const T of [2, 3, 5, 9, 24, 48]) {
      const { edges } = buildFrameGraph(T);
      const keys = new Set(edges.map((e) => `${e.from}-${e.to}`));
      expect(keys.size).toBe(edges.length);
      for (const e of edges) {
        expect(keys.has(`${e.to}-${e.from}`)).toBe(true);
        expect(e.from).not.toBe(e.to);
      }
      for (let t = 0; t < T; t++) {
        expect(edges.some((e) => e.from === t && e.needsFlow)).toBe(true);
        expect(edges.some((e) => e.from === t && e.needsPointmap)).toBe(true);
      }
      for (let t = 0; t + 1 < T; t++) expect(edges.some((e) => e.from === t && e.to === t + 1 && e.needsFlow)).toBe(true);
    }
  });

  it('grows linearly with the clip', () => {
    const short = buildFrameGraph(50).edges.length;
    const long = buildFrameGraph(200).edges.length;
    expect(long / short).toBeLessThan(4.5);
  });

  it('widens for a slow camera as long as the picture moves little, without a pair twice', () => {
    const graph = buildFrameGraph(40);
    const offsets = (movementPx: (offset: number) => number | null) => [...new Set(Array.from(widerPairs(graph, 256, movementPx), ([from, to]) => to - from))];
    expect(offsets((d) => 0.1 * d)).toEqual([8, 16, 32]);
    expect(offsets((d) => d)).toEqual([8, 16]);
    expect(offsets((d) => 3 * d)).toEqual([]);
    expect(offsets((d) => (d < 8 ? 0 : null))).toEqual([8]);
    const known = graph.edges.filter((e) => e.needsFlow).map((e) => `${e.from}-${e.to}`);
    const wider = Array.from(widerPairs(graph, 256, () => 0), ([from, to]) => `${from}-${to}`);
    expect(wider.length).toBe(mostWiderPairs(graph));
    expect(new Set([...known, ...wider]).size).toBe(known.length + wider.length);
    expect(wider.length).toBeLessThan(40);
  });
});
