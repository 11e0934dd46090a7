import { heldAllTheWay } from '../../geometry/follow.ts';
import { refineFlow } from '../../geometry/refine-flow.ts';
import { median } from '../../maths/robust.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { Clip, Frame } from '../../scene/frame.ts';
import type { FrameGraph } from '../../scene/graph.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import { checkConsistency, predictFlow } from '../../networks/flow.ts';
import type { LoadedModel } from '../../networks/runtime.ts';
import { mostWiderPairs, widerPairs } from '../frame-graph.ts';
import type { Stage } from '../stage.ts';

/** So many pixels share one vote on how far the picture moves. */
const EVERY = 53;

/** Frame pairs → dense flow both ways, believed where it returns, and where the way between the two frames holds. */
export const flowStage: Stage<{ clip: Pick<Clip, 'frames'>; graph: FrameGraph }, FlowField[]> = {
  name: 'flow',
  async run({ clip, graph }, ctx) {
    const model = await ctx.platform.networks.load('flow');
    const { width, height } = clip.frames[0]!;
    const planned = graph.edges.filter((e) => e.needsFlow && e.from < e.to);
    // Clips that move faster are done sooner.
    const most = planned.length + mostWiderPairs(graph);
    const fields: FlowField[] = [];
    const match = async (pairs: readonly (readonly [number, number])[]) => {
      const ask = ([from, to]: readonly [number, number]) => {
        throwIfCancelled(ctx.signal);
        const a = clip.frames[from]!;
        const b = clip.frames[to]!;
        return Promise.all([flowBetween(model, a, b, ctx.options.size), flowBetween(model, b, a, ctx.options.size)]);
      };
      for await (const [forward, backward] of oneAhead(pairs, ask)) {
        fields.push(...checkConsistency(forward, backward));
        ctx.progress(fields.length / 2 / most, `frames ${forward.from + 1} and ${forward.to + 1}`);
      }
    };
    await match(planned.map(({ from, to }) => [from, to]));
    // Whether to look wider is asked of what was found so far.
    for (const pair of widerPairs(graph, Math.max(width, height), (offset) => movementPx(fields, offset))) await match([pair]);
    return heldAllTheWay(fields);
  },
};

/** Flow a → b: the network finds it, the pictures have the last word. For `goodSide` see `predictFlow`. */
export async function flowBetween(model: LoadedModel, a: Frame, b: Frame, goodSide?: number): Promise<FlowField> {
  const field = await predictFlow(model, a, b, goodSide);
  return model.exact ? field : refineFlow(a, b, field);
}

/** Answers in order, each after the next question is put: the network's worker goes on while this one puts flow right. */
async function* oneAhead<Question, Answer>(questions: readonly Question[], ask: (question: Question) => Promise<Answer>): AsyncGenerator<Answer> {
  let coming: Promise<Answer> | null = null;
  for (const question of questions) {
    const waited = coming;
    coming = ask(question);
    // Whoever stops before it is waited for hears of the first fault alone.
    coming.catch(() => {});
    if (waited) yield await waited;
  }
  if (coming) yield await coming;
}

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
