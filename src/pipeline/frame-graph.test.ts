import { describe, expect, it } from 'vitest';
import { buildFrameGraph } from './frame-graph.ts';

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
});
