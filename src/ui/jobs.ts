// From files to a scene: open, plan, run, cancel. What was on show stays until a new scene is complete.

import { createJobClient, type JobClient } from '../platform/browser/client.ts';
import { FoursightError, isCancelled } from '../scene/errors.ts';
import { STAGE_WEIGHTS, type StageName, type StageProgress } from '../scene/job.ts';
import { DEFAULT_OPTIONS } from '../scene/options.ts';
import type { Scene } from '../scene/scene.ts';
import { appendTrack } from '../viewer/new-track.ts';
import type { ReconstructResult } from '../pipeline/reconstruct.ts';
import type { App, AppState, Jobs, OpenScene, RunState } from './app.ts';
import { paintFrame } from './pictures.ts';

const REPLAN_DELAY_MS = 150;
/** What a second solution takes over from the first. */
const BEFORE_SOLVE: readonly StageName[] = ['decode', 'graph', 'flow', 'tracks', 'pointmaps', 'motion'];

/** Tracks that were asked for later than the solve go on to the next solution. */
function keepTracks({ tracks, frameCount: T }: Scene, solved: Scene): Scene {
  let scene = solved;
  for (let n = solved.tracks.count; n < tracks.count; n++) {
    const [from, to] = [n * T, (n + 1) * T];
    scene = appendTrack(scene, {
      count: 1, frameCount: T, uv: tracks.uv.slice(2 * from, 2 * to), visible: tracks.visible.slice(from, to), confidence: tracks.confidence.slice(from, to), mobility: tracks.mobility.slice(n, n + 1), xyz: null,
    });
  }
  return scene;
}

/** A worker that had to be stopped by force took what it kept along. */
const nothingKept = (error: unknown) => error instanceof FoursightError && error.code === 'job/nothing-kept';

export function createJobs(app: () => App): Jobs {
  let client: JobClient | null = null;
  let stop: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest = 0;
  // The worker starts with the first clip, not with the page.
  const connect = () => (client ??= createJobClient());

  const replan = async () => {
    const { store } = app();
    const mine = ++newest;
    try {
      const plan = await connect().plan(store.state.options);
      if (mine === newest) store.set({ plan, planProblem: '' });
    } catch (error) {
      if (mine === newest) store.set({ planProblem: error instanceof Error ? error.message : String(error) });
    }
  };

  /** Shows the progress of some work; null when it was cancelled or failed. `back`: where that leads. */
  const run = async (stages: RunState['stages'], back: AppState['phase'], work: (onProgress: (progress: StageProgress) => void, signal: AbortSignal) => Promise<ReconstructResult>): Promise<OpenScene | null> => {
    const { store, fail, announce } = app();
    stop = new AbortController();
    const from = Object.keys(stages).reduce((sum, stage) => sum + STAGE_WEIGHTS[stage as StageName], 0);
    store.set({ phase: 'running', run: { startedMs: performance.now(), options: store.state.options, from, stages, objective: [], cancelling: false } });
    announce('The run has started.');
    try {
      const { scene, flow, motionErrorPx, report } = await work((progress) => {
        const now = store.state.run;
        if (!now) return;
        const objective = progress.objective === undefined ? now.objective : [...now.objective, progress.objective];
        store.set({ run: { ...now, objective, stages: { ...now.stages, [progress.stage]: progress } } });
      }, stop.signal);
      store.set({ phase: 'idle', run: null });
      return { scene, flow, motionErrorPx, report };
    } catch (error) {
      store.set({ phase: back, run: null });
      if (isCancelled(error)) announce('The run was cancelled.');
      else fail(error);
      const { open } = store.state;
      if (open && nothingKept(error)) store.set({ open: { ...open, motionErrorPx: undefined } });
      return null;
    }
  };

  return {
    async open(files) {
      const { store } = app();
      const job = await connect().open(files);
      newest++;
      const { backend, engine, size, maxFrames } = store.state.options;
      store.set({ job, plan: job.plan, planProblem: '', options: { ...DEFAULT_OPTIONS, backend, engine, size, maxFrames }, phase: 'plan' });
      void replan();
      return true;
    },

    setOptions(change) {
      const { store } = app();
      store.set({ options: { ...store.state.options, ...change } });
      clearTimeout(timer);
      timer = setTimeout(replan, REPLAN_DELAY_MS);
    },

    async start() {
      const { store, openScene, announce } = app();
      const { options } = store.state;
      // With the next run the networks' word on the scene on show is gone.
      if (store.state.open?.motionErrorPx) store.set({ open: { ...store.state.open, motionErrorPx: undefined } });
      const open = await run({}, 'plan', (onProgress, signal) => connect().run(options, onProgress, signal));
      if (!open) return;
      openScene(open, false);
      announce('The scene is ready.');
    },

    async solveAgain() {
      const { store, history, replaceScene, announce } = app();
      const before = store.state.open;
      if (!before?.motionErrorPx || store.state.phase !== 'idle') return;
      const { scene: { mask, maskNow, metresPerUnit, meta } } = before;
      const kept = Object.fromEntries(BEFORE_SOLVE.map((stage) => [stage, { stage, fraction: 1, note: 'kept' }]));
      const solved = await run(kept, 'idle', (onProgress, signal) => connect().solveAgain({ mask, maskNow }, onProgress, signal));
      if (!solved || store.state.open !== before) return;
      // Units change with the solution, so a measured scale does not hold any more.
      if (metresPerUnit !== null) app().say({ message: 'Lengths are in relative units again: measure the known length once more.', action: null });
      const { measures } = store.state;
      const after = { ...solved, scene: { ...keepTracks(before.scene, solved.scene), meta: { ...solved.scene.meta, title: meta.title, settings: { ...solved.scene.meta.settings, up: meta.settings.up } } } };
      const show = (open: OpenScene, lengths: AppState['measures']) => {
        // Lengths lie between places of one solution.
        store.set({ measures: lengths });
        replaceScene(open);
      };
      history.take({ title: 'the new solution', redo: () => show(after, []), undo: () => show(before, measures) });
      announce('The scene is solved again.');
    },

    cancel() {
      const { store } = app();
      if (!store.state.run) return;
      store.set({ run: { ...store.state.run, cancelling: true } satisfies RunState });
      stop?.abort();
    },

    async trackPixel({ scene, motionErrorPx }, frame, x, y) {
      const query = [frame, x + 0.5, y + 0.5] as const;
      if (motionErrorPx) {
        try {
          return await connect().trackAgain(query);
        } catch (error) {
          if (!nothingKept(error)) throw error;
        }
      }
      // Flow is not kept with a scene, and to find it anew takes longer than a click may.
      const files = await Promise.all(Array.from({ length: scene.frameCount }, async (_, t) => {
        const picture = await new Promise<Blob | null>((resolve) => paintFrame(scene, t).toBlob(resolve));
        return new File(picture ? [picture] : [], `frame-${t}.png`, { type: 'image/png' });
      }));
      return connect().track(files, [query], app().store.state.options.backend, true);
    },

    closePlan() {
      app().store.set({ phase: 'idle' });
    },
  };
}
