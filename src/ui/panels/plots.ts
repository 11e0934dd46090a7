// Curves over the clip's time, with the clock's moment marked; a click seeks.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Clock } from '../../viewer/clock.ts';
import { TRACK_COLOURS, toCss, type Rgb } from '../../viewer/colours.ts';
import { h } from '../dom.ts';
import { formatShort } from '../format.ts';

const HEIGHT = 92;
/** Doubles the colours for those who cannot tell them apart. */
const DASHES: readonly number[][] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

export interface Curve {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** One row per track; NaN where unknown. */
  readonly rows: readonly Float64Array[];
  /** The same without smoothing: dots beside the lines. */
  readonly raw?: readonly Float64Array[];
  /** One per row; those of the selected tracks unless said. */
  readonly colours?: readonly Rgb[];
}

export interface Plot {
  readonly element: HTMLElement;
  /** The curves alone. */
  readonly canvas: HTMLCanvasElement;
  /** Where a time is on the canvas, as a share of its width. */
  acrossAt(secs: number): number;
  showNow(): void;
  setWidth(width: number): void;
  destroy(): void;
}

/** `scale`: how much larger than usual everything in it is. */
export function createPlot(clock: Clock, times: Float64Array, { id, label, unit, rows, raw = [], colours = TRACK_COLOURS }: Curve, width: number, scale = 1): Plot {
  const style = getComputedStyle(document.documentElement);
  const [text, line] = [style.getPropertyValue('--dim'), style.getPropertyValue('--line')];
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: `${11 * scale}px system-ui` };
  const element = h('figure', { class: 'plot', 'data-testid': `plot-${id}` }, h('figcaption', {}, `${label} `, h('small', {}, unit)));
  const plot = new uPlot({
    width, height: HEIGHT * scale, legend: { show: false }, cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 }, sync: { key: 'foursight' } }, scales: { x: { time: false } },
    padding: [6 * scale, 8 * scale, 0, 0],
    // Places are only known once it is drawn.
    hooks: { draw: [() => place()] },
    axes: [{ ...axis, size: 22 * scale, values: (_, ticks) => ticks.map((v) => `${formatShort(v)} s`) }, { ...axis, size: 44 * scale, values: (_, ticks) => ticks.map((v) => formatShort(v)) }],
    series: [{}, ...rows.map((_, k) => ({ stroke: toCss(colours[k]), width: 1.6 * scale, dash: DASHES[k % DASHES.length].map((v) => v * scale), points: { show: raw.length === 0, size: 3.5 * scale } })),
      ...raw.map((_, k) => ({ stroke: toCss(colours[k]), paths: () => null, points: { show: true, size: 3.5 * scale } }))],
  }, [Array.from(times), ...[...rows, ...raw].map((row) => Array.from(row, (v) => (Number.isNaN(v) ? null : v)))], element);
  const now = h('i', { class: 'plot-now' });
  const place = () => { now.style.transform = `translateX(${plot.valToPos(clock.timeSecs, 'x')}px)`; };
  plot.over.append(now);
  plot.over.addEventListener('click', (event) => clock.seekTime(nearestTime(times, plot.posToVal(event.offsetX, 'x'))));
  return {
    element, canvas: plot.ctx.canvas, acrossAt: (secs) => plot.valToPos(secs, 'x', true) / plot.ctx.canvas.width, showNow: place, destroy: () => plot.destroy(),
    setWidth: (next) => plot.setSize({ width: Math.max(120, next), height: HEIGHT }),
  };
}

const nearestTime = (times: Float64Array, secs: number): number => times.reduce((best, t) => (Math.abs(t - secs) < Math.abs(best - secs) ? t : best), times[0]);
