import { composeFlow, wayBetween } from '../../geometry/compose-flow.ts';
import { refineFlow } from '../../geometry/refine-flow.ts';
import { median } from '../../maths/robust.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { Clip, Frame } from '../../scene/frame.ts';
import type { FrameGraph } from '../../scene/graph.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import { checkConsistency, predictFlow } from '../../networks/flow.ts';
import { LEARNT_SIDE } from '../../networks/image.ts';
import type { LoadedModel } from '../../networks/runtime.ts';
import { mostWiderPairs, widerPairs } from '../frame-graph.ts';
import type { Stage } from '../stage.ts';

/** Flow over more than one frame is joined from shorter ones; that takes this share of the time in which the network finds one. */
const JOINED_SHARE = 0.5;
/** So many pixels share one vote on how far the picture moves. */
const EVERY = 53;

type Pair = readonly [from: number, to: number];

/**
 * Frame pairs → dense flow both ways, believed where it returns. The network is asked for neighbouring frames, where small networks are good,
 * and sees them small, lest a plain road take the motion of the car upon it; farther ones are reached step by step.
 * The pictures at working size put right what is coarse, and what adds up on the way.
 */
export const flowStage: Stage<{ clip: Pick<Clip, 'frames'>; graph: FrameGraph }, FlowField[]> = {
  name: 'flow',
  async run({ clip: { frames }, graph }, ctx) {
    const model = await ctx.platform.networks.load('flow');
    const { width, height } = frames[0]!;
    const found = new Map<string, FlowField>();
    const flowTo = (from: number, to: number) => found.get(`${from}-${to}`);
    const nearestFirst = graph.edges.filter((e) => e.needsFlow && e.from < e.to).map(({ from, to }): Pair => [from, to]).sort((a, b) => span(a) - span(b));
    const isAsked = (pair: Pair) => span(pair) === 1 || model.exact;
    const cost = (pair: Pair) => (isAsked(pair) ? 1 : JOINED_SHARE);
    // Clips that move faster are done sooner.
    const most = nearestFirst.reduce((sum, pair) => sum + cost(pair), 0) + JOINED_SHARE * mostWiderPairs(graph);
    let done = 0;
    const keep = (both: readonly [FlowField, FlowField]) => {
      const { from, to } = both[0];
      for (const flow of both) found.set(`${flow.from}-${flow.to}`, flow);
      done += cost([from, to]);
      ctx.progress(done / most, `frames ${from + 1} and ${to + 1}`);
    };
    const ask = async ([from, to]: Pair) => {
      throwIfCancelled(ctx.signal);
      const [a, b] = [frames[from]!, frames[to]!];
      const [forward, backward] = await Promise.all([flowBetween(model, a, b, LEARNT_SIDE), flowBetween(model, b, a, LEARNT_SIDE)]);
      return checkConsistency(forward, backward);
    };
    const join = (pair: Pair) => {
      throwIfCancelled(ctx.signal);
      const along = (from: number, to: number) => refineFlow(frames[from]!, frames[to]!, composeFlow(wayBetween(from, to, flowTo)));
      return checkConsistency(along(pair[0], pair[1]), along(pair[1], pair[0]));
    };
    for await (const both of oneAhead(nearestFirst.filter(isAsked), ask)) keep(both);
    for (const pair of nearestFirst) if (!isAsked(pair)) keep(join(pair));
    // Whether to look wider is asked of what was found so far.
    for (const pair of widerPairs(graph, Math.max(width, height), (offset) => movementPx([...found.values()], offset))) keep(isAsked(pair) ? await ask(pair) : join(pair));
    return [...found.values()];
  },
};

const span = ([from, to]: Pair): number => to - from;

/** Flow a → b: the network finds it, the pictures have the last word; exact ones have nobody to put right what is coarse. For `longest` see `predictFlow`. */
export async function flowBetween(model: LoadedModel, a: Frame, b: Frame, longest?: number): Promise<FlowField> {
  return model.exact ? predictFlow(model, a, b) : refineFlow(a, b, await predictFlow(model, a, b, longest));
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
