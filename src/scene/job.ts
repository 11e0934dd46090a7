import { FoursightError } from './errors.ts';

/** An AbortSignal fits; portable code never sees the DOM type. */
export interface CancelSignal {
  readonly aborted: boolean;
}

export function throwIfCancelled(signal: CancelSignal): void {
  if (signal.aborted) throw new FoursightError('job/cancelled', 'The run was cancelled.');
}

export const NEVER_CANCELLED: CancelSignal = { aborted: false };

/** Runs a generator that yields the share done to its end, reporting it and giving way to a cancel between its steps. */
export async function drain<R>(steps: Generator<number, R>, signal: CancelSignal, report: (share: number) => void): Promise<R> {
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
    report(value);
    await Promise.resolve();
    throwIfCancelled(signal);
  }
}

export type StageName = 'decode' | 'graph' | 'flow' | 'tracks' | 'pointmaps' | 'motion' | 'solve' | 'assemble';

/** Share of the whole run that each stage took on the development clips; makes one honest bar of many stages. */
export const STAGE_WEIGHTS: Readonly<Record<StageName, number>> = {
  decode: 0.03, graph: 0.01, flow: 0.32, tracks: 0.16, pointmaps: 0.22, motion: 0.04, solve: 0.2, assemble: 0.02,
};

export interface StageProgress {
  readonly stage: StageName;
  /** 0…1, never falls. */
  readonly fraction: number;
  /** What is being done, for people: "pair 12 of 92". */
  readonly note: string;
  /** Value of the objective while solving. */
  readonly objective?: number;
}

export interface JobWarning {
  readonly code: string;
  readonly message: string;
}

export interface StageReport {
  readonly stage: StageName;
  readonly secs: number;
}

export interface JobReport {
  readonly stages: readonly StageReport[];
  readonly warnings: readonly JobWarning[];
  /** Which device each network ran on: 'webgpu' or 'wasm', with the reason of a fallback. */
  readonly devices: Readonly<Record<string, string>>;
  readonly peakMemoryBytes: number | null;
}
