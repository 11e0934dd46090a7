// While it runs: what is done, what is left, how the objective falls, and a way out.

import { STAGE_WEIGHTS, type StageName } from '../../scene/job.ts';
import type { App, RunState } from '../app.ts';
import { h, put } from '../dom.ts';
import { formatDuration } from '../format.ts';

const TITLES: Readonly<Record<StageName, string>> = {
  decode: 'Read the video', graph: 'Choose pairs of frames', flow: 'Follow every pixel', tracks: 'Follow points', pointmaps: 'Estimate shapes',
  motion: 'Find what moves', solve: 'Solve cameras and depth', assemble: 'Put the scene together',
};
const STAGES = Object.keys(TITLES) as StageName[];

export function createRunDialog(app: App): HTMLDialogElement {
  const { store, jobs, announce } = app;
  const bar = h('progress', { max: 1, 'aria-label': 'Whole run' });
  const time = h('p', { class: 'note', 'data-testid': 'run-time' });
  const rows = STAGES.map((stage) => {
    const note = h('span', { class: 'dim mono' });
    const progress = h('progress', { max: 1, value: 0, 'aria-label': TITLES[stage] });
    return { stage, note, progress, element: h('li', { 'data-testid': `stage-${stage}` }, h('span', {}, TITLES[stage]), note, progress) };
  });
  const curve = h('div', { class: 'objective', hidden: true });
  const cancel = h('button', { type: 'button', 'data-testid': 'run-cancel', onclick: () => jobs.cancel() }, 'Cancel');
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'run-title', 'data-testid': 'run', oncancel: (event: Event) => event.preventDefault() },
    h('header', {}, h('h2', { id: 'run-title' }, 'Making the 4D scene'), time), bar, h('ol', { class: 'stages' }, ...rows.map((r) => r.element)), curve, h('footer', {}, cancel));

  let spoken = 0;
  const show = (run: RunState) => {
    const fraction = STAGES.reduce((sum, stage) => sum + STAGE_WEIGHTS[stage] * (run.stages[stage]?.fraction ?? 0), 0);
    const elapsed = (performance.now() - run.startedMs) / 1000;
    bar.value = fraction;
    const done = fraction - run.from;
    const left = done > 0.03 * (1 - run.from) ? ` · about ${formatDuration((elapsed * (1 - fraction)) / done)} left` : '';
    time.textContent = run.cancelling ? 'Stopping …' : `${formatDuration(elapsed)}${left}`;
    cancel.disabled = run.cancelling;
    for (const { stage, note, progress, element } of rows) {
      const state = run.stages[stage];
      progress.value = state?.fraction ?? 0;
      note.textContent = state?.note || (state?.fraction === 1 ? 'done' : '');
      element.className = state === undefined ? 'waiting' : state.fraction < 1 ? 'active' : 'done';
    }
    curve.hidden = run.objective.length < 2;
    if (!curve.hidden) put(curve, sparkline(run.objective), h('span', { class: 'note' }, `objective ${run.objective[run.objective.length - 1].toPrecision(4)}`));
    const tenth = Math.floor(fraction * 10);
    if (tenth > spoken) announce(`${tenth * 10} percent done`);
    spoken = tenth;
  };
  let ticker: ReturnType<typeof setInterval> | undefined;
  store.watch((s) => s.run, (run) => { if (run) show(run); });
  store.watch((s) => s.phase === 'running', (on) => {
    clearInterval(ticker);
    if (on) {
      spoken = 0;
      dialog.showModal();
      ticker = setInterval(() => { if (store.state.run) show(store.state.run); }, 500);
    } else dialog.close();
  });
  return dialog;
}

/** The objective's course on a logarithmic height: late, small gains stay visible. */
function sparkline(values: readonly number[]): SVGSVGElement {
  const logs = values.map((v) => Math.log(Math.max(1e-12, v)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const points = logs.map((v, i) => `${((100 * i) / (logs.length - 1)).toFixed(2)},${(28 - (26 * (v - low)) / (high - low || 1)).toFixed(2)}`);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 100 30');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'Objective over the iterations');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  line.setAttribute('points', points.join(' '));
  svg.append(line);
  return svg;
}
