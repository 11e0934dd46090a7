// From files to a scene: open, plan, run, cancel. What was on show stays until a new scene is complete.

import { createJobClient, type JobClient } from '../platform/browser/client.ts';
import { isCancelled } from '../scene/errors.ts';
import { DEFAULT_OPTIONS } from '../scene/options.ts';
import type { App, Jobs, RunState } from './app.ts';
import { paintFrame } from './pictures.ts';

const REPLAN_DELAY_MS = 150;

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
      const { store, openScene, fail, announce } = app();
      const { options } = store.state;
      stop = new AbortController();
      store.set({ phase: 'running', run: { startedMs: performance.now(), options, stages: {}, objective: [], cancelling: false } });
      announce('The run has started.');
      try {
        const { scene, flow, report } = await connect().run(options, (progress) => {
          const run = store.state.run;
          if (!run) return;
          const objective = progress.objective === undefined ? run.objective : [...run.objective, progress.objective];
          store.set({ run: { ...run, objective, stages: { ...run.stages, [progress.stage]: progress } } });
        }, stop.signal);
        store.set({ phase: 'idle', run: null });
        openScene({ scene, flow, report }, false);
        announce('The scene is ready.');
      } catch (error) {
        store.set({ phase: 'plan', run: null });
        if (isCancelled(error)) announce('The run was cancelled.');
        else fail(error);
      }
    },

    cancel() {
      const { store } = app();
      if (!store.state.run) return;
      store.set({ run: { ...store.state.run, cancelling: true } satisfies RunState });
      stop?.abort();
    },

    async trackPixel(scene, frame, x, y) {
      const files = await Promise.all(Array.from({ length: scene.frameCount }, async (_, t) => {
        const picture = await new Promise<Blob | null>((resolve) => paintFrame(scene, t).toBlob(resolve));
        return new File(picture ? [picture] : [], `frame-${t}.png`, { type: 'image/png' });
      }));
      return connect().track(files, [[frame, x + 0.5, y + 0.5]], app().store.state.options.backend);
    },

    closePlan() {
      app().store.set({ phase: 'idle' });
    },
  };
}
