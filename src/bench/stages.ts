// Seconds and memory of each stage of the whole pipeline, with the embedded networks, on the sample clip.

import { createNodePlatform } from '../eval/node-platform.ts';
import { reconstruct } from '../pipeline/reconstruct.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { checkOptions, type Options } from '../scene/options.ts';
import type { FrameSource } from '../video/frame-source.ts';

export interface StageRow {
  readonly stage: string;
  readonly secs: number;
  /** Largest resident memory seen while the stage reported progress, bytes. */
  readonly peakBytes: number;
}

export async function benchStages(source: FrameSource, runtime: NetworkRuntime, options: Partial<Options>): Promise<StageRow[]> {
  const peaks = new Map<string, number>();
  const { report } = await reconstruct(createNodePlatform(source, runtime), checkOptions({ backend: 'wasm', ...options }), NEVER_CANCELLED, ({ stage }) => {
    peaks.set(stage, Math.max(peaks.get(stage) ?? 0, process.memoryUsage.rss()));
  });
  return report.stages.map(({ stage, secs }) => ({ stage, secs, peakBytes: peaks.get(stage) ?? 0 }));
}
