// Points that somebody asks for, followed through a clip outside of a run.

import type { FlowField } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { OPTION_RANGES, type Options } from '../scene/options.ts';
import type { TrackSet } from '../scene/tracks.ts';
import { buildFrameGraph } from './frame-graph.ts';
import type { Platform } from './platform.ts';
import { createContext } from './stage.ts';
import { flowStage } from './stages/flow.ts';
import { trackPoints } from './stages/tracks.ts';

/**
 * @param queries f32 [N·3]: frame, x, y px.
 * @param known flows between the frames, of a run or none at all, which is quick; where it is left out they are found first, as in a run,
 * unless there are more frames than a run may have: there would be no memory for them.
 */
export async function followPoints(platform: Platform, frames: readonly Frame[], queries: Float32Array, options: Options, known?: readonly FlowField[]): Promise<TrackSet> {
  const ctx = createContext(platform, options);
  const tooLong = frames.length > OPTION_RANGES.maxFrames.max;
  const flows = known ?? (tooLong ? [] : await flowStage.run({ clip: { frames }, graph: buildFrameGraph(frames.length) }, ctx));
  return trackPoints(frames, flows, queries, ctx);
}
