// The numbers of the selected tracks, and their curves on the clock.

import { SMOOTHING_REACH } from '../../maths/slope.ts';
import { givenNames, LONGEST_NAME, nameOfTrack } from '../../scene/names.ts';
import type { Scene } from '../../scene/scene.ts';
import { TRACK_COLOURS, toCss } from '../../viewer/colours.ts';
import { angleBetween, readTrack, seenFromCamera, seenFromTrack, type Seen } from '../../viewer/track-motion.ts';
import type { App } from '../app.ts';
import { checkbox, h, iconButton, put, segmented } from '../dom.ts';
import { downloadText } from '../files.ts';
import { formatNumber, formatPercent, formatTime, sceneName, unitOf } from '../format.ts';
import { curveOf, QUANTITIES, readTracks, type Quantity, type Read } from './curves.ts';
import { createPlot, type Curve, type Plot } from './plots.ts';

const FIRST_SHOWN: readonly Quantity[] = ['x', 'y', 'z', 'speed'];

/** What places are told relative to, and the axes they then have. */
type Reference = 'world' | 'floor' | 'camera' | 'track';
const REFERENCES: readonly (readonly [Reference, string, string])[] = [
  ['world', 'the first camera', 'Axes of the first camera: x right, y down, z forward.'], ['floor', 'the floor', 'Axes on the floor: x right, y up, z towards the first camera.'],
  ['camera', 'the camera of each frame', 'Axes of each frame\'s camera: x right, y down, z forward.'], ['track', 'the first selected track', 'Offset from the first selected track, in the axes of the first camera.'],
];

export function createInspector(app: App): HTMLElement {
  const { store, clock, viewer } = app;
  let reads: Read[] = [];
  let drawn: Plot[] = [];
  let shown = new Set<Quantity>(FIRST_SHOWN);
  let asTable = false;
  let reach = SMOOTHING_REACH;

  const hint = h('p', { class: 'note' }, 'Click a trail in the 3D view or a point in the video to read its numbers. Shift adds another, up to twelve; Page Down takes the next; Esc clears.');
  const chips = h('div', { class: 'chips' });
  const numbers = h('table', { class: 'numbers', 'data-testid': 'numbers' });
  const plots = h('div', { class: 'plots', 'data-testid': 'plots' });
  const form = segmented<'curves' | 'table'>('Form', [['curves', 'Curves'], ['table', 'Table']], (value) => { asTable = value === 'table'; rebuild(); }, 'form');
  const smooth = checkbox('Smooth speeds over five frames; dots: without', (on) => { reach = on ? SMOOTHING_REACH : 1; rebuild(); }, 'smooth');
  smooth.set(true);
  const which = QUANTITIES.map(([name, label]) => {
    const box = checkbox(label, (on) => { shown = new Set(QUANTITIES.map(([q]) => q).filter((q) => (q === name ? on : shown.has(q)))); rebuild(); }, `curve-${name}`);
    box.set(shown.has(name));
    return box.element;
  });
  const csv = h('button', { type: 'button', 'data-testid': 'csv', onclick: () => void save().catch(app.fail) }, 'Save as CSV');
  const follow = h('button', { type: 'button', 'data-testid': 'follow', onclick: () => viewer.navigation.setMode(viewer.navigation.mode === 'follow' ? 'orbit' : 'follow') }, 'Follow');
  const axes = h('p', { class: 'note' });
  let reference: Reference = 'world';
  const relative = h('select', { 'data-testid': 'relative-to', onchange: () => { reference = relative.value as Reference; rebuild(); } }, ...REFERENCES.map(([name, label]) => h('option', { value: name }, label)));
  const relativeField = h('label', { class: 'field inline' }, h('span', {}, 'Relative to'), relative);
  const seenBy = (scene: Scene, selected: readonly number[]): Seen | undefined => ({
    world: undefined, floor: (point: Parameters<Seen>[0]) => viewer.overFloor(point), camera: seenFromCamera(scene), track: seenFromTrack(scene, selected[0]),
  })[reference];
  const details = h('details', {}, h('summary', {}, 'Which curves'), h('div', { class: 'checks' }, ...which, smooth.element));
  const some = [chips, form.element, relativeField, details, plots, numbers, h('div', { class: 'actions start' }, csv, follow), axes];
  const element = h('div', { class: 'stack', 'data-testid': 'inspector' }, hint, ...some);

  const save = async () => {
    const { open, selected } = store.state;
    if (!open) return;
    // The formats come when asked for: they bring libraries that nobody else needs.
    const { tracksCsv } = await import('../../exporters/index.ts');
    downloadText(tracksCsv(open.scene, { tracks: selected, axes: 'opencv', reach }), `${sceneName(open.scene)} tracks.csv`);
  };
  const showNow = () => {
    const { open, selected } = store.state;
    if (open && selected.length > 0) put(numbers, ...numberRows(open.scene, selected, reads, clock.frame));
    for (const plot of drawn) plot.showNow();
    plots.querySelector('tr[aria-current]')?.removeAttribute('aria-current');
    plots.querySelectorAll('tbody tr')[clock.frame]?.setAttribute('aria-current', 'true');
  };
  const rebuild = () => {
    for (const plot of drawn) plot.destroy();
    drawn = [];
    const { open, selected } = store.state;
    const any = open !== null && selected.length > 0;
    hint.hidden = any;
    for (const part of some) part.hidden = !any;
    form.set(asTable ? 'table' : 'curves');
    if (!any) return;
    const { scene } = open;
    reads = readTracks(viewer, scene, selected, reach, seenBy(scene, selected));
    axes.textContent = REFERENCES.find(([name]) => name === reference)![2];
    put(chips, ...selected.map((track, k) => chipOf(app, scene, track, toCss(TRACK_COLOURS[k]))));
    const raw = reach > 1 ? readTracks(viewer, scene, selected, 1, seenBy(scene, selected)) : undefined;
    const curves = QUANTITIES.filter(([name]) => shown.has(name)).map((quantity) => curveOf(scene, reads, quantity, raw));
    if (selected.length === 3) curves.push({ id: 'angle', label: `angle at ${nameOfTrack(scene, selected[1])}`, unit: '°', rows: [angleBetween(scene, selected)], colours: [TRACK_COLOURS[1]] });
    if (asTable) put(plots, frameTable(scene, selected, curves, clock.seek.bind(clock)));
    else {
      drawn = curves.map((curve) => createPlot(clock, scene.times, curve, element.clientWidth || 300));
      put(plots, ...drawn.map((plot) => plot.element));
    }
    showNow();
  };
  store.watch((s) => s.selected, rebuild);
  store.watch((s) => s.open, rebuild);
  store.watch((s) => s.look.theme, rebuild);
  store.watch((s) => s.navigation, (mode) => follow.setAttribute('aria-pressed', String(mode === 'follow')));
  clock.subscribe(showNow);
  new ResizeObserver(() => { for (const plot of drawn) plot.setWidth(element.clientWidth); }).observe(element);
  return element;
}

/** Its name, which can be changed, and a way to take it out of the selection. */
function chipOf(app: App, scene: Scene, track: number, colour: string): HTMLElement {
  const name = nameOfTrack(scene, track);
  const input = h('input', {
    type: 'text', class: 'name', value: name, size: Math.max(6, name.length), maxLength: LONGEST_NAME, 'aria-label': `Name of track ${track}`, 'data-testid': 'track-name',
    onchange: () => app.nameTrack(track, input.value === `track ${track}` ? '' : input.value),
  });
  return h('span', { class: 'chip', style: `--chip:${colour}` }, input, iconButton('close', `Take ${name} out of the selection`, () => app.select(track, true)));
}

/** Place and speed of the selected tracks at this frame, to be spoken. */
export function describeTracks({ store, clock }: App): string {
  const { open, selected } = store.state;
  if (!open) return '';
  const { name, factor } = unitOf(open.scene);
  return selected.map((track) => {
    const { x, y, z, speed } = readTrack(open.scene, track);
    const show = (values: Float64Array) => formatNumber(values[clock.frame] * factor);
    const called = givenNames(open.scene.meta)[track] ?? `Track ${track}`;
    return Number.isNaN(x[clock.frame]) ? `${called} is not known here.` : `${called}: x ${show(x)}, y ${show(y)}, z ${show(z)} ${name}, speed ${show(speed)} ${name}/s.`;
  }).join(' ');
}

/** One column per track; labels with their unit on the left. */
function numberRows(scene: Scene, selected: readonly number[], reads: readonly Read[], frame: number): HTMLElement[] {
  const { tracks, frameCount: T } = scene;
  const row = (label: string, unit: string, cell: (k: number) => string) =>
    h('tr', {}, h('th', { scope: 'row' }, label, unit && h('small', {}, ` ${unit}`)), ...selected.map((_, k) => h('td', {}, cell(k))));
  return [
    row('track', '', (k) => String(selected[k])),
    row('frame', '', () => String(frame)),
    ...QUANTITIES.map((quantity) => {
      const { label, unit, rows } = curveOf(scene, reads, quantity);
      return row(label, unit, (k) => formatNumber(rows[k][frame]));
    }),
    row('mobility', '', (k) => formatPercent(tracks.mobility[selected[k]])),
    row('seen', '', (k) => (tracks.visible[selected[k] * T + frame] ? 'yes' : 'hidden')),
    row('confidence', '', (k) => formatPercent(tracks.confidence[selected[k] * T + frame])),
  ];
}

/** The curves as a table: one row per frame; a row seeks. */
function frameTable(scene: Scene, selected: readonly number[], curves: readonly Curve[], seek: (frame: number) => void): HTMLElement {
  const heads = curves.flatMap(({ label, unit, rows }) => rows.map((_, k) => h('th', { scope: 'col' }, rows.length > 1 ? `${label} of ${nameOfTrack(scene, selected[k])}` : label, h('small', {}, ` ${unit}`))));
  return h('div', { class: 'table-scroll', tabIndex: 0, role: 'region', 'aria-label': 'Values by frame' }, h('table', { class: 'frames', 'data-testid': 'frame-table' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'frame'), h('th', { scope: 'col' }, 'time'), ...heads)),
    h('tbody', {}, ...Array.from(scene.times, (secs, t) => h('tr', {},
      h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link', onclick: () => seek(t) }, String(t))), h('td', {}, formatTime(secs)),
      ...curves.flatMap(({ rows }) => rows.map((row) => h('td', {}, formatNumber(row[t])))))))));
}
