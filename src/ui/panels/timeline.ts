// Time: play, step, scrub, speed and loop, over a strip of pictures and the share of the picture that moves.

import type { Scene } from '../../scene/scene.ts';
import { LOOP_MODES, RATES, type Clock } from '../../viewer/clock.ts';
import type { App } from '../app.ts';
import { h, icon, iconButton, put, type IconName } from '../dom.ts';
import { formatFixed, formatTime } from '../format.ts';
import { notesOf } from '../notes.ts';
import { paintFrame } from '../pictures.ts';
import { residualsOf } from '../residuals.ts';
import { TRACK_COLOURS, toCss } from '../../viewer/colours.ts';
import { trackEvents, type TrackEvent } from '../../viewer/track-motion.ts';

const LOOP_ICON: Readonly<Record<string, IconName>> = { loop: 'loop', 'ping-pong': 'pingpong', once: 'once' };
const STRIP_HEIGHT = 40;
const LANE_HEIGHT = 11;
/** Below that all frames are good alike. */
const LEAST_RESIDUAL_PX = 1;

export function createTimeline({ store, clock, viewer }: App): HTMLElement {
  const play = h('button', { type: 'button', class: 'icon-button accent', 'data-testid': 'play', onclick: () => clock.toggle() });
  const loop = h('button', {
    type: 'button', class: 'icon-button', 'data-testid': 'loop', onclick: () => clock.setLoop(LOOP_MODES[(LOOP_MODES.indexOf(clock.loop) + 1) % LOOP_MODES.length]),
  });
  const speed = h('select', { 'aria-label': 'Speed', 'data-testid': 'speed', onchange: () => clock.setRate(Number(speed.value)) },
    ...RATES.map((rate) => h('option', { value: String(rate) }, `${rate}×`)));
  const count = h('output', { class: 'mono', 'data-testid': 'frame-count' });
  const time = h('output', { class: 'mono dim', 'data-testid': 'time' });
  const strip = h('canvas', { 'aria-hidden': 'true' });
  const head = h('div', { class: 'playhead' });
  const range = h('div', { class: 'loop-range', hidden: true });
  const scrub = h('input', { type: 'range', min: '0', step: '1', class: 'scrub', 'aria-label': 'Frame', 'data-testid': 'scrub', oninput: () => clock.seek(scrub.valueAsNumber) });
  const handles = [createLoopHandle(clock, 'start'), createLoopHandle(clock, 'end')];
  const missing = h('div', { class: 'missing', hidden: true, title: 'Still being loaded', 'data-testid': 'missing' });
  store.watch((s) => s.framesReady, (ready) => {
    missing.hidden = ready === null;
    missing.style.left = `${(100 * (ready ?? 0)) / clock.frameCount}%`;
  });
  const keys = h('div', { class: 'keyframes' });
  store.watch((s) => s.keys, (all) => put(keys, ...all.map(({ frame, view }) => h('button', {
    type: 'button', style: `left:${(100 * (frame + 0.5)) / clock.frameCount}%`, 'aria-label': `Key at frame ${frame}`, title: `Key at frame ${frame}: shows its view`, 'data-testid': 'keyframe',
    onclick: () => { clock.seek(frame); viewer.navigation.look(view, true); },
  }))));
  const notes = h('div', { class: 'keyframes notes' });
  store.watch((s) => s.open?.scene.meta, () => {
    const scene = store.state.open?.scene;
    put(notes, ...(scene ? notesOf(scene) : []).map(({ frame, text }) => h('button', {
      type: 'button', style: `left:${(100 * (frame + 0.5)) / clock.frameCount}%`, 'aria-label': `Note at frame ${frame}: ${text}`, title: text, 'data-testid': 'note-mark', onclick: () => { clock.pause(); clock.seek(frame); },
    })));
  });
  const follow = h('button', { type: 'button', class: 'follow-keys', hidden: true, 'data-testid': 'follow-keys', onclick: () => store.set({ alongKeys: !store.state.alongKeys }) }, 'Follow keys');
  store.watch((s) => s.keys.length > 1, (some) => { follow.hidden = !some; });
  store.watch((s) => s.alongKeys, (on) => follow.setAttribute('aria-pressed', String(on)));
  const track = h('div', { class: 'track' }, strip, missing, range, head, scrub, keys, notes, ...handles.map((k) => k.element));

  const show = () => {
    const { frame, frameCount, playing } = clock;
    put(play, icon(playing ? 'pause' : 'play'));
    const label = playing ? 'Pause (Space)' : 'Play (Space)';
    play.ariaLabel = play.title = label;
    put(loop, icon(LOOP_ICON[clock.loop]));
    loop.ariaLabel = loop.title = `Loop mode: ${clock.loop}`;
    speed.value = String(clock.rate);
    scrub.max = String(frameCount - 1);
    scrub.valueAsNumber = frame;
    scrub.setAttribute('aria-valuetext', `frame ${frame} of ${frameCount}, ${formatTime(clock.timeSecs)}`);
    count.textContent = `${frame} / ${frameCount}`;
    time.textContent = formatTime(clock.timeSecs);
    // Each frame owns an equal cell of the strip; the head stands in the middle of its cell.
    head.style.left = `${(100 * (frame + 0.5)) / frameCount}%`;
    range.hidden = clock.range === null;
    range.style.left = `${(100 * clock.first) / frameCount}%`;
    range.style.width = `${(100 * (clock.last - clock.first + 1)) / frameCount}%`;
    for (const handle of handles) handle.show();
  };
  clock.subscribe(show);
  show();

  store.watch((s) => s.open?.scene, (scene) => {
    const residuals = scene && residualsOf(scene);
    scrub.title = `Orange: share of the picture that moves.${residuals ? ` Green: how far static points land from where they were seen, up to ${formatFixed(Math.max(...residuals), 1)} px.` : ''}`;
  });
  const draw = () => { if (store.state.open) drawStrip(strip, store.state.open.scene, track.clientWidth, store.state.selected); };
  store.watch((s) => s.open, draw);
  store.watch((s) => s.selected, draw);
  new ResizeObserver(draw).observe(track);

  return h('section', { class: 'timeline', 'aria-label': 'Timeline' },
    h('div', { class: 'transport' },
      iconButton('back', 'One frame back (←)', () => clock.step(-1), 'step-back'), play, iconButton('next', 'One frame on (→)', () => clock.step(1), 'step-next'),
      loop, speed, follow, h('div', { class: 'times' }, count, time)),
    track);
}

/** One end of the range that is played: dragged, or moved by the arrows. */
function createLoopHandle(clock: Clock, end: 'start' | 'end'): { element: HTMLElement; show(): void } {
  const move = (frame: number) => clock.setRange(end === 'start' ? [Math.min(frame, clock.last - 1), clock.last] : [clock.first, Math.max(frame, clock.first + 1)]);
  const label = end === 'start' ? 'Start of the loop ([)' : 'End of the loop (])';
  const element = h('div', {
    class: 'loop-handle', role: 'slider', tabIndex: 0, 'aria-label': label, title: label, 'data-testid': `loop-${end}`,
    onpointerdown: (event: PointerEvent) => { element.setPointerCapture(event.pointerId); },
    onpointermove: (event: PointerEvent) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      const box = element.parentElement!.getBoundingClientRect();
      move(Math.round(((event.clientX - box.left) / box.width) * clock.frameCount - (end === 'end' ? 1 : 0)));
    },
    onkeydown: (event: KeyboardEvent) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      move((end === 'start' ? clock.first : clock.last) + step);
    },
  });
  return {
    element,
    show: () => {
      const frame = end === 'start' ? clock.first : clock.last;
      element.style.left = `${(100 * (end === 'start' ? frame : frame + 1)) / clock.frameCount}%`;
      for (const [name, value] of [['valuemin', 0], ['valuemax', clock.frameCount - 1], ['valuenow', frame]] as const) element.setAttribute(`aria-${name}`, String(value));
    },
  };
}

/** Evenly spread pictures; below them how much of each frame moves, and where selected tracks begin, are fastest and are lost. */
function drawStrip(canvas: HTMLCanvasElement, scene: Scene, width: number, selected: readonly number[]): void {
  if (width === 0) return;
  const ratio = Math.min(2, devicePixelRatio);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((STRIP_HEIGHT + 2 * LANE_HEIGHT) * ratio);
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const { frameCount: T, width: W, height: H, mask } = scene;
  const cell = Math.max(8, (STRIP_HEIGHT * W) / H);
  const cells = Math.max(1, Math.round(width / cell));
  for (let k = 0; k < cells; k++) {
    const picture = paintFrame(scene, Math.min(T - 1, Math.floor(((k + 0.5) / cells) * T)));
    context.drawImage(picture, (k * width) / cells, 0, width / cells - 1, STRIP_HEIGHT);
  }
  const shares = Array.from({ length: T }, (_, t) => {
    let moving = 0;
    for (let i = t * W * H; i < (t + 1) * W * H; i += 4) if (mask[i]) moving++;
    return (4 * moving) / (W * H);
  });
  const style = getComputedStyle(canvas);
  drawLane(context, shares, Math.max(0.02, ...shares), STRIP_HEIGHT, width, style.getPropertyValue('--moving'));
  const residuals = residualsOf(scene);
  if (residuals) drawLane(context, residuals, Math.max(LEAST_RESIDUAL_PX, ...residuals), STRIP_HEIGHT + LANE_HEIGHT, width, style.getPropertyValue('--accent'));
  selected.forEach((track, k) => {
    context.fillStyle = toCss(TRACK_COLOURS[k]);
    for (const { frame, shape } of trackEvents(scene, track)) drawEvent(context, ((frame + 0.5) * width) / T, shape);
  });
}

/** One bar per frame. */
function drawLane(context: CanvasRenderingContext2D, values: readonly number[], top: number, y: number, width: number, colour: string): void {
  context.fillStyle = colour;
  const cell = width / values.length;
  values.forEach((value, t) => {
    const bar = Math.max(1, (LANE_HEIGHT - 3) * Math.min(1, value / top));
    context.fillRect(t * cell, y + LANE_HEIGHT - bar, Math.max(1, cell - 1), bar);
  });
}

/** A bar where a track starts, a peak where it is fastest, a cross where it is lost. */
function drawEvent(context: CanvasRenderingContext2D, x: number, shape: TrackEvent['shape']): void {
  const y = STRIP_HEIGHT + LANE_HEIGHT;
  if (shape === 'start') context.fillRect(x - 1.5, y - LANE_HEIGHT, 3, LANE_HEIGHT);
  else if (shape === 'peak') {
    context.beginPath();
    context.moveTo(x - 5, y);
    context.lineTo(x, y - 9);
    context.lineTo(x + 5, y);
    context.fill();
  } else {
    context.save();
    context.translate(x, y - LANE_HEIGHT / 2);
    context.rotate(Math.PI / 4);
    context.fillRect(-5, -1.25, 10, 2.5);
    context.fillRect(-1.25, -5, 2.5, 10);
    context.restore();
  }
}
