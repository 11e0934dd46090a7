// The video in step with the 3D view: one map laid over it, the tracks, and the values under the pointer.

import type { Scene } from '../../scene/scene.ts';
import { TRACK_COLOURS, toCss, type Rgb } from '../../viewer/colours.ts';
import { nearestLine, type Spot } from '../../viewer/pick.ts';
import { projectInto } from '../../viewer/points.ts';
import type { App, Overlay } from '../app.ts';
import { checkbox, h, iconButton, put, segmented, slider } from '../dom.ts';
import { formatNumber, formatPercent, unitOf } from '../format.ts';
import { overlayLegend } from './legend.ts';
import { createMaskEditor } from './mask-editor.ts';
import { createVideoBox } from './video-box.ts';
import { paintConfidence, paintDepth, paintFlow, paintFrame, paintMask } from '../pictures.ts';

const OVERLAYS: readonly (readonly [Overlay, string])[] = [['none', 'Video'], ['depth', 'Depth'], ['mask', 'Moving'], ['confidence', 'Confidence'], ['flow', 'Flow']];
/** Frames of the 2D trail behind each track. */
const TAIL = 6;
const REACH = 12;

export function createVideoPanel(app: App): HTMLElement {
  const { store, clock, viewer } = app;
  const canvas = h('canvas', { tabIndex: -1, role: 'img', 'aria-label': 'Video frame', 'data-testid': 'video' });
  const value = h('output', { class: 'readout mono', 'data-testid': 'video-value' });
  const note = h('p', { class: 'note', hidden: true });
  const picture = document.createElement('canvas');
  const map = document.createElement('canvas');
  const lower = document.createElement('canvas');
  let flowTop = 1;

  const overlay = segmented<Overlay>('Picture over the video', OVERLAYS, (next) => store.set({ overlay: next }), 'overlay');
  const opacity = slider('Opacity', { min: 0, max: 1, step: 0.05 }, formatPercent, (next) => store.set({ overlayOpacity: next }), 'overlay-opacity');
  const legend = h('div', { class: 'legend' });
  const tracks = checkbox('Tracks', (on) => store.set({ videoTracks: on }), 'video-tracks');

  const under = h('select', { 'data-testid': 'underlay', onchange: () => store.set({ underlay: under.value as Overlay }) }, ...OVERLAYS.map(([kind, label]) => h('option', { value: kind }, label)));
  const underField = h('label', { class: 'field inline' }, h('span', {}, 'faded with'), under);
  const paintMap = (scene: Scene, kind: Overlay, map: HTMLCanvasElement): HTMLCanvasElement | null => {
    const frame = clock.frame;
    if (kind === 'depth') return paintDepth(scene, frame, viewer.depthRange, map);
    if (kind === 'mask') return paintMask(scene, frame, map);
    if (kind === 'confidence') return paintConfidence(scene, frame, map);
    const flow = store.state.open?.flow;
    if (kind === 'flow' && flow && frame < scene.frameCount - 1) return paintFlow(flow, scene.width, scene.height, frame, flowTop, map);
    return null;
  };

  const draw = () => {
    const { open, overlay: kind, underlay, overlayOpacity, videoTracks, selected, look } = store.state;
    note.hidden = true;
    if (!open || canvas.clientWidth === 0) return;
    const { scene } = open;
    const scale = (canvas.clientWidth * Math.min(2, devicePixelRatio)) / scene.width;
    Object.assign(canvas, { width: Math.round(scene.width * scale), height: Math.round(scene.height * scale) });
    const context = canvas.getContext('2d')!;
    const base = kind === 'none' ? null : paintMap(scene, underlay, lower);
    // Maps have clear parts; the video shows through them only where it is the picture.
    if (!base) context.drawImage(paintFrame(scene, clock.frame, picture), 0, 0, canvas.width, canvas.height);
    else context.drawImage(base, 0, 0, canvas.width, canvas.height);
    if (kind === 'flow' && !open.flow) {
      note.textContent = 'The flow is not stored in scene files; the tracks show the motion.';
      note.hidden = false;
    }
    const over = paintMap(scene, kind, map);
    if (over) {
      context.globalAlpha = overlayOpacity;
      context.drawImage(over, 0, 0, canvas.width, canvas.height);
      context.globalAlpha = 1;
    }
    const shown = new Set([...(videoTracks && look.layers.trails ? viewer.shownTracks : []), ...selected]);
    for (const track of shown) drawTrack(context, scene, track, clock.frame, scale, selected.indexOf(track) >= 0, selected.includes(track) ? TRACK_COLOURS[selected.indexOf(track)] : viewer.trailColour(track, clock.frame));
    drawProbe(context, scene, scale);
    editor.draw(context, scale);
    drawBox(context, scale);
  };

  /** The point under the pointer in the 3D view, where this frame sees it. */
  const drawProbe = (context: CanvasRenderingContext2D, scene: Scene, scale: number) => {
    const { probe } = store.state;
    const spot = probe?.source === 'view' && probe.point ? projectInto(scene.cameras[clock.frame], probe.point) : null;
    if (!spot) return;
    for (const [width, colour] of [[4, '#000'], [2, '#fff']] as const) {
      context.lineWidth = width * Math.min(2, devicePixelRatio);
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(spot.x * scale, spot.y * scale, 7 * Math.min(2, devicePixelRatio), 0, 2 * Math.PI);
      context.stroke();
    }
  };

  const pixelAt = (event: MouseEvent): Spot | null => {
    const scene = store.state.open?.scene;
    const box = canvas.getBoundingClientRect();
    return scene ? { x: ((event.clientX - box.left) / box.width) * scene.width, y: ((event.clientY - box.top) / box.height) * scene.height } : null;
  };
  const editor = createMaskEditor(app, canvas, pixelAt, () => draw());
  const drawBox = createVideoBox(app, canvas, pixelAt, () => draw());
  canvas.addEventListener('pointermove', (event) => {
    const at = pixelAt(event);
    const { open } = store.state;
    if (!at || !open) return;
    value.textContent = describePixel(open.scene, clock.frame, at, open.flow);
    const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
    store.set({ probe: { ...(viewer.sight.hitOfPixel(x, y) ?? { frame: clock.frame, x, y, point: null, drawn: null }), source: 'video' } });
  });
  canvas.addEventListener('pointerleave', () => {
    value.textContent = '';
    store.set({ probe: null });
  });
  canvas.addEventListener('click', (event) => {
    const scene = store.state.open?.scene;
    const at = pixelAt(event);
    if (!scene || !at || store.state.tool === 'mask' || store.state.tool === 'box') return;
    if (viewer.tool === 'point') return app.setPoint(viewer.sight.hitOfPixel(Math.floor(at.x), Math.floor(at.y)));
    const perPx = scene.width / canvas.clientWidth;
    app.select(trackInVideo(scene, clock.frame, viewer.shownTracks, at, REACH * perPx), event.shiftKey);
  });

  clock.subscribe(draw);
  store.watch((s) => s.open, (open) => {
    if (open?.flow) flowTop = strongFlow(open.flow);
    put(legend, ...overlayLegend(app));
    canvas.style.aspectRatio = open ? `${open.scene.width} / ${open.scene.height}` : '16 / 9';
    draw();
  });
  for (const part of ['overlayOpacity', 'underlay', 'videoTracks', 'selected', 'look', 'probe'] as const) store.watch((s) => s[part], draw);
  store.watch((s) => s.overlay, (kind) => {
    overlay.set(kind);
    opacity.element.hidden = underField.hidden = kind === 'none';
    editor.element.hidden = kind !== 'mask';
    if (kind !== 'mask' && store.state.tool === 'mask') app.setTool('select');
    put(legend, ...overlayLegend(app));
    draw();
  });
  opacity.set(store.state.overlayOpacity);
  under.value = store.state.underlay;
  tracks.set(store.state.videoTracks);
  new ResizeObserver(draw).observe(canvas);

  const close = iconButton('close', 'Hide the video (P)', () => store.set({ video: 'off' }), 'video-close');
  return h('section', { class: 'video-panel', 'aria-label': 'Video' },
    h('div', { class: 'video-frame' }, canvas, value, close), note,
    h('div', { class: 'video-controls' }, overlay.element, legend, opacity.element, underField, editor.element, tracks.element));
}

/** The track whose place or recent path in the video is nearest to a pixel. */
function trackInVideo({ tracks: { uv, visible, frameCount: T } }: Scene, frame: number, shown: readonly number[], at: Spot, reach: number): number | null {
  const lines = shown.map((id) => ({
    id, spots: Array.from({ length: Math.min(TAIL, frame + 1) }, (_, i) => {
      const k = id * T + Math.max(0, frame - TAIL + 1) + i;
      return visible[k] ? { x: uv[k * 2], y: uv[k * 2 + 1] } : null;
    }),
  }));
  return nearestLine(at, lines, reach);
}

function drawTrack(context: CanvasRenderingContext2D, { tracks: { uv, visible, frameCount: T } }: Scene, track: number, frame: number, scale: number, selected: boolean, rgb: Rgb): void {
  const colour = toCss(rgb);
  const ratio = Math.min(2, devicePixelRatio);
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = (selected ? 2.5 : 1.2) * ratio;
  for (let t = Math.max(1, frame - TAIL + 1); t <= frame; t++) {
    const k = track * T + t;
    context.setLineDash(visible[k] && visible[k - 1] ? [] : [3 * ratio, 3 * ratio]);
    context.globalAlpha = (visible[k] && visible[k - 1] ? 1 : 0.4) * (1 - (frame - t) / TAIL);
    context.beginPath();
    context.moveTo(uv[k * 2 - 2] * scale, uv[k * 2 - 1] * scale);
    context.lineTo(uv[k * 2] * scale, uv[k * 2 + 1] * scale);
    context.stroke();
  }
  context.globalAlpha = 1;
  const k = track * T + frame;
  if (!visible[k] && !selected) return;
  context.beginPath();
  context.arc(uv[k * 2] * scale, uv[k * 2 + 1] * scale, (selected ? 4.5 : 2) * ratio, 0, 2 * Math.PI);
  // A hidden point is an open ring.
  if (visible[k]) context.fill();
  else context.stroke();
}

function describePixel(scene: Scene, frame: number, { x, y }: Spot, flow: Float32Array | null): string {
  const { width: W, height: H } = scene;
  const [u, v] = [Math.floor(x), Math.floor(y)];
  if (u < 0 || v < 0 || u >= W || v >= H) return '';
  const i = (frame * H + v) * W + u;
  const unit = unitOf(scene);
  const depth = scene.depth[i] > 0 ? `${formatNumber(scene.depth[i] * unit.factor)} ${unit.name}` : 'no depth';
  const motion = flow && frame < scene.frameCount - 1 ? ` · flow ${formatNumber(flow[i * 2])}, ${formatNumber(flow[i * 2 + 1])} px` : '';
  return `${u}, ${v} · ${depth} · certain ${formatPercent(scene.confidence[i] / 255)} · ${scene.maskNow[i] ? 'moves now' : scene.mask[i] ? 'moves' : 'static'}${motion}`;
}

/** Length that only one pixel in fifty exceeds. */
function strongFlow(flow: Float32Array): number {
  const stride = 2 * Math.max(1, Math.floor(flow.length / 40_000));
  const lengths: number[] = [];
  for (let i = 0; i < flow.length; i += stride) lengths.push(Math.hypot(flow[i], flow[i + 1]));
  return lengths.sort((a, b) => a - b)[Math.floor(0.98 * (lengths.length - 1))] || 1;
}
