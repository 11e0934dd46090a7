// What the panels share: the state, the clock, the viewer and everything that can be done.

import type { JobPlan } from '../pipeline/plan.ts';
import type { OpenedJob } from '../platform/browser/client.ts';
import type { JobReport, StageName, StageProgress } from '../scene/job.ts';
import { DEFAULT_OPTIONS, type Options } from '../scene/options.ts';
import type { Scene } from '../scene/scene.ts';
import type { TrackSet } from '../scene/tracks.ts';
import type { Clock } from '../viewer/clock.ts';
import { DEFAULT_LOOK, type Look } from '../viewer/look.ts';
import type { Anchor, Measure } from '../viewer/measure.ts';
import type { ViewKey } from '../viewer/moves.ts';
import type { NavigationMode } from '../viewer/navigation.ts';
import type { Hit } from '../viewer/hits.ts';
import type { Spot } from '../viewer/pick.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { LengthUnit } from './format.ts';
import type { History } from './history.ts';
import type { Store } from './store.ts';

export interface OpenScene {
  readonly scene: Scene;
  /** f32 [T-1]·[H·W·2] px; only known right after a run. */
  readonly flow: Float32Array | null;
  readonly report: JobReport | null;
  /** f32 [T·H·W] px that the camera does not explain. There right after a run, while what its networks found is kept: only then can it be solved again. */
  readonly motionErrorPx?: Float32Array;
}

/** How a stroke changes the mask of what moves. */
export interface Brush {
  readonly erase: boolean;
  /** Radius, px of the scene's frames. */
  readonly radius: number;
  /** Frames before and after that the stroke is carried to by the flow. */
  readonly reach: number;
}

export interface RunState {
  readonly startedMs: number;
  readonly options: Options;
  /** Share of the whole that was there before it started. */
  readonly from: number;
  readonly stages: Readonly<Partial<Record<StageName, StageProgress>>>;
  readonly objective: readonly number[];
  readonly cancelling: boolean;
}

export interface Problem {
  readonly message: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

/** What a click in the 3D view or the video means. */
export type ToolName = 'select' | 'measure' | 'path' | 'angle' | 'height' | 'level' | 'lasso' | 'box' | 'track' | 'mask';
export type VideoPlace = 'split' | 'corner' | 'off';
export type TabName = 'look' | 'tracks' | 'measure' | 'about';

/** The surface point under the pointer, wherever the pointer is. */
export interface Probe {
  readonly frame: number;
  /** Column and row in that frame. */
  readonly x: number;
  readonly y: number;
  /** Scene world; null where the pixel has no depth. */
  readonly point: readonly [number, number, number] | null;
  /** The same as it is drawn in the view. */
  readonly drawn: readonly [number, number, number] | null;
  readonly source: 'view' | 'video';
}

/** Tracks that were in a box at a frame: no other trails are on show. */
export interface TrailBox {
  readonly frame: number;
  readonly tracks: readonly number[];
}

/** A picture of a frame: the video itself ("none") or a map. */
export type Overlay = 'none' | 'depth' | 'mask' | 'confidence' | 'flow';

export interface AppState {
  /** What lies over the scene: nothing, a file being read, the plan, a run. */
  readonly phase: 'idle' | 'opening' | 'plan' | 'running';
  readonly opening: string;
  readonly open: OpenScene | null;
  readonly saved: boolean;
  /** Frames of a scene still being loaded that are there so far; null: all. */
  readonly framesReady: number | null;
  readonly job: OpenedJob | null;
  readonly plan: JobPlan | null;
  readonly planProblem: string;
  readonly options: Options;
  readonly run: RunState | null;
  readonly look: Look;
  /** Views set for moments, by frame: a camera move. */
  readonly keys: readonly ViewKey[];
  /** The view follows them while time goes on. */
  readonly alongKeys: boolean;
  readonly selected: readonly number[];
  readonly hovered: number | null;
  readonly navigation: NavigationMode;
  readonly tool: ToolName;
  readonly probe: Probe | null;
  readonly measures: readonly Measure[];
  /** Points set so far with the tool in use. */
  readonly pending: readonly Anchor[];
  /** The closed line being drawn over the 3D view, px. */
  readonly outline: readonly Spot[];
  readonly trailBox: TrailBox | null;
  readonly overlay: Overlay;
  readonly overlayOpacity: number;
  /** What lies under the overlay. */
  readonly underlay: Overlay;
  /** Single letters and signs are commands. */
  readonly letters: boolean;
  readonly videoTracks: boolean;
  readonly brush: Brush;
  /** The panel on show beside the view. */
  readonly tab: TabName;
  readonly video: VideoPlace;
  /** Everything but the view is out of the way. */
  readonly bare: boolean;
  /** The scene that was open when the page was left; '' when there is none. */
  readonly lastTitle: string;
  /** Grows when the viewer shows more than before. */
  readonly drawn: number;
}

export const START: AppState = {
  phase: 'idle', opening: '', open: null, saved: true, framesReady: null, job: null, plan: null, planProblem: '', options: DEFAULT_OPTIONS, run: null,
  look: DEFAULT_LOOK, keys: [], alongKeys: false, selected: [], hovered: null, navigation: 'orbit', tool: 'select', probe: null, measures: [], pending: [], outline: [], trailBox: null,
  overlay: 'none', overlayOpacity: 0.7, underlay: 'none', letters: true, videoTracks: true, brush: { erase: false, radius: 8, reach: 0 }, tab: 'look', video: 'split', bare: false, lastTitle: '', drawn: 0,
};

/** From files to a scene; jobs.ts does it. */
export interface Jobs {
  open(files: readonly File[]): Promise<boolean>;
  setOptions(change: Partial<Options>): void;
  start(): Promise<void>;
  /** Solves the scene on show again with its masks as they are now, from what the networks found. */
  solveAgain(): Promise<void>;
  /** Stops the run and goes back to where it was started. */
  cancel(): void;
  closePlan(): void;
  /** Follows one pixel (column, row of a frame) through the scene's own frames. */
  trackPixel(open: OpenScene, frame: number, x: number, y: number): Promise<TrackSet>;
}

/** Views set for moments. */
export interface KeyTool {
  /** The view as it is becomes the one of this frame. */
  set(): void;
  /** Takes the key of this frame away. */
  remove(): void;
  clear(): void;
  /** Lets the view follow the keys, or not. */
  follow(on: boolean): void;
}

/** A box over the view or the video: trails of what lies in it are kept. */
export interface BoxTool {
  /** Moves the box over the view, in steps. */
  move(across: number, down: number): void;
  /** Makes it wider and higher, in steps. */
  grow(across: number, down: number): void;
  /** Keeps what lies in the box over the view. */
  keep(): void;
  /** Keeps these tracks, which lie in a box at the present frame. */
  keepTracks(tracks: readonly number[]): void;
  /** Shows all trails again. */
  clear(): void;
}

export interface MaskTool {
  /** Paints or erases an area (u8 [H·W]) of the present frame, and where the flow leads it in the frames around. */
  stroke(area: Uint8Array): void;
  /** Makes the mask anew from what the camera leaves unexplained; in the present frame or in all. */
  threshold(px: number, everywhere: boolean): void;
}

export interface App {
  readonly store: Store<AppState>;
  readonly clock: Clock;
  readonly viewer: Viewer;
  readonly jobs: Jobs;
  /** Files of any kind: a scene is opened, everything else is planned. */
  openFiles(files: readonly File[]): Promise<void>;
  openScene(open: OpenScene, saved: boolean): void;
  /** Another state of the same clip: moment, view and selection stay. */
  replaceScene(open: OpenScene): void;
  choose(): void;
  /** Opens what lies at an address of this site: the sample clip or a scene. */
  openAddress(path: string): Promise<void>;
  trySample(): Promise<void>;
  /** Opens what was open when the page was left, at the same moment. */
  reopen(): Promise<void>;
  /** Removes what this browser keeps of it. */
  forget(): Promise<void>;
  save(): void;
  setLook(change: Partial<Look>): void;
  /** Selects a track; null clears. */
  select(track: number | null, add?: boolean): void;
  /** Replaces the selection. */
  selectAll(tracks: readonly number[]): void;
  setTool(tool: ToolName): void;
  /** A surface point was set with the tool in use. */
  setPoint(hit: Hit | null): void;
  /** Says how long a unit is; null takes it back. `source` is written into the file. */
  setScale(metresPerUnit: number | null, source: string): void;
  /** Gives a track a name; empty takes it back. */
  nameTrack(track: number, name: string): void;
  /** Shows lengths in this unit; says nothing of how long they are. */
  setUnit(unit: LengthUnit): void;
  /** Turns the scene about the first camera's line of sight. */
  roll(degrees: number): void;
  readonly masks: MaskTool;
  readonly box: BoxTool;
  readonly keys: KeyTool;
  readonly history: History;
  say(problem: Problem): void;
  announce(text: string): void;
  fail(error: unknown): void;
  showHelp(): void;
  showPalette(): void;
  showCapture(): void;
  showShare(): void;
  showExport(): void;
  /** Asks for a note of this moment and view. */
  addNote(): void;
}
