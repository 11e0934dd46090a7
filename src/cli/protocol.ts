import type { StageProgress } from '../scene/job.ts';
import type { Options } from '../scene/options.ts';
import type { TrustSummary } from '../scene/scene.ts';

/** What the command line asks of the headless page. */
export interface PageRequest {
  readonly command: 'reconstruct' | 'flow' | 'track' | 'pointmap';
  /** Addresses of the input files, in order. */
  readonly inputs: readonly { readonly name: string; readonly url: string }[];
  /** Address that takes the result's bytes, piece after piece. */
  readonly output: string;
  readonly options: Options;
  /** [frame, x, y] at source size; only for track. */
  readonly queries: readonly (readonly [number, number, number])[];
}

/** Small facts about a run; the result itself goes to the output address. */
export interface RunFacts {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Seconds per stage. */
  readonly timings: Readonly<Record<string, number>>;
  readonly summary: TrustSummary | null;
  readonly devices: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export type PageReply =
  | { readonly ok: true; readonly facts: RunFacts }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly hint: string };

declare global {
  interface Window {
    /** Set by page.ts. */
    foursightRun(request: PageRequest): Promise<PageReply>;
    /** Set by the command line. */
    foursightProgress(progress: StageProgress): void;
  }
}
