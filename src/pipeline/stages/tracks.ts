import { refineTracks } from '../../geometry/refine-tracks.ts';
import { chooseQueries, trackClip } from '../../networks/track.ts';
import type { FlowField } from '../../scene/fields.ts';
import type { Clip, Frame } from '../../scene/frame.ts';
import type { TrackSet } from '../../scene/tracks.ts';
import type { Stage, StageContext } from '../stage.ts';

/** Frames and the flow between them → long-term tracks with visibility, confidence and mobility. */
export const tracksStage: Stage<{ clip: Clip; flows: readonly FlowField[] }, TrackSet> = {
  name: 'tracks',
  run: ({ clip, flows }, ctx) => trackPoints(clip.frames, flows, chooseQueries(clip.frames, ctx.options.tracks), ctx),
};

/**
 * The network finds the tracks, flow puts them right.
 * @param queries f32 [N·3]: frame, x, y px.
 */
export async function trackPoints(frames: readonly Frame[], flows: readonly FlowField[], queries: Float32Array, ctx: StageContext): Promise<TrackSet> {
  const model = await ctx.platform.networks.load('track');
  const tracks = await trackClip(model, frames, queries, ctx.signal, (fraction, note) => ctx.progress(fraction, note));
  return model.exact ? tracks : refineTracks(tracks, queries, flows);
}
