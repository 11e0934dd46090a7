import { LEARNT_SIDE } from '../networks/image.ts';
import { FoursightError } from '../scene/errors.ts';
import type { SourceInfo } from '../scene/frame.ts';
import { checkOptions, type Options } from '../scene/options.ts';
import { chooseFrames, workingSize } from '../video/sampling.ts';
import type { FrameSource, FrameTime } from '../video/frame-source.ts';
import { buildFrameGraph, mostWiderPairs } from './frame-graph.ts';

export interface PlanProblem {
  readonly code: string;
  readonly message: string;
}

/** What a run would do, said before any work begins. */
export interface JobPlan {
  readonly source: SourceInfo;
  readonly sourceFrameCount: number;
  readonly meanFps: number;
  readonly variableRate: boolean;
  readonly options: Options;
  readonly chosen: readonly FrameTime[];
  /** Working size, px. */
  readonly width: number;
  readonly height: number;
  readonly estimateSecs: number;
  readonly estimateBytes: number;
  readonly problems: readonly PlanProblem[];
}

/** Seconds per megapixel, of network input or of working size, on two WASM threads; measured by `npm run bench`, flow's variational step by `reconstruct`; only used for the estimate. */
const FLOW_SECS_PER_MEGAPIXEL = 2.7;
const REFINE_SECS_PER_MEGAPIXEL = 1.8;
const POINTMAP_SECS_PER_MEGAPIXEL = 4;
const TRACK_SECS_PER_MEGAPIXEL = 2;
const SOLVE_SECS_PER_MEGAPIXEL = 10;
/** Flow (8+4+1 bytes per pixel and edge) dominates; the rest of the program takes about this much. */
const FLOW_BYTES_PER_PIXEL = 13;
const BASE_BYTES = 500e6;

export function planJob(source: FrameSource, given: Partial<Options>): JobPlan {
  const options = checkOptions(given);
  const chosen = chooseFrames(source.frames, options);
  if (chosen.length < 2) {
    throw new FoursightError('decode/too-few-frames',
      `Only ${chosen.length === 1 ? 'one frame lies' : 'no frames lie'} in the chosen part of "${source.info.name}"; a 4D scene needs at least two. Choose a longer part or another clip.`);
  }
  const { width, height } = workingSize(source.info.width, source.info.height, options.size);
  const graph = buildFrameGraph(chosen.length);
  const megapixels = (width * height) / 1e6;
  const flows = graph.edges.filter((e) => e.needsFlow).length;
  const steps = 2 * (chosen.length - 1);
  const pairs = graph.edges.filter((e) => e.needsPointmap).length;
  const seen = megapixels * Math.min(1, LEARNT_SIDE / Math.max(width, height)) ** 2;
  const estimateSecs = 3 + seen * (steps * FLOW_SECS_PER_MEGAPIXEL + pairs * POINTMAP_SECS_PER_MEGAPIXEL + 2 * chosen.length * TRACK_SECS_PER_MEGAPIXEL)
    + megapixels * (flows * REFINE_SECS_PER_MEGAPIXEL + chosen.length * SOLVE_SECS_PER_MEGAPIXEL);
  const gaps = source.frames.slice(1).map((f, i) => f.timeSecs - source.frames[i]!.timeSecs);
  const meanGap = gaps.reduce((a, b) => a + b, 0) / Math.max(1, gaps.length);
  // Whether a clip is slow enough for wider pairs shows only later: memory must suffice for them, the time is the usual one.
  return {
    source: source.info, sourceFrameCount: source.frames.length,
    meanFps: meanGap > 0 ? 1 / meanGap : 0,
    variableRate: gaps.some((g) => Math.abs(g - meanGap) > 0.25 * meanGap),
    options, chosen, width, height, estimateSecs,
    estimateBytes: BASE_BYTES + megapixels * 1e6 * ((flows + 2 * mostWiderPairs(graph)) * FLOW_BYTES_PER_PIXEL + chosen.length * 40),
    problems: [...(source.warnings ?? []), ...findProblems(source, chosen, options)],
  };
}

function findProblems(source: FrameSource, chosen: readonly FrameTime[], options: Options): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const span = chosen.at(-1)!.timeSecs - chosen[0]!.timeSecs;
  const gap = span / (chosen.length - 1);
  if (gap > 0.5) {
    problems.push({ code: 'plan/sparse', message: `Frames would lie ${gap.toFixed(1)} s apart, too far for motion to be followed. Trim to about ${Math.max(2, Math.round(options.maxFrames * 0.15))} s.` });
  }
  if (chosen.length < 6) problems.push({ code: 'plan/few-frames', message: `Only ${chosen.length} frames: depth and tracks will be rough.` });
  const aspect = source.info.width / source.info.height;
  if (aspect > 4 || aspect < 0.25) problems.push({ code: 'plan/aspect', message: 'The picture is very long and narrow; results may be poor.' });
  return problems;
}
