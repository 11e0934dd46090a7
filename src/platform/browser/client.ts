// What the page and the command line use: one job worker behind plain calls.

import type { JobPlan } from '../../pipeline/plan.ts';
import type { OwnMasks, ReconstructResult } from '../../pipeline/reconstruct.ts';
import { FoursightError } from '../../scene/errors.ts';
import type { FlowField, PairPrediction } from '../../scene/fields.ts';
import type { StageProgress } from '../../scene/job.ts';
import type { Backend, Options } from '../../scene/options.ts';
import type { TrackSet } from '../../scene/tracks.ts';
import { connect, type Connection } from '../rpc.ts';
import type { JobService, OpenedJob, Query } from './job-service.ts';
import { watchMemory } from './memory.ts';

export type { OpenedJob, Query } from './job-service.ts';
export type { Thumbnail } from './open-source.ts';

/** Every call may throw a FoursightError; one that failed leaves the client usable, and an open clip stays open. */
export interface JobClient {
  /** One video, or the pictures of a sequence (12 a second unless `fps` says otherwise). */
  open(files: readonly File[], fps?: number): Promise<OpenedJob>;
  /** What a run of the open clip with these options would do. */
  plan(options: Partial<Options>): Promise<JobPlan>;
  /** Aborting stops the work within two seconds; the call then fails with job/cancelled. */
  run(options: Partial<Options>, onProgress?: (progress: StageProgress) => void, signal?: AbortSignal): Promise<ReconstructResult>;
  /** Solves the last run's clip again with other masks; the networks are not asked again. */
  solveAgain(own: OwnMasks, onProgress?: (progress: StageProgress) => void, signal?: AbortSignal): Promise<ReconstructResult>;
  /** Dense flow a → b, px, at the size of the pictures. */
  flow(a: File, b: File, backend?: Backend): Promise<FlowField>;
  /** Pointmaps of both pictures in the camera of a, at network size. */
  pointmap(a: File, b: File, backend?: Backend): Promise<PairPrediction>;
  /** Tracks through all frames; queries and answers in px of the source. `quick`: without the flow that puts them right. */
  track(files: readonly File[], queries: readonly Query[], backend?: Backend, quick?: boolean): Promise<TrackSet>;
  /** Tracks one point through the last run's clip; px of the working size. */
  trackAgain(query: Query): Promise<TrackSet>;
  dispose(): void;
}

/** A cancelled run that has not stopped by itself after this long is stopped with its worker. */
const CANCEL_PATIENCE_MS = 1500;

export function createJobClient(): JobClient {
  let connection: Connection<JobService> | null = null;
  let files: readonly File[] | null = null;
  let fps: number | undefined;

  const service = () => {
    if (!connection || connection.ended) {
      connection = connect<JobService>(new Worker(new URL('../../workers/job.worker.ts', import.meta.url), { type: 'module' }), 'job');
    }
    return connection.service;
  };
  /** The worker with the clip open in it, also after it had to be replaced. */
  const withClip = async () => {
    if (!files) throw new FoursightError('internal', 'No clip is open.');
    if (!connection || connection.ended) await service().open(files, fps);
    return service();
  };

  /** Work that may be cancelled, by force if need be, with the memory watched meanwhile. */
  const watched = async (signal: AbortSignal, work: (latestMemory: () => Promise<number | null>) => Promise<ReconstructResult>): Promise<ReconstructResult> => {
    const memory = watchMemory();
    let patience: ReturnType<typeof setTimeout> | undefined;
    const onAbort = () => {
      patience = setTimeout(() => connection?.close(new FoursightError('job/cancelled', 'The run was cancelled.')), CANCEL_PATIENCE_MS);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await work(memory.latest);
    } finally {
      clearTimeout(patience);
      signal.removeEventListener('abort', onAbort);
      memory.stop();
    }
  };

  return {
    async open(nextFiles, nextFps) {
      const opened = await service().open(nextFiles, nextFps);
      files = nextFiles;
      fps = nextFps;
      return opened;
    },
    plan: async (options) => (await withClip()).plan(options),
    async run(options, onProgress = () => {}, signal = new AbortController().signal) {
      const job = await withClip();
      return watched(signal, (memory) => job.run(options, onProgress, signal, memory));
    },
    async solveAgain(own, onProgress = () => {}, signal = new AbortController().signal) {
      const job = await withClip();
      return watched(signal, (memory) => job.solveAgain(own, onProgress, signal, memory));
    },
    flow: (a, b, backend) => service().flow(a, b, backend),
    pointmap: (a, b, backend) => service().pointmap(a, b, backend),
    track: (given, queries, backend, quick) => service().track(given, queries, backend, quick),
    trackAgain: async (query) => (await withClip()).trackAgain(query),
    dispose: () => connection?.close(),
  };
}
