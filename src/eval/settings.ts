import type { NetworkRuntime } from '../networks/runtime.ts';
import type { Cell } from './report.ts';

/** What every suite needs. */
export interface EvalSettings {
  /** Folder of the development data, or null where there is none: then only the sample clip is measured. */
  readonly data: string | null;
  /** Truth of the sample clip. */
  readonly sample: string;
  readonly runtime: NetworkRuntime;
  /** 'truth': the whole pipeline on networks that return the truth, where a clip has enough of it. */
  readonly networks: 'shipped' | 'truth';
  /** Frames per clip at most, and longer side of the working frames, px. */
  readonly frames: number;
  readonly size: number;
  /** Only clips whose name contains this. */
  readonly only: string;
  /** Where a suite writes what it makes. */
  readonly out: string | null;
  readonly log: (line: string) => void;
}

/** A suite's figures: what is printed and what `--json` keeps. */
export interface SuiteResult {
  readonly title: string;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly note?: string;
}
