// What the panels share: the state, the clock, the viewer and everything that can be done.

import type { JobPlan } from '../pipeline/plan.ts';
import type { OpenedJob } from '../platform/browser/client.ts';
import type { JobReport, StageName, StageProgress } from '../scene/job.ts';
import { DEFAULT_OPTIONS, type Options } from '../scene/options.ts';
import type { Scene } from '../scene/scene.ts';
import type { Clock } from '../viewer/clock.ts';
import { DEFAULT_LOOK, type Look } from '../viewer/look.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { Store } from './store.ts';

export interface OpenScene {
  readonly scene: Scene;
  /** f32 [T-1]·[H·W·2] px; only known right after a run. */
  readonly flow: Float32Array | null;
  readonly report: JobReport | null;
}

export interface RunState {
  readonly startedMs: number;
  readonly options: Options;
  readonly stages: Readonly<Partial<Record<StageName, StageProgress>>>;
  readonly objective: readonly number[];
  readonly cancelling: boolean;
}

export interface Problem {
  readonly message: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

export type Overlay = 'none' | 'depth' | 'mask' | 'confidence' | 'flow';

export interface AppState {
  /** What lies over the scene: nothing, a file being read, the plan, a run. */
  readonly phase: 'idle' | 'opening' | 'plan' | 'running';
  readonly opening: string;
  readonly open: OpenScene | null;
  readonly saved: boolean;
  readonly job: OpenedJob | null;
  readonly plan: JobPlan | null;
  readonly planProblem: string;
  readonly options: Options;
  readonly run: RunState | null;
  readonly look: Look;
  readonly selected: readonly number[];
  readonly hovered: number | null;
  readonly through: boolean;
  readonly overlay: Overlay;
  readonly overlayOpacity: number;
  readonly videoTracks: boolean;
  /** The panel on show beside the view. */
  readonly tab: 'look' | 'tracks' | 'about';
  readonly panels: boolean;
  /** Grows when the viewer shows more than before. */
  readonly drawn: number;
}

export const START: AppState = {
  phase: 'idle', opening: '', open: null, saved: true, job: null, plan: null, planProblem: '', options: DEFAULT_OPTIONS, run: null,
  look: DEFAULT_LOOK, selected: [], hovered: null, through: false, overlay: 'none', overlayOpacity: 0.7, videoTracks: true, tab: 'look', panels: true, drawn: 0,
};

/** From files to a scene; jobs.ts does it. */
export interface Jobs {
  open(files: readonly File[]): Promise<boolean>;
  setOptions(change: Partial<Options>): void;
  start(): Promise<void>;
  /** Stops the run and goes back to its plan. */
  cancel(): void;
  closePlan(): void;
}

export interface App {
  readonly store: Store<AppState>;
  readonly clock: Clock;
  readonly viewer: Viewer;
  readonly jobs: Jobs;
  /** Files of any kind: a scene is opened, everything else is planned. */
  openFiles(files: readonly File[]): Promise<void>;
  openScene(open: OpenScene, saved: boolean): void;
  choose(): void;
  /** Opens what lies at an address of this site: the sample clip or a scene. */
  openAddress(path: string): Promise<void>;
  trySample(): Promise<void>;
  save(): void;
  setLook(change: Partial<Look>): void;
  /** Selects a track; null clears. */
  select(track: number | null, add?: boolean): void;
  undoSelection(): void;
  say(problem: Problem): void;
  announce(text: string): void;
  fail(error: unknown): void;
  showHelp(): void;
  showShare(): void;
  showExport(): void;
}
