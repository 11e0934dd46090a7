// The numbers of the selected tracks, and their curves on the clock.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Scene } from '../../scene/scene.ts';
import { TRACK_COLOURS, toCss } from '../../viewer/colours.ts';
import { readTrack, type TrackMotion } from '../../viewer/track-motion.ts';
import type { App } from '../app.ts';
import { h, put } from '../dom.ts';
import { formatNumber, formatPercent, unitOf } from '../format.ts';

const CURVES = [['x', 'x'], ['y', 'y'], ['z', 'z'], ['speed', 'speed']] as const;
const PLOT_HEIGHT = 92;

export function createInspector(app: App): HTMLElement {
  const { store, clock } = app;
  const chips = h('div', { class: 'chips' });
  const table = h('table', { class: 'numbers', 'data-testid': 'numbers' });
  const plots = h('div', { class: 'plots', 'data-testid': 'plots' });
  const hint = h('p', { class: 'note' }, 'Click a trail in the 3D view or a point in the video to read its numbers. Shift adds another, up to twelve; Esc clears.');
  const axes = h('p', { class: 'note' }, 'Axes of the first camera: x right, y down, z forward. Speed is smoothed over five frames.');
  const element = h('div', { class: 'stack', id: 'panel-tracks', 'data-testid': 'inspector' }, hint, chips, table, plots, axes);
  let motions: TrackMotion[] = [];
  let drawn: Plot[] = [];

  const showNumbers = () => {
    const { open, selected } = store.state;
    if (open && selected.length > 0) put(table, ...numberRows(open.scene, selected, motions, clock.frame));
    for (const plot of drawn) plot.setTime(clock.timeSecs);
  };
  const rebuild = () => {
    for (const plot of drawn) plot.destroy();
    drawn = [];
    const { open, selected } = store.state;
    const some = open !== null && selected.length > 0;
    hint.hidden = some;
    for (const part of [chips, table, plots, axes]) part.hidden = !some;
    if (!some) return;
    const { scene } = open;
    motions = selected.map((track) => readTrack(scene, track));
    put(chips, ...selected.map((track, k) => h('button', {
      type: 'button', class: 'chip', style: `--chip:${toCss(TRACK_COLOURS[k])}`, 'aria-label': `Remove track ${track}`, onclick: () => app.select(track, true),
    }, `track ${track} ×`)));
    drawn = CURVES.map(([quantity, label]) => createPlot(app, scene, motions, quantity, label, element.clientWidth || 300));
    put(plots, ...drawn.map((plot) => plot.element));
    showNumbers();
  };
  store.watch((s) => s.selected, rebuild);
  store.watch((s) => s.open, rebuild);
  store.watch((s) => s.look.theme, rebuild);
  clock.subscribe(showNumbers);
  new ResizeObserver(() => { for (const plot of drawn) plot.setWidth(element.clientWidth); }).observe(element);
  return element;
}

/** One column per track; labels with their unit on the left. */
function numberRows(scene: Scene, selected: readonly number[], motions: readonly TrackMotion[], frame: number): HTMLElement[] {
  const { name, factor } = unitOf(scene.metresPerUnit);
  const { tracks, frameCount: T } = scene;
  const row = (label: string, unit: string, cell: (motion: TrackMotion, track: number) => string) =>
    h('tr', {}, h('th', { scope: 'row' }, label, unit && h('small', {}, ` ${unit}`)), ...motions.map((m, k) => h('td', {}, cell(m, selected[k]))));
  const length = (read: (m: TrackMotion) => Float64Array) => (m: TrackMotion) => formatNumber(read(m)[frame] * factor);
  return [
    row('track', '', (_, track) => String(track)),
    row('frame', '', () => String(frame)),
    row('x', name, length((m) => m.x)), row('y', name, length((m) => m.y)), row('z', name, length((m) => m.z)),
    row('speed', `${name}/s`, length((m) => m.speed)),
    row('path length', name, length((m) => m.path)),
    row('distance from start', name, length((m) => m.distance)),
    row('mobility', '', (_, track) => formatPercent(tracks.mobility[track])),
    row('seen', '', (_, track) => (tracks.visible[track * T + frame] ? 'yes' : 'hidden')),
    row('confidence', '', (_, track) => formatPercent(tracks.confidence[track * T + frame])),
  ];
}

interface Plot {
  readonly element: HTMLElement;
  setTime(secs: number): void;
  setWidth(width: number): void;
  destroy(): void;
}

function createPlot({ clock }: App, scene: Scene, motions: readonly TrackMotion[], quantity: typeof CURVES[number][0], label: string, width: number): Plot {
  const { name, factor } = unitOf(scene.metresPerUnit);
  const unit = quantity === 'speed' ? `${name}/s` : name;
  const style = getComputedStyle(document.documentElement);
  const [text, line] = [style.getPropertyValue('--dim'), style.getPropertyValue('--line')];
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  const known = (values: Float64Array) => Array.from(values, (v) => (Number.isNaN(v) ? null : v * factor));
  const element = h('figure', { class: 'plot', 'data-testid': `plot-${quantity}` }, h('figcaption', {}, `${label} `, h('small', {}, unit)));
  const plot = new uPlot({
    width, height: PLOT_HEIGHT, legend: { show: false }, cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } }, scales: { x: { time: false } },
    padding: [6, 8, 0, 0],
    axes: [{ ...axis, size: 22, values: (_, ticks) => ticks.map((v) => `${+v.toFixed(3)} s`) }, { ...axis, size: 44, values: (_, ticks) => ticks.map((v) => String(+v.toPrecision(3))) }],
    series: [{}, ...motions.map((_, k) => ({ stroke: toCss(TRACK_COLOURS[k]), width: 1.6, points: { show: true, size: 3.5 } }))],
  }, [Array.from(scene.times), ...motions.map((m) => known(m[quantity]))], element);
  const now = h('i', { class: 'plot-now' });
  plot.over.append(now);
  plot.over.addEventListener('click', (event) => clock.seekTime(nearestTime(scene.times, plot.posToVal(event.offsetX, 'x'))));
  const setTime = (secs: number) => { now.style.transform = `translateX(${plot.valToPos(secs, 'x')}px)`; };
  return {
    element, setTime, destroy: () => plot.destroy(),
    setWidth: (next) => {
      plot.setSize({ width: Math.max(120, next), height: PLOT_HEIGHT });
      setTime(clock.timeSecs);
    },
  };
}

const nearestTime = (times: Float64Array, secs: number): number => times.reduce((best, t) => (Math.abs(t - secs) < Math.abs(best - secs) ? t : best), times[0]);
