import { heldAllTheWay } from '../../geometry/follow.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { Clip } from '../../scene/frame.ts';
import type { FrameGraph } from '../../scene/graph.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import { checkConsistency, predictFlow } from '../../networks/flow.ts';
import type { Stage } from '../stage.ts';

/** Frame pairs → dense flow both ways, believed where it returns, and where the way between the two frames holds. */
export const flowStage: Stage<{ clip: Clip; graph: FrameGraph }, FlowField[]> = {
  name: 'flow',
  async run({ clip, graph }, ctx) {
    const model = await ctx.platform.networks.load('flow');
    const { size } = ctx.options;
    const pairs = graph.edges.filter((e) => e.needsFlow && e.from < e.to);
    const fields: FlowField[] = [];
    for (const [done, { from, to }] of pairs.entries()) {
      throwIfCancelled(ctx.signal);
      const a = clip.frames[from]!;
      const b = clip.frames[to]!;
      fields.push(...checkConsistency(await predictFlow(model, a, b, size), await predictFlow(model, b, a, size)));
      ctx.progress((done + 1) / pairs.length, `pair ${done + 1} of ${pairs.length}`);
    }
    return heldAllTheWay(fields);
  },
};
