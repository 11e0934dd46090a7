import { NEVER_CANCELLED, type CancelSignal, type JobWarning, type StageName, type StageProgress } from '../scene/job.ts';
import type { Options } from '../scene/options.ts';
import { createRng, type Rng } from '../scene/rng.ts';
import type { Platform } from './platform.ts';

export interface StageContext {
  readonly options: Options;
  readonly signal: CancelSignal;
  readonly rng: Rng;
  readonly platform: Platform;
  progress(fraction: number, note: string, objective?: number): void;
  warn(warning: JobWarning): void;
}

/** One step of the story: pure in its input and the context. */
export interface Stage<I, O> {
  readonly name: StageName;
  run(input: I, ctx: StageContext): Promise<O>;
}

/** Context for running single stages outside of a job. */
export function createContext(platform: Platform, options: Options, warnings: JobWarning[] = []): StageContext {
  return { options, platform, signal: NEVER_CANCELLED, rng: createRng(options.seed), progress: () => {}, warn: (w) => warnings.push(w) };
}

export type ReportProgress = (progress: StageProgress) => void;
