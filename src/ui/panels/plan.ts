// Before anything runs: the right way up? which part? how fine? and what will it cost here?

import type { JobPlan } from '../../pipeline/plan.ts';
import type { Options } from '../../scene/options.ts';
import type { App } from '../app.ts';
import { h, put, segmented } from '../dom.ts';
import { formatBytes, formatDuration, formatFixed, formatTime } from '../format.ts';

const SIZES = [['256', 'Draft 256'], ['384', 'Standard 384'], ['512', 'Fine 512']] as const;

export function createPlanDialog({ store, jobs }: App): HTMLDialogElement {
  const title = h('h2', { id: 'plan-title' });
  const facts = h('p', { class: 'note' });
  const strip = h('div', { class: 'thumbs' });
  const problems = h('ul', { class: 'problems', 'aria-live': 'polite' });
  const estimate = h('p', { class: 'estimate', 'data-testid': 'estimate' });
  const start = h('button', { type: 'button', class: 'primary', 'data-testid': 'plan-start', onclick: () => void jobs.start() }, 'Start');
  const trim = createTrim((startSecs, endSecs) => jobs.setOptions({ startSecs, endSecs }));
  const size = segmented('Size', SIZES, (value) => jobs.setOptions({ size: Number(value) }), 'size');
  const number = (name: 'maxFrames' | 'focalPx' | 'tracks', label: string, props: Record<string, unknown>) => {
    const input = h('input', {
      type: 'number', 'data-testid': name, ...props,
      oninput: () => jobs.setOptions({ [name]: input.value === '' && name === 'focalPx' ? null : input.valueAsNumber }),
    });
    return { input, element: h('label', { class: 'field' }, h('span', {}, label), input) };
  };
  const frames = number('maxFrames', 'Frames at most', { min: 2, max: 300 });
  const focal = number('focalPx', 'Focal length, px of the source', { min: 10, placeholder: 'found by itself' });
  const tracks = number('tracks', 'Points to follow', { min: 16, max: 4096 });
  const select = (name: 'backend' | 'engine', label: string, choices: readonly (readonly [string, string])[]) => {
    const input = h('select', { 'data-testid': name, onchange: () => jobs.setOptions({ [name]: input.value } as Partial<Options>) }, ...choices.map(([value, text]) => h('option', { value }, text)));
    return { input, element: h('label', { class: 'field' }, h('span', {}, label), input) };
  };
  const backend = select('backend', 'Networks run on', [['auto', 'the best there is'], ['webgpu', 'graphics card (WebGPU)'], ['wasm', 'processor (WASM)']]);
  const engine = select('engine', 'Solver', [['gauss-newton', 'Gauss–Newton'], ['tfjs', 'TensorFlow.js']]);

  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'plan-title', 'data-testid': 'plan', oncancel: (event: Event) => { event.preventDefault(); jobs.closePlan(); } },
    h('header', {}, title, facts), strip, trim.element,
    h('div', { class: 'fields' }, frames.element, h('div', { class: 'field' }, h('span', {}, 'Size'), size.element)),
    h('details', {}, h('summary', {}, 'Advanced'), h('div', { class: 'fields' }, backend.element, engine.element, focal.element, tracks.element)),
    problems, estimate,
    h('footer', {}, h('button', { type: 'button', 'data-testid': 'plan-cancel', onclick: () => jobs.closePlan() }, 'Cancel'), start));

  let addresses: string[] = [];
  store.watch((s) => s.job, (job) => {
    for (const address of addresses) URL.revokeObjectURL(address);
    addresses = job?.thumbnails.map((t) => URL.createObjectURL(t.image)) ?? [];
    put(strip, ...addresses.map((src, i) => h('img', { src, alt: i === 0 ? 'First frame' : '' })));
    if (!job) return;
    const { source, sourceFrameCount, meanFps, variableRate } = job.plan;
    title.textContent = source.name;
    facts.textContent = `${source.width} × ${source.height} px · ${formatDuration(source.durationSecs)} · ${sourceFrameCount} frames, ${variableRate ? 'about ' : ''}${formatFixed(meanFps, meanFps < 10 ? 1 : 0)} per second`;
    trim.setSource(source.durationSecs);
  });
  store.watch((s) => s.options, (options) => {
    size.set(String(options.size) as typeof SIZES[number][0]);
    // What is being typed stays as it is.
    for (const [field, value] of [[frames, options.maxFrames], [tracks, options.tracks], [focal, options.focalPx ?? '']] as const) {
      if (document.activeElement !== field.input) field.input.value = String(value);
    }
    backend.input.value = options.backend;
    engine.input.value = options.engine;
  });
  const showPlan = (plan: JobPlan | null, problem: string) => {
    put(problems, ...(problem ? [problem] : (plan?.problems.map((p) => p.message) ?? [])).map((text) => h('li', {}, text)));
    start.disabled = problem !== '' || plan === null;
    if (!plan) return;
    const first = plan.chosen[0].timeSecs;
    const span = plan.chosen[plan.chosen.length - 1].timeSecs - first;
    estimate.textContent = `${plan.chosen.length} frames of ${plan.width} × ${plan.height} px, ${formatFixed((plan.chosen.length - 1) / Math.max(1e-3, span), 1)} per second. About ${formatDuration(plan.estimateSecs)} and ${formatBytes(plan.estimateBytes)} of memory on a plain processor; a graphics card is faster. Nothing leaves this device.`;
  };
  store.watch((s) => s.plan, (plan, s) => showPlan(plan, s.planProblem));
  store.watch((s) => s.planProblem, (problem, s) => showPlan(s.plan, problem));
  store.watch((s) => s.phase === 'plan', (on) => {
    if (on && !dialog.open) {
      dialog.showModal();
      start.focus();
    } else if (!on) dialog.close();
  });
  return dialog;
}

/** Two handles on one bar. Both ends at rest mean the whole clip. */
function createTrim(onChange: (startSecs: number | null, endSecs: number | null) => void): { element: HTMLElement; setSource(durationSecs: number): void } {
  let duration = 1;
  const text = h('output', { class: 'mono' });
  const [from, to] = (['Start', 'End'] as const).map((label) => h('input', { type: 'range', min: 0, max: 1, step: 0.001, 'aria-label': label, 'data-testid': `trim-${label.toLowerCase()}` }));
  const bar = h('div', { class: 'trim' }, h('i', {}), from, to);
  const show = () => {
    const [a, b] = [from.valueAsNumber, to.valueAsNumber];
    bar.style.setProperty('--from', `${100 * a}%`);
    bar.style.setProperty('--to', `${100 * b}%`);
    text.textContent = `${formatTime(a * duration)} – ${formatTime(b * duration)}`;
  };
  const react = (moved: HTMLInputElement) => {
    const gap = Math.min(0.5, 0.1 / duration);
    if (moved === from) from.valueAsNumber = Math.min(from.valueAsNumber, to.valueAsNumber - gap);
    else to.valueAsNumber = Math.max(to.valueAsNumber, from.valueAsNumber + gap);
    show();
    onChange(from.valueAsNumber > 0 ? from.valueAsNumber * duration : null, to.valueAsNumber < 1 ? to.valueAsNumber * duration : null);
  };
  for (const input of [from, to]) input.addEventListener('input', () => react(input));
  return {
    element: h('div', { class: 'trim-row' }, bar, text),
    setSource: (secs) => {
      duration = Math.max(1e-3, secs);
      from.valueAsNumber = 0;
      to.valueAsNumber = 1;
      show();
    },
  };
}
