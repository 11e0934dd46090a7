// Correcting what moves, on the video: a brush with its cursor, a threshold, and the way to a new solution.

import { MOVING, toCss } from '../../viewer/colours.ts';
import { strokeOf } from '../../viewer/mask-edit.ts';
import type { Spot } from '../../viewer/pick.ts';
import type { App } from '../app.ts';
import { h, segmented, slider } from '../dom.ts';

const MOST_PX = 12;
const FIRST_PX = 2;
const STEPS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export interface MaskEditor {
  readonly element: HTMLElement;
  /** The stroke under way and the outline of the brush, over the picture; `scale` canvas px per px of the scene. */
  draw(context: CanvasRenderingContext2D, scale: number): void;
}

/** Listens on the canvas while the brush is the tool. `pixelAt`: px of the scene under a pointer; `redraw` asks for `draw`. */
export function createMaskEditor(app: App, canvas: HTMLCanvasElement, pixelAt: (event: MouseEvent) => Spot | null, redraw: () => void): MaskEditor {
  const { store, masks, jobs } = app;
  let cursor: Spot | null = null;
  let area: Uint8Array | null = null;
  let px = FIRST_PX;

  const isOn = () => store.state.tool === 'mask' && store.state.open !== null;
  const setBrush = (change: Partial<typeof store.state.brush>) => store.set({ brush: { ...store.state.brush, ...change } });
  const extend = (from: Spot, to: Spot) => {
    const { width, height } = store.state.open!.scene;
    const piece = strokeOf(width, height, from, to, store.state.brush.radius);
    area = area?.map((a, i) => a | piece[i]) ?? piece;
    cursor = to;
    redraw();
  };
  const finish = () => {
    const done = area;
    area = null;
    if (done) masks.stroke(done);
    redraw();
  };

  canvas.addEventListener('pointerdown', (event) => {
    const at = isOn() && event.button === 0 ? pixelAt(event) : null;
    if (!at) return;
    event.preventDefault();
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    extend(at, at);
  });
  canvas.addEventListener('pointermove', (event) => {
    const at = isOn() ? pixelAt(event) : null;
    if (!at) return;
    if (area && cursor) extend(cursor, at);
    else {
      cursor = at;
      redraw();
    }
  });
  canvas.addEventListener('pointerup', () => { if (area) finish(); });
  canvas.addEventListener('pointercancel', () => {
    area = null;
    redraw();
  });
  canvas.addEventListener('pointerleave', () => {
    if (area || document.activeElement === canvas) return;
    cursor = null;
    redraw();
  });
  canvas.addEventListener('keydown', (event) => { if (isOn() && onKey(event)) event.preventDefault(); });

  /** The brush by keys: arrows move it, Space or Enter paints, E turns it round, plus and minus change its size. */
  const onKey = (event: KeyboardEvent): boolean => {
    const { brush, open } = store.state;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { width, height } = open!.scene;
    const step = STEPS[event.key];
    const at = cursor ?? { x: width / 2, y: height / 2 };
    if (step) {
      const far = event.shiftKey ? 1 : Math.max(1, brush.radius / 2);
      cursor = { x: Math.min(width - 0.5, Math.max(0.5, at.x + step[0] * far)), y: Math.min(height - 0.5, Math.max(0.5, at.y + step[1] * far)) };
      app.announce(`Brush at ${Math.round(cursor.x)}, ${Math.round(cursor.y)}`);
    } else if (event.key === ' ' || event.key === 'Enter') {
      extend(at, at);
      finish();
      app.announce(brush.erase ? 'Erased' : 'Painted');
    } else if (event.key.toLowerCase() === 'e') setBrush({ erase: !brush.erase });
    else if (event.key === '+' || event.key === '=') setBrush({ radius: Math.min(40, brush.radius + 1) });
    else if (event.key === '-') setBrush({ radius: Math.max(1, brush.radius - 1) });
    else return false;
    redraw();
    return true;
  };

  const correct = h('button', { type: 'button', 'data-testid': 'tool-mask', onclick: () => app.setTool(store.state.tool === 'mask' ? 'select' : 'mask') }, 'Correct what moves');
  const mode = segmented<'paint' | 'erase'>('Brush', [['paint', 'Paint'], ['erase', 'Erase']], (value) => setBrush({ erase: value === 'erase' }), 'brush');
  const size = slider('Brush size', { min: 1, max: 40, step: 1 }, (v) => `${2 * v} px`, (radius) => setBrush({ radius }), 'brush-size');
  const reach = slider('Carry to frames before and after', { min: 0, max: 24, step: 1 }, (v) => (v === 0 ? 'this frame only' : `${v} each way`), (value) => setBrush({ reach: value }), 'brush-reach');
  const limit = slider('Moves where the camera leaves unexplained', { min: 0.25, max: MOST_PX, step: 0.25 }, (v) => `over ${v} px`, (value) => { px = value; }, 'mask-threshold');
  limit.set(px);
  const here = h('button', { type: 'button', 'data-testid': 'threshold-frame', onclick: () => masks.threshold(px, false) }, 'In this frame');
  const all = h('button', { type: 'button', 'data-testid': 'threshold-all', onclick: () => masks.threshold(px, true) }, 'In all frames');
  const threshold = h('div', { class: 'stack tight' }, limit.element, h('div', { class: 'actions start' }, here, all));
  const again = h('button', { type: 'button', class: 'primary', 'data-testid': 'solve-again', onclick: () => void jobs.solveAgain() }, 'Solve again with these masks');
  const why = h('p', { class: 'note', 'data-testid': 'solve-again-why' });
  const controls = h('div', { class: 'stack tight' }, mode.element, size.element, reach.element, threshold, again, why);

  store.watch((s) => s.tool === 'mask', (on) => {
    correct.setAttribute('aria-pressed', String(on));
    correct.textContent = on ? 'Done' : 'Correct what moves';
    controls.hidden = !on;
    canvas.classList.toggle('painting', on);
    canvas.tabIndex = on ? 0 : -1;
    canvas.role = on ? 'application' : 'img';
    canvas.ariaLabel = on ? 'Video frame: arrows move the brush, Space paints, E erases, plus and minus change its size' : 'Video frame';
    if (on) canvas.focus();
    cursor = area = null;
    redraw();
  });
  store.watch((s) => s.brush, (brush) => {
    mode.set(brush.erase ? 'erase' : 'paint');
    size.set(brush.radius);
    reach.set(brush.reach);
    redraw();
  });
  store.watch((s) => s.open, (open) => {
    const kept = open?.motionErrorPx !== undefined;
    threshold.hidden = again.hidden = !kept;
    reach.element.hidden = !open?.flow;
    why.textContent = kept ? 'Cameras, depth and trajectories are found anew; the networks are not asked again.'
      : 'Solving again and thresholds need what the networks found, and that is only kept right after a run. Painted masks are saved with the scene all the same.';
  });

  return {
    element: h('div', { class: 'stack tight mask-editor' }, correct, controls),
    draw(context, scale) {
      if (!isOn()) return;
      const { brush, open } = store.state;
      const { width } = open!.scene;
      if (area) {
        context.fillStyle = brush.erase ? 'rgb(20 22 26 / 0.6)' : toCss(MOVING);
        area.forEach((a, i) => { if (a) context.fillRect((i % width) * scale, Math.floor(i / width) * scale, Math.ceil(scale), Math.ceil(scale)); });
      }
      if (!cursor) return;
      const ratio = Math.min(2, devicePixelRatio);
      for (const [line, colour] of [[3.5, '#000'], [1.5, brush.erase ? '#fff' : toCss(MOVING)]] as const) {
        context.lineWidth = line * ratio;
        context.strokeStyle = colour;
        context.setLineDash(brush.erase ? [5 * ratio, 4 * ratio] : []);
        context.beginPath();
        context.arc(cursor.x * scale, cursor.y * scale, Math.max(2, brush.radius * scale), 0, 2 * Math.PI);
        context.stroke();
      }
      context.setLineDash([]);
    },
  };
}
