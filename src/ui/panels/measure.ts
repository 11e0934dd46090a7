// Lengths, and the one known length that turns units into metres.

import type { Scene } from '../../scene/scene.ts';
import { toCss } from '../../viewer/colours.ts';
import { lengthAt, lengthNoise, scaleFrom, type Measure } from '../../viewer/measure.ts';
import type { App } from '../app.ts';
import { h, iconButton, put } from '../dom.ts';
import { downloadText } from '../files.ts';
import { formatLength, formatNumber, unitOf, type LengthUnit } from '../format.ts';
import { colourOfMeasure, scaleSource } from '../tools.ts';

/** Heights and widths that are the same everywhere, metres. */
const KNOWN = [['A4 sheet, long side', 0.297], ['Door, height', 2.0], ['Person, about', 1.7]] as const;

const UNITS: readonly (readonly [LengthUnit, string])[] = [['m', 'metres'], ['cm', 'centimetres'], ['ft', 'feet'], ['u', 'relative units']];

export function createMeasurePanel(app: App): HTMLElement {
  const { store, clock } = app;
  const list = h('ul', { class: 'measures', 'data-testid': 'measures' });
  const empty = h('p', { class: 'note' }, 'Measure between two points of the scene. On something that moves, an end sticks to the nearest track, so the length can change over time.');
  const scale = h('p', { class: 'note', 'data-testid': 'scale' });
  const back = h('button', { type: 'button', onclick: () => app.setScale(null, '') }, 'Back to relative units');
  const units = h('select', { 'data-testid': 'unit', onchange: () => app.setUnit(units.value as LengthUnit) }, ...UNITS.map(([unit, label]) => h('option', { value: unit }, label)));
  const unitField = h('label', { class: 'field' }, h('span', {}, 'Show lengths in'), units);
  const csv = h('button', { type: 'button', onclick: () => saveCsv(app) }, 'Save as CSV');
  const measure = h('button', { type: 'button', class: 'primary', 'data-testid': 'tool-measure', onclick: () => app.setTool('measure') }, 'Measure (M)');
  const level = h('button', { type: 'button', 'data-testid': 'tool-level', onclick: () => app.setTool('level') }, 'Set the floor');
  const known = new Map<number, number>();

  const apply = (scene: Scene) => {
    const lengths = store.state.measures.filter((m) => known.has(m.id)).map((m) => ({ units: lengthAt(scene, m, clock.frame), metres: known.get(m.id)! })).filter((k) => k.units > 0);
    if (lengths.length === 0) return app.say({ message: 'The length cannot be told at this frame; go to a frame where both ends are seen.', action: null });
    const { metresPerUnit, spread } = scaleFrom(lengths);
    app.setScale(metresPerUnit, `by user, ${lengths.length} ${lengths.length === 1 ? 'segment' : `segments, spread ${formatNumber(100 * spread)} %`}`);
  };
  const row = (scene: Scene, entry: Measure): HTMLElement => {
    const input = h('input', { type: 'number', min: 0, step: 'any', placeholder: 'true length', 'aria-label': `True length of ${entry.name}, metres`, 'data-testid': 'true-length', value: known.get(entry.id) ?? '' });
    input.setAttribute('list', 'known-lengths');
    const form = h('form', {
      class: 'known', onsubmit: (event: Event) => {
        event.preventDefault();
        if (!(input.valueAsNumber > 0)) return app.say({ message: 'Type the true length in metres: a number above zero.', action: null });
        known.set(entry.id, input.valueAsNumber);
        apply(store.state.open!.scene);
      },
    }, input, h('span', {}, 'm'), h('button', { type: 'submit', 'data-testid': 'set-scale' }, 'Set scale'));
    return h('li', { style: `--chip:${toCss(colourOfMeasure(entry.id))}` },
      h('div', { class: 'measure-head' }, h('strong', {}, entry.name), h('output', { class: 'mono', 'data-testid': 'length' }, formatLength(lengthAt(scene, entry, clock.frame), scene, lengthNoise(entry))),
        iconButton('close', `Delete ${entry.name}`, () => remove(entry))),
      form);
  };
  const remove = (entry: Measure) => {
    const { history } = app;
    history.take({
      title: entry.name,
      redo: () => store.set({ measures: store.state.measures.filter((m) => m.id !== entry.id) }),
      undo: () => store.set({ measures: [...store.state.measures, entry] }),
    });
  };
  const show = () => {
    const { open, measures } = store.state;
    if (!open) return put(list);
    put(list, ...measures.map((entry) => row(open.scene, entry)));
    empty.hidden = measures.length > 0;
    csv.hidden = measures.length === 0;
    back.hidden = unitField.hidden = open.scene.metresPerUnit === null;
    units.value = unitOf(open.scene).name;
    scale.textContent = open.scene.metresPerUnit === null
      ? 'Lengths are in relative units (u): nothing in the scene is known in metres yet. Measure something whose true length you know, and type it in.'
      : `1 u = ${formatNumber(open.scene.metresPerUnit)} m, ${scaleSource(open.scene)}. Files are in metres.`;
  };
  store.watch((s) => s.measures, show);
  store.watch((s) => s.open?.scene, show);
  clock.subscribe(() => {
    const scene = store.state.open?.scene;
    if (!scene) return;
    list.querySelectorAll('output').forEach((output, k) => {
      const entry = store.state.measures[k];
      if (entry) output.textContent = formatLength(lengthAt(scene, entry, clock.frame), scene, lengthNoise(entry));
    });
  });
  return h('div', { class: 'stack', id: 'panel-measure' }, h('div', { class: 'actions start' }, measure, level), empty, list,
    h('datalist', { id: 'known-lengths' }, ...KNOWN.map(([label, value]) => h('option', { value: String(value) }, label))),
    scale, unitField, h('div', { class: 'actions start' }, back, csv));
}

/** One row per length and frame; empty where it cannot be told. */
function saveCsv({ store }: App): void {
  const { open, measures } = store.state;
  if (!open) return;
  const { scene } = open;
  const { name, factor } = unitOf(scene);
  const rows = measures.flatMap((m) => Array.from(scene.times, (time, t) => {
    const length = lengthAt(scene, m, t) * factor;
    return `${m.name},${t},${time},${Number.isNaN(length) ? '' : length},${lengthNoise(m) * factor}`;
  }));
  downloadText([`name,frame,time_s,length_${name},length_sd_${name}`, ...rows].join('\n') + '\n', 'lengths.csv');
}
