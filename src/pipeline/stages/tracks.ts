import type { Clip } from '../../scene/frame.ts';
import type { TrackSet } from '../../scene/tracks.ts';
import { chooseQueries, trackClip } from '../../networks/track.ts';
import type { Stage } from '../stage.ts';

/** Frames → long-term tracks with visibility, confidence and mobility. */
export const tracksStage: Stage<Clip, TrackSet> = {
  name: 'tracks',
  async run(clip, ctx) {
    const model = await ctx.platform.networks.load('track');
    const queries = chooseQueries(clip.frames, ctx.options.tracks);
    return trackClip(model, clip.frames, queries, ctx.signal, (fraction, note) => ctx.progress(fraction, note));
  },
};
