import type { PairPrediction } from '../../scene/fields.ts';
import type { Clip } from '../../scene/frame.ts';
import type { FrameGraph } from '../../scene/graph.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import { predictPair } from '../../networks/pointmap.ts';
import type { Stage } from '../stage.ts';

/** Frame pairs → pairwise pointmaps. */
export const pointmapStage: Stage<{ clip: Clip; graph: FrameGraph }, PairPrediction[]> = {
  name: 'pointmaps',
  async run({ clip, graph }, ctx) {
    const model = await ctx.platform.networks.load('pointmap');
    const edges = graph.edges.filter((e) => e.needsPointmap);
    const pairs: PairPrediction[] = [];
    for (const { from, to } of edges) {
      throwIfCancelled(ctx.signal);
      pairs.push(await predictPair(model, clip.frames[from]!, clip.frames[to]!));
      ctx.progress(pairs.length / edges.length, `pair ${pairs.length} of ${edges.length}`);
    }
    return pairs;
  },
};
