import type { CancelSignal } from '../scene/job.ts';
import type { Problem, State } from './problem.ts';
import type { SolveSummary } from './summary.ts';

export type SolveProgress = (fraction: number, note: string, objective: number) => void;

/** Minimises the objective of the dynamic-scene problem from a start state. */
export interface Engine {
  readonly name: 'gauss-newton' | 'tfjs';
  minimise(problem: Problem, start: State, progress: SolveProgress, signal: CancelSignal): Promise<{ state: State; summary: SolveSummary }>;
  dispose(): void;
}
