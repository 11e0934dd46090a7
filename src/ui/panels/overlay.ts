// What lies over the 3D view: lengths at their segments, the lasso, the tool's next step, the point under the pointer.

import { TRACK_COLOURS, toCss } from '../../viewer/colours.ts';
import { nameOfTrack } from '../../scene/names.ts';
import { markOf, noiseOf, valueAt } from '../../viewer/measure.ts';
import type { Spot } from '../../viewer/pick.ts';
import type { App, Probe, ToolName } from '../app.ts';
import { h, put } from '../dom.ts';
import { formatLength, formatMeasure, formatNumber, formatPercent, unitOf } from '../format.ts';
import { projectInto } from '../../viewer/points.ts';

const HINTS: Readonly<Record<ToolName, (set: number) => string>> = {
  select: () => '',
  lasso: () => 'Draw around the heads of the tracks to select them. Shift adds.',
  box: () => 'Drag a box over the view or the video: trails of what lies outside go.',
  measure: (set) => (set === 0 ? 'Click the first point, in the 3D view or in the video.' : 'Click the second point.'),
  mask: () => 'Paint on the video what moves, or erase what stands still.',
  path: (set) => (set < 2 ? 'Click the points of the path one after the other.' : `${set} points set; click more, or Done.`),
  angle: (set) => ['Click a point on the first arm.', 'Click the corner.', 'Click a point on the other arm.'][set] ?? '',
  height: () => 'Click a point: its height above the floor is measured.',
  track: () => 'Click a point, in the 3D view or in the video: the networks follow it through the clip.',
  level: (set) => `Click three points of the floor, far apart: ${set} of 3 set.`,
};

/** The same by keys; left out where fingers are the way to point. */
const BY_KEYS: Readonly<Partial<Record<ToolName, string>>> = {
  box: ' Arrows move it, Shift and arrows size it, Enter keeps it.',
  mask: ' Keys, with the video focused: arrows move the brush, Space paints, E erases, + and − change its size.',
};

export interface ViewOverlay {
  readonly element: HTMLElement;
  /** After every picture: labels follow what they name. */
  place(): void;
  /** Marks for a moment what the view turns about. */
  showCentre(): void;
}

const CENTRE_SHOWN_MS = 600;

/** What is written beside measures and selected tracks, and where on the canvas. */
export function viewLabels({ store, viewer, clock }: App): { text: string; colour: string | null; spot: Spot }[] {
  const { open, measures, selected, look } = store.state;
  if (!open) return [];
  const { scene } = open;
  const lengths = look.layers.measures ? measures.filter((m) => !m.hidden) : [];
  return [
    ...lengths.map((measure) => {
      const places = measure.points.map((anchor) => markOf(scene, anchor, clock.frame));
      // Beside the corner of an angle, else in the middle.
      const around = measure.kind === 'angle' ? [places[1]] : places;
      const known = around.filter((place) => place !== null);
      const middle = known.length === around.length ? ([0, 1, 2].map((k) => known.reduce((sum, p) => sum + p[k], 0) / known.length) as [number, number, number]) : null;
      const value = valueAt(scene, measure, clock.frame, ([x, y, z]) => viewer.heightOf(x, y, z));
      return { text: formatMeasure(value, measure.kind, scene, noiseOf(measure)), colour: null, spot: middle && viewer.sight.spotOf(middle) };
    }),
    ...(look.layers.trails ? selected.map((track, k) => ({ text: nameOfTrack(scene, track), colour: toCss(TRACK_COLOURS[k]), spot: viewer.sight.spotOfTrack(track) })) : []),
  ].filter((label): label is { text: string; colour: string | null; spot: Spot } => label.spot !== null);
}

export function createViewOverlay(app: App): ViewOverlay {
  const { store, viewer } = app;
  const labels = h('div', { class: 'labels' });
  const readout = h('output', { class: 'readout mono', 'data-testid': 'probe' });
  const hint = h('span', {});
  const byKeys = h('span', { class: 'by-keys' });
  const tool = h('div', { class: 'tool-hint', role: 'status', hidden: true, 'data-testid': 'tool-hint' },
    h('span', {}, hint, byKeys), h('button', { type: 'button', onclick: () => app.setTool('select') }, 'Done', h('span', { class: 'by-keys' }, ' (Esc)')));
  const badge = h('span', { class: 'badge', hidden: true, 'data-testid': 'interpolated' }, 'interpolated');
  const centre = h('i', { class: 'centre-mark', hidden: true });
  let turnedAt = -Infinity;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.classList.add('lasso');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
  svg.append(line);

  const showTool = () => {
    const { tool: name, pending } = store.state;
    tool.hidden = name === 'select';
    tool.dataset.tool = name;
    hint.textContent = HINTS[name](pending.length);
    byKeys.textContent = BY_KEYS[name] ?? '';
  };
  store.watch((s) => s.tool, showTool);
  store.watch((s) => s.pending, showTool);
  store.watch((s) => s.outline, (outline) => line.setAttribute('points', outline.map(({ x, y }) => `${x},${y}`).join(' ')));
  store.watch((s) => s.probe, (probe) => {
    readout.textContent = probe && probe.source === 'view' ? describeProbe(app, probe) : '';
  });

  return {
    element: h('div', { class: 'view-overlay' }, labels, centre, badge, svg, readout, tool),
    place() {
      put(labels, ...viewLabels(app).map(({ text, colour, spot }) => h('span', { class: 'label mono', style: `transform: translate(${spot.x}px, ${spot.y}px);${colour ? `--chip:${colour}` : ''}` }, text)));
      const spot = performance.now() - turnedAt < CENTRE_SHOWN_MS ? viewer.centreSpot() : null;
      badge.hidden = !viewer.interpolates;
      centre.hidden = spot === null;
      if (spot) centre.style.transform = `translate(${spot.x}px, ${spot.y}px)`;
    },
    showCentre() {
      turnedAt = performance.now();
      clearTimeout(hiding);
      hiding = setTimeout(() => { centre.hidden = true; }, CENTRE_SHOWN_MS);
    },
  };
}

/** Place, distance to the recorded camera, certainty and kind of the point under the pointer. */
export function describeProbe({ store, clock, viewer }: App, { frame, x, y, point }: Probe): string {
  const scene = store.state.open?.scene;
  if (!scene || !point) return '';
  const { name, factor } = unitOf(scene);
  const i = (frame * scene.height + y) * scene.width + x;
  const depth = projectInto(scene.cameras[clock.frame], point)?.depth;
  const [px, py, pz] = point.map((v) => formatNumber(v * factor));
  const height = viewer.heightOf(...point);
  return [`x ${px}  y ${py}  z ${pz} ${name}`, depth === undefined ? null : `${formatNumber(depth * factor)} ${name} from the camera`,
    `${formatLength(height, scene)} above the floor`, `certain ${formatPercent(scene.confidence[i] / 255)}`, scene.mask[i] ? 'moves' : 'static', `frame ${frame}`].filter(Boolean).join(' · ');
}
