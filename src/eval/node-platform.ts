// The surroundings of the pipeline in Node: pictures from disk, networks on WASM.

import type { NetworkRuntime } from '../networks/runtime.ts';
import type { Platform } from '../pipeline/platform.ts';
import type { StageContext } from '../pipeline/stage.ts';
import { NEVER_CANCELLED, type JobWarning } from '../scene/job.ts';
import type { Options } from '../scene/options.ts';
import { createRng } from '../scene/rng.ts';
import type { FrameSource } from '../video/frame-source.ts';

export function createNodePlatform(source: FrameSource, networks: NetworkRuntime): Platform {
  return {
    source, networks,
    engine: async (kind) => (await import('../solve/engine-factory.ts')).createEngine(kind),
    now: () => performance.now(),
    memoryBytes: async () => process.memoryUsage().rss,
  };
}

/** Context for running single stages outside of a job. */
export function createContext(platform: Platform, options: Options, warnings: JobWarning[]): StageContext {
  return { options, platform, signal: NEVER_CANCELLED, rng: createRng(options.seed), progress: () => {}, warn: (w) => warnings.push(w) };
}
