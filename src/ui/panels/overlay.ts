// What lies over the 3D view: lengths at their segments, the lasso, the tool's next step, the point under the pointer.

import { lengthAt, lengthNoise, placeOf } from '../../viewer/measure.ts';
import type { Spot } from '../../viewer/pick.ts';
import type { App, Probe, ToolName } from '../app.ts';
import { h, put } from '../dom.ts';
import { formatLength, formatNumber, formatPercent, unitOf } from '../format.ts';
import { projectInto } from '../../viewer/points.ts';

const HINTS: Readonly<Record<ToolName, (set: number) => string>> = {
  select: () => '',
  lasso: () => 'Draw around the heads of the tracks to select them. Shift adds.',
  measure: (set) => (set === 0 ? 'Click the first point, in the 3D view or in the video.' : 'Click the second point.'),
  mask: () => 'Paint on the video what moves, or erase what stands still. Keys, with the video focused: arrows move the brush, Space paints, E erases, + and − change its size.',
  track: () => 'Click a point, in the 3D view or in the video: the networks follow it through the clip.',
  level: (set) => `Click three points of the floor, far apart: ${set} of 3 set.`,
};

export interface ViewOverlay {
  readonly element: HTMLElement;
  /** After every picture: labels follow what they name. */
  place(): void;
  drawLasso(outline: readonly Spot[]): void;
}

export function createViewOverlay(app: App): ViewOverlay {
  const { store, viewer, clock } = app;
  const labels = h('div', { class: 'labels' });
  const readout = h('output', { class: 'readout mono', 'data-testid': 'probe' });
  const hint = h('span', {});
  const tool = h('div', { class: 'tool-hint', role: 'status', hidden: true, 'data-testid': 'tool-hint' }, hint, h('button', { type: 'button', onclick: () => app.setTool('select') }, 'Done (Esc)'));
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.classList.add('lasso');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
  svg.append(line);

  const showTool = () => {
    const { tool: name, pending } = store.state;
    tool.hidden = name === 'select';
    hint.textContent = HINTS[name](pending.length);
  };
  store.watch((s) => s.tool, showTool);
  store.watch((s) => s.pending, showTool);
  store.watch((s) => s.probe, (probe) => {
    readout.textContent = probe && probe.source === 'view' ? describeProbe(app, probe) : '';
  });

  return {
    element: h('div', { class: 'view-overlay' }, labels, svg, readout, tool),
    place() {
      const { open, measures, look } = store.state;
      if (!open || measures.length === 0 || !look.layers.measures) {
        if (labels.childElementCount > 0) put(labels);
        return;
      }
      put(labels, ...measures.map((measure) => {
        const [a, b] = [placeOf(open.scene, measure.from, clock.frame), placeOf(open.scene, measure.to, clock.frame)];
        const spot = a && b && viewer.spotOf([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2]);
        return spot && h('span', { class: 'label mono', style: `transform: translate(${spot.x}px, ${spot.y}px)` },
          formatLength(lengthAt(open.scene, measure, clock.frame), open.scene.metresPerUnit, lengthNoise(measure)));
      }));
    },
    drawLasso: (outline) => line.setAttribute('points', outline.map(({ x, y }) => `${x},${y}`).join(' ')),
  };
}

/** Place, distance to the recorded camera, certainty and kind of the point under the pointer. */
export function describeProbe({ store, clock }: App, { frame, x, y, point }: Probe): string {
  const scene = store.state.open?.scene;
  if (!scene || !point) return '';
  const { name, factor } = unitOf(scene.metresPerUnit);
  const i = (frame * scene.height + y) * scene.width + x;
  const depth = projectInto(scene.cameras[clock.frame], point)?.depth;
  const [px, py, pz] = point.map((v) => formatNumber(v * factor));
  return [`x ${px}  y ${py}  z ${pz} ${name}`, depth === undefined ? null : `${formatNumber(depth * factor)} ${name} from the camera`,
    `certain ${formatPercent(scene.confidence[i] / 255)}`, scene.mask[i] ? 'moves' : 'static', `frame ${frame}`].filter(Boolean).join(' · ');
}
