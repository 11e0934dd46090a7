import type { Clip } from '../../scene/frame.ts';
import type { JobPlan } from '../plan.ts';
import type { Stage } from '../stage.ts';

/** Plan → the working frames, upright and at working size. */
export const decodeStage: Stage<JobPlan, Clip> = {
  name: 'decode',
  async run(plan, ctx) {
    const { source } = ctx.platform;
    const read = await source.read(plan.chosen, plan.width, plan.height, ctx.signal, (done) =>
      ctx.progress(done / plan.chosen.length, `frame ${done} of ${plan.chosen.length}`));
    // Frames are numbered by their place in the clip from here on; the place in the source is kept beside it.
    const frames = read.map((frame, index) => ({ ...frame, index }));
    return { sha256: source.sha256, source: source.info, sourceIndices: read.map((f) => f.index), frames };
  },
};
