import { heldAllTheWay } from '../../geometry/follow.ts';
import { median } from '../../maths/robust.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { Clip } from '../../scene/frame.ts';
import type { FrameGraph } from '../../scene/graph.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import { checkConsistency, predictFlow } from '../../networks/flow.ts';
import { mostWiderPairs, widerPairs } from '../frame-graph.ts';
import type { Stage } from '../stage.ts';

/** So many pixels share one vote on how far the picture moves. */
const EVERY = 53;

/** Frame pairs → dense flow both ways, believed where it returns, and where the way between the two frames holds. */
export const flowStage: Stage<{ clip: Clip; graph: FrameGraph }, FlowField[]> = {
  name: 'flow',
  async run({ clip, graph }, ctx) {
    const model = await ctx.platform.networks.load('flow');
    const { width, height } = clip.frames[0]!;
    const planned = graph.edges.filter((e) => e.needsFlow && e.from < e.to);
    // Clips that move faster are done sooner.
    const most = planned.length + mostWiderPairs(graph);
    const fields: FlowField[] = [];
    const match = async (from: number, to: number) => {
      throwIfCancelled(ctx.signal);
      const a = clip.frames[from]!;
      const b = clip.frames[to]!;
      fields.push(...checkConsistency(await predictFlow(model, a, b, ctx.options.size), await predictFlow(model, b, a, ctx.options.size)));
      ctx.progress(fields.length / 2 / most, `frames ${from + 1} and ${to + 1}`);
    };
    for (const { from, to } of planned) await match(from, to);
    for (const [from, to] of widerPairs(graph, Math.max(width, height), (offset) => movementPx(fields, offset))) await match(from, to);
    return heldAllTheWay(fields);
  },
};

/** px: median movement of the picture over so many frames; null where less than half of it is found again. */
function movementPx(fields: readonly FlowField[], offset: number): number | null {
  const lengths: number[] = [];
  let asked = 0;
  for (const { from, to, uv, consistent } of fields) {
    if (to - from !== offset) continue;
    for (let i = 0; i < consistent.length; i += EVERY) {
      asked++;
      if (consistent[i]) lengths.push(Math.hypot(uv[2 * i]!, uv[2 * i + 1]!));
    }
  }
  return lengths.length < asked / 2 || asked === 0 ? null : median(lengths);
}
