// The surroundings of the pipeline in Node: pictures from disk, networks on WASM.

import type { NetworkRuntime } from '../networks/runtime.ts';
import type { Platform } from '../pipeline/platform.ts';
import type { FrameSource } from '../video/frame-source.ts';

export function createNodePlatform(source: FrameSource, networks: NetworkRuntime): Platform {
  return {
    source, networks,
    engine: async (kind) => (await import('../solve/engine-factory.ts')).createEngine(kind),
    now: () => performance.now(),
    memoryBytes: async () => process.memoryUsage().rss,
  };
}
