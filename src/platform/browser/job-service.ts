// What the job worker does: opens sources, owns the network worker, runs the pipeline.

import { transfer } from 'comlink';
import { predictPair } from '../../networks/pointmap.ts';
import type { followPoints } from '../../pipeline/follow-points.ts';
import type { JobPlan, planJob } from '../../pipeline/plan.ts';
import type { Platform } from '../../pipeline/platform.ts';
import type { OwnMasks, Predictions, reconstruct, ReconstructResult, solveAgain } from '../../pipeline/reconstruct.ts';
import type { flowBetween } from '../../pipeline/stages/flow.ts';
import { FoursightError, isCancelled } from '../../scene/errors.ts';
import type { FlowField, PairPrediction } from '../../scene/fields.ts';
import type { Frame } from '../../scene/frame.ts';
import { NEVER_CANCELLED, type CancelSignal, type StageProgress } from '../../scene/job.ts';
import { checkOptions, type Backend, type Options } from '../../scene/options.ts';
import type { TrackSet } from '../../scene/tracks.ts';
import { createEngine } from '../../solve/engine-factory.ts';
import type { FrameSource } from '../../video/frame-source.ts';
import { workingSize } from '../../video/sampling.ts';
import { connect, type Connection } from '../rpc.ts';
import { FramePainter } from './canvas.ts';
import { decode } from './image-source.ts';
import { RemoteRuntime, type NetworkService } from './network-service.ts';
import { makeThumbnails, openSource, type Thumbnail } from './open-source.ts';

export interface OpenedJob {
  readonly plan: JobPlan;
  readonly thumbnails: readonly Thumbnail[];
}

/** [frame, x, y] px of the source as shown; frames count from 0. */
export type Query = readonly [number, number, number];

export interface JobService {
  /** @param fps of a picture sequence. */
  open(files: readonly File[], fps?: number): Promise<OpenedJob>;
  plan(options: Partial<Options>): JobPlan;
  run(options: Partial<Options>, onProgress: (progress: StageProgress) => void, signal: CancelSignal, memoryBytes: () => Promise<number | null>): Promise<ReconstructResult>;
  /** The last run's clip solved again with other masks, from what its networks found. */
  solveAgain(own: OwnMasks, onProgress: (progress: StageProgress) => void, signal: CancelSignal, memoryBytes: () => Promise<number | null>): Promise<ReconstructResult>;
  flow(a: File, b: File, backend?: Backend): Promise<FlowField>;
  pointmap(a: File, b: File, backend?: Backend): Promise<PairPrediction>;
  /** Follows points through a clip. `quick`: without the flow between its frames, which takes most of the time. */
  track(files: readonly File[], queries: readonly Query[], backend?: Backend, quick?: boolean): Promise<TrackSet>;
  /** Follows a point through the last run's clip, along the flow that was found. @param query px of the working size. */
  trackAgain(query: Query): Promise<TrackSet>;
}

/** The pipeline, handed in by the worker: the platform knows its ports only. */
interface Pipeline {
  readonly planJob: typeof planJob;
  readonly reconstruct: typeof reconstruct;
  readonly solveAgain: typeof solveAgain;
  readonly flowBetween: typeof flowBetween;
  readonly followPoints: typeof followPoints;
}

export function createJobService(pipeline: Pipeline, startNetworkWorker: () => Worker): JobService {
  let source: FrameSource | null = null;
  let networks: Connection<NetworkService> | null = null;
  // Of the last run that came to its end.
  let found: Predictions | null = null;

  const opened = (): FrameSource => {
    if (!source) throw new FoursightError('internal', 'No clip is open.');
    return source;
  };
  const lastFound = () => {
    if (!found) throw new FoursightError('job/nothing-kept', 'What the networks found is no longer kept.', 'Run the clip again.');
    return found;
  };
  const runtime = (backend: Backend) => {
    // A crashed worker is replaced on the next run.
    if (!networks || networks.ended) networks = connect<NetworkService>(startNetworkWorker(), 'network');
    return new RemoteRuntime(networks.service, backend);
  };

  const platformFor = (from: FrameSource, backend: Backend, memoryBytes: () => Promise<number | null>): Platform => (
    { source: from, networks: runtime(backend), engine: createEngine, now: () => performance.now(), memoryBytes });

  return {
    async open(files, fps) {
      const next = await openSource(files, fps);
      try {
        const opening = { plan: pipeline.planJob(next, {}), thumbnails: await makeThumbnails(next) };
        // Only a clip that can be read replaces the one that is open.
        source?.dispose();
        source = next;
        return opening;
      } catch (error) {
        next.dispose();
        throw error;
      }
    },

    plan: (options) => pipeline.planJob(opened(), options),

    async run(given, onProgress, signal, memoryBytes) {
      const options = checkOptions(given);
      // Two clips' predictions at once would be too much memory.
      found = null;
      const result = await withStage((report) => pipeline.reconstruct(platformFor(opened(), options.backend, memoryBytes), options, signal, report, (kept) => { found = kept; }), onProgress);
      return handOver(result, found);
    },

    async solveAgain(own, onProgress, signal, memoryBytes) {
      const kept = lastFound();
      const result = await withStage((report) => pipeline.solveAgain(platformFor(opened(), kept.options.backend, memoryBytes), kept, own, signal, report), onProgress);
      return handOver(result, kept);
    },

    async flow(a, b, backend = 'auto') {
      const [first, second] = await readPair(a, b);
      return pipeline.flowBetween(await runtime(backend).load('flow'), first, second);
    },

    async pointmap(a, b, backend = 'auto') {
      const [first, second] = await readPair(a, b);
      return predictPair(await runtime(backend).load('pointmap'), first, second);
    },

    async track(files, queries, backend = 'auto', quick = false) {
      const clip = await openSource(files);
      try {
        const options = checkOptions({ backend });
        const { width, height } = workingSize(clip.info.width, clip.info.height, options.size);
        const local = scaleQueries(queries, clip, width, height);
        const frames = await clip.read(clip.frames, width, height, NEVER_CANCELLED, () => {});
        const platform = platformFor(clip, backend, async () => null);
        const tracks = await pipeline.followPoints(platform, frames, local, options, quick ? [] : undefined);
        return { ...tracks, uv: tracks.uv.map((px, i) => (i % 2 === 0 ? (px * clip.info.width) / width : (px * clip.info.height) / height)) };
      } finally {
        clip.dispose();
      }
    },

    async trackAgain(query) {
      const { clip, flows, options } = lastFound();
      return pipeline.followPoints(platformFor(opened(), options.backend, async () => null), clip.frames, Float32Array.from(query), options, flows);
    },
  };
}

/** Two pictures as frames 0 and 1 at the size of the first. */
async function readPair(a: File, b: File): Promise<[Frame, Frame]> {
  const [first, second] = [await decode(a), await decode(b)];
  if (first.width !== second.width || first.height !== second.height) {
    throw new FoursightError('decode/image-sizes', `"${a.name}" is ${first.width}×${first.height} and "${b.name}" is ${second.width}×${second.height}; both must have one size.`);
  }
  const painter = new FramePainter(first.width, first.height);
  const paint = (index: number, picture: ImageBitmap) => painter.paint(index, index, (context, w, h) => context.drawImage(picture, 0, 0, w, h));
  return [paint(0, first), paint(1, second)];
}

/** f32 [N·3] in px of the working size. */
function scaleQueries(queries: readonly Query[], { info, frames }: FrameSource, width: number, height: number): Float32Array {
  for (const [i, [frame, x, y]] of queries.entries()) {
    if (!Number.isInteger(frame) || frame < 0 || frame >= frames.length || !(x >= 0 && x <= info.width && y >= 0 && y <= info.height)) {
      throw new FoursightError('plan/bad-option',
        `Query ${i} is [${frame}, ${x}, ${y}]; the frame must lie between 0 and ${frames.length - 1}, x between 0 and ${info.width}, y between 0 and ${info.height}.`);
    }
  }
  return Float32Array.from(queries.flatMap(([frame, x, y]) => [frame, (x * width) / info.width, (y * height) / info.height]));
}

/** Errors say in which stage they happened. */
async function withStage(work: (report: (progress: StageProgress) => void) => Promise<ReconstructResult>, onProgress: (progress: StageProgress) => void): Promise<ReconstructResult> {
  let stage = '';
  try {
    return await work((progress) => {
      stage = progress.stage;
      onProgress(progress);
    });
  } catch (error) {
    throw isCancelled(error) ? error : Object.assign(error instanceof Error ? error : new Error(String(error)), { stage });
  }
}

/** The large arrays of a result change hands instead of being copied, but for those that the kept predictions share with it. */
function handOver(result: ReconstructResult, kept: Predictions | null): ReconstructResult {
  const { scene, flow, motionErrorPx } = result;
  const { tracks } = scene;
  const arrays = [scene.times, scene.rgb, scene.depth, scene.confidence, scene.mask, scene.maskNow,
    tracks.uv, tracks.visible, tracks.confidence, tracks.mobility, tracks.xyz, flow, motionErrorPx];
  const shared = new Set<ArrayBufferLike>(kept ? [kept.tracks.uv, kept.tracks.visible, kept.tracks.confidence, kept.tracks.mobility].map((array) => array.buffer) : []);
  return transfer(result, [...new Set(arrays.flatMap((array) => (array && !shared.has(array.buffer) ? [array.buffer as ArrayBuffer] : [])))]);
}
