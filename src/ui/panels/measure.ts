// What is measured, and the one known length that turns units into metres.

import type { Scene } from '../../scene/scene.ts';
import { toCss } from '../../viewer/colours.ts';
import { noiseOf, scaleFrom, valueAt, type Measure } from '../../viewer/measure.ts';
import type { App, ToolName } from '../app.ts';
import { copyPoint } from '../commands.ts';
import { h, icon, iconButton, put } from '../dom.ts';
import { downloadText } from '../files.ts';
import { formatMeasure, formatNumber, unitOf, type LengthUnit } from '../format.ts';
import { colourOfMeasure, scaleSource, upSource } from '../tools.ts';
import { describeProbe } from './overlay.ts';
import { createPlot, type Plot } from './plots.ts';

/** Heights and widths that are the same everywhere, metres. */
const KNOWN = [['A4 sheet, long side', 0.297], ['Door, height', 2.0], ['Person, about', 1.7]] as const;

const TOOLS: readonly (readonly [ToolName, string])[] = [['measure', 'Length (M)'], ['path', 'Path'], ['angle', 'Angle'], ['height', 'Height']];
const UNITS: readonly (readonly [LengthUnit, string])[] = [['m', 'metres'], ['cm', 'centimetres'], ['ft', 'feet'], ['u', 'relative units']];

export function createMeasurePanel(app: App): HTMLElement {
  const { store, clock, history } = app;
  const list = h('ul', { class: 'measures', 'data-testid': 'measures' });
  const empty = h('p', { class: 'note' }, 'Measure between points of the scene. On something that moves, a point sticks to the nearest track, so what is measured can change over time.');
  const scale = h('p', { class: 'note', 'data-testid': 'scale' });
  const up = h('p', { class: 'note', 'data-testid': 'up-source' });
  const back = h('button', { type: 'button', onclick: () => app.setScale(null, '') }, 'Back to relative units');
  const units = h('select', { 'data-testid': 'unit', onchange: () => app.setUnit(units.value as LengthUnit) }, ...UNITS.map(([unit, label]) => h('option', { value: unit }, label)));
  const unitField = h('label', { class: 'field' }, h('span', {}, 'Show lengths in'), units);
  const csv = h('button', { type: 'button', 'data-testid': 'measures-csv', onclick: () => saveCsv(app) }, 'Save as CSV');
  const tools = TOOLS.map(([name, label]) => ({ name, button: h('button', { type: 'button', 'data-testid': `tool-${name}`, onclick: () => app.setTool(store.state.tool === name ? 'select' : name) }, label) }));
  const floor = h('div', { class: 'actions start' },
    h('button', { type: 'button', 'data-testid': 'tool-level', onclick: () => app.setTool('level') }, 'Set the floor'),
    h('button', { type: 'button', 'data-testid': 'roll-left', onclick: () => app.roll(-1) }, 'Roll left 1°'), h('button', { type: 'button', 'data-testid': 'roll-right', onclick: () => app.roll(1) }, 'Roll right 1°'));
  const known = new Map<number, number>();
  let plots: Plot[] = [];

  const apply = (scene: Scene) => {
    const lengths = store.state.measures.filter((m) => known.has(m.id)).map((m) => ({ units: read(app, scene, m, clock.frame), metres: known.get(m.id)! })).filter((k) => k.units > 0);
    if (lengths.length === 0) return app.say({ message: 'The length cannot be told at this frame; go to a frame where both ends are seen.', action: null });
    const { metresPerUnit, spread } = scaleFrom(lengths);
    app.setScale(metresPerUnit, `by user, ${lengths.length} ${lengths.length === 1 ? 'segment' : `segments, spread ${(100 * spread).toFixed(1)} %`}`);
  };
  const knownForm = (entry: Measure): HTMLElement => {
    const input = h('input', { type: 'number', min: 0, step: 'any', placeholder: 'true length', 'aria-label': `True length of ${entry.name}, metres`, 'data-testid': 'true-length', value: known.get(entry.id) ?? '' });
    input.setAttribute('list', 'known-lengths');
    return h('form', {
      class: 'known', onsubmit: (event: Event) => {
        event.preventDefault();
        if (!(input.valueAsNumber > 0)) return app.say({ message: 'Type the true length in metres: a number above zero.', action: null });
        known.set(entry.id, input.valueAsNumber);
        apply(store.state.open!.scene);
      },
    }, input, h('span', {}, 'm'), h('button', { type: 'submit', 'data-testid': 'set-scale' }, 'Set scale'));
  };
  const change = (entry: Measure, after: Measure | null, title: string) => {
    const put = (from: Measure | null, to: Measure | null) => store.set({
      measures: from ? store.state.measures.flatMap((m) => (m.id === from.id ? (to ? [to] : []) : [m])) : [...store.state.measures, to!],
    });
    history.take({ title, redo: () => put(entry, after), undo: () => put(after, entry) });
  };
  const row = (scene: Scene, entry: Measure): HTMLElement => {
    const name = h('input', {
      type: 'text', class: 'name', value: entry.name, 'aria-label': `Name of ${entry.name}`, 'data-testid': 'measure-name',
      onchange: () => { if (name.value.trim() && name.value !== entry.name) change(entry, { ...entry, name: name.value.trim() }, 'the name'); },
    });
    const eye = h('button', {
      type: 'button', class: 'icon-button', 'aria-label': `Show ${entry.name} in the view`, 'aria-pressed': String(!entry.hidden), title: 'In the view or not', onclick: () => change(entry, { ...entry, hidden: !entry.hidden }, entry.name),
    }, icon('eye'));
    return h('li', { style: `--chip:${toCss(colourOfMeasure(entry.id))}`, class: entry.hidden ? 'dim' : '' },
      h('div', { class: 'measure-head' }, name, h('output', { class: 'mono', 'data-testid': 'length' }, show(app, scene, entry)), eye, iconButton('close', `Delete ${entry.name}`, () => change(entry, null, entry.name))),
      plotOf(scene, entry), entry.kind === 'length' && knownForm(entry));
  };
  /** What is measured on something that moves is a curve over time. */
  const plotOf = (scene: Scene, entry: Measure): HTMLElement | null => {
    if (!entry.points.some((p) => p.moving && p.track !== null)) return null;
    const { name, factor } = entry.kind === 'angle' ? { name: '°', factor: 1 } : unitOf(scene);
    const values = Float64Array.from(scene.times, (_, t) => read(app, scene, entry, t) * factor);
    const plot = createPlot(clock, scene.times, { id: `measure-${entry.id}`, label: entry.name, unit: name, rows: [values], colours: [colourOfMeasure(entry.id)] }, Math.max(200, (element.clientWidth || 300) - 20));
    plots.push(plot);
    return plot.element;
  };
  const rebuild = () => {
    const { open, measures } = store.state;
    for (const plot of plots) plot.destroy();
    plots = [];
    if (!open) return put(list);
    put(list, ...measures.map((entry) => row(open.scene, entry)));
    empty.hidden = measures.length > 0;
    csv.hidden = measures.length === 0;
    back.hidden = unitField.hidden = open.scene.metresPerUnit === null;
    units.value = unitOf(open.scene).name;
    up.textContent = upSource(open.scene);
    scale.textContent = open.scene.metresPerUnit === null
      ? 'Lengths are in relative units (u): nothing in the scene is known in metres yet. Measure something whose true length you know, and type it in.'
      : `1 u = ${formatNumber(open.scene.metresPerUnit)} m, ${scaleSource(open.scene)}. Files are in metres.`;
  };
  const element = h('div', { class: 'stack', id: 'panel-measure' }, h('div', { class: 'actions start' }, ...tools.map((t) => t.button)), empty, list,
    h('datalist', { id: 'known-lengths' }, ...KNOWN.map(([label, value]) => h('option', { value: String(value) }, label))),
    scale, unitField, h('div', { class: 'actions start' }, back, csv), pointGroup(app), h('fieldset', {}, h('legend', {}, 'Floor'), up, floor));
  store.watch((s) => s.measures, rebuild);
  store.watch((s) => s.open?.scene, rebuild);
  store.watch((s) => s.look.theme, rebuild);
  store.watch((s) => s.tool, (tool) => { for (const { name, button } of tools) button.setAttribute('aria-pressed', String(name === tool)); });
  clock.subscribe(() => {
    const scene = store.state.open?.scene;
    if (!scene) return;
    list.querySelectorAll('output').forEach((output, k) => {
      const entry = store.state.measures[k];
      if (entry) output.textContent = show(app, scene, entry);
    });
    for (const plot of plots) plot.showNow();
  });
  return element;
}

/** The last point that was pointed at, to be copied. */
function pointGroup(app: App): HTMLElement {
  const text = h('output', { class: 'mono', 'data-testid': 'last-point' }, 'Point at the scene or the video.');
  const copy = h('button', { type: 'button', disabled: true, 'data-testid': 'copy-point', onclick: () => copyPoint(app, text.textContent) }, 'Copy (Y)');
  app.store.watch((s) => s.probe, (probe) => {
    if (!probe?.point) return;
    text.textContent = describeProbe(app, probe);
    copy.disabled = false;
  });
  return h('fieldset', {}, h('legend', {}, 'Point'), text, h('div', { class: 'actions start' }, copy));
}

const read = ({ viewer }: App, scene: Scene, measure: Measure, frame: number): number => valueAt(scene, measure, frame, ([x, y, z]) => viewer.heightOf(x, y, z));

const show = (app: App, scene: Scene, measure: Measure): string => formatMeasure(read(app, scene, measure, app.clock.frame), measure.kind, scene, noiseOf(measure));

/** One row per measure and frame; empty where it cannot be told. */
function saveCsv(app: App): void {
  const { open, measures } = app.store.state;
  if (!open) return;
  const { scene } = open;
  const cell = (value: number) => (Number.isFinite(value) ? String(value) : '');
  const rows = measures.flatMap((m) => {
    const { name, factor } = m.kind === 'angle' ? { name: 'deg', factor: 1 } : unitOf(scene);
    return Array.from(scene.times, (time, t) => [`"${m.name.replace(/"/g, '""')}"`, m.kind, t, time, cell(read(app, scene, m, t) * factor), cell(noiseOf(m) * factor), name].join(','));
  });
  downloadText(['name,kind,frame,time_s,value,value_sd,unit', ...rows].join('\n') + '\n', 'measures.csv');
}
