// How the scene is drawn.

import { countShown, levelAt } from '../../viewer/confidence.ts';
import { hasSky } from '../../viewer/sky.ts';
import { DEFAULT_LOOK, POINT_PX, type CloudStyle, type ColourMode, type Detail, type LayerName, type Look } from '../../viewer/look.ts';
import type { App } from '../app.ts';
import { checkbox, h, icon, put, segmented, slider } from '../dom.ts';
import { formatFixed, formatPercent, formatShort, unitOf } from '../format.ts';
import { residualsOf } from '../residuals.ts';
import { cloudLegend } from './legend.ts';

const COLOURS: readonly (readonly [ColourMode, string])[] = [['picture', 'Picture'], ['depth', 'Depth'], ['confidence', 'Confidence'], ['motion', 'Moving'], ['time', 'Time'], ['speed', 'Speed']];
const LAYERS: readonly (readonly [LayerName, string])[] = [['background', 'Static'], ['moving', 'Moving'], ['sky', 'Sky'], ['cameras', 'Cameras'], ['trails', 'Trails'], ['measures', 'Measures'], ['grid', 'Grid']];
const LONG_PRESS_MS = 500;

export function createLookPanel(app: App): HTMLElement {
  const { store, clock, viewer, setLook } = app;
  const style = segmented<CloudStyle>('Drawn as', [['surface', 'Surface'], ['points', 'Points']], (value) => setLook({ style: value }), 'style');
  const size = slider('Point size', { min: POINT_PX[0], max: POINT_PX[1], step: 0.5 }, (v) => `${formatShort(v)} px`, (value) => setLook({ pointPx: value }), 'point-size');
  const dropStatic = createDropSlider(app, 'still', 'Leave out the least certain: static', 'dropStatic');
  const dropMoving = createDropSlider(app, 'moving', 'Leave out the least certain: moving', 'dropMoving');
  const trim = checkbox('Cut at depth edges', (on) => setLook({ trim: on }), 'trim');
  const fill = checkbox('Fill gaps of this frame', (on) => setLook({ fill: on }), 'fill');
  const shading = checkbox('Shade by shape', (on) => setLook({ shading: on }), 'shading');
  const between = checkbox('Cameras and tracks move between frames', (on) => setLook({ between: on }), 'between');
  const detail = segmented<Detail>('Detail', [['coarse', 'Coarse'], ['auto', 'Auto'], ['fine', 'Fine']], (value) => setLook({ detail: value }), 'detail');
  const moments = slider('Moments at once', { min: 2, max: 20, step: 1 }, String, (value) => setLook({ moments: value }), 'moments');
  const fade = slider('Fade moments that are far off', { min: 0, max: 1, step: 0.05 }, formatPercent, (value) => setLook({ momentFade: value }), 'moment-fade');
  const brightness = slider('Brightness', { min: 0.4, max: 2, step: 0.05 }, formatPercent, (value) => setLook({ brightness: value }), 'brightness');
  const saturation = slider('Saturation', { min: 0, max: 2, step: 0.05 }, formatPercent, (value) => setLook({ saturation: value }), 'saturation');
  const colour = segmented<ColourMode>('Colour', COLOURS, (value) => setLook({ colour: value }), 'colour');
  const legend = h('div', { class: 'legend', 'data-testid': 'legend' });
  const layers = createLayers(app);
  const frusta = slider('Size of the cameras', { min: 0.01, max: 0.3, step: 0.01 }, formatPercent, (value) => setLook({ cameraSize: value }), 'camera-size');
  const image = slider('Video over the recorded view', { min: 0, max: 1, step: 0.05 }, formatPercent, (value) => setLook({ imageOpacity: value }), 'image-opacity');
  const wipe = slider('Video from the left up to', { min: 0, max: 1, step: 0.01 }, formatPercent, (value) => setLook({ imageWipe: value }), 'image-wipe');
  const landing = h('p', { class: 'note', 'data-testid': 'landing' });
  const showLanding = () => {
    const scene = store.state.open?.scene;
    const residuals = scene ? residualsOf(scene) : null;
    landing.hidden = residuals === null;
    if (!residuals) return;
    const mean = residuals.reduce((a, b) => a + b, 0) / residuals.length;
    landing.textContent = `Static points land ${formatFixed(residuals[clock.frame], 2)} px beside the video in this frame, ${formatFixed(mean, 2)} px on average.`;
  };
  clock.subscribe(showLanding);
  const gentle = slider('Gentleness of following', { min: 0, max: 1, step: 0.05 }, formatPercent, (value) => setLook({ followSmooth: value }), 'follow-smooth');
  const fov = slider('Field of view', { min: 4, max: 100, step: 1 }, (v) => `${v}°`, (value) => setLook({ fov: value }), 'fov');
  const count = h('p', { class: 'note', 'data-testid': 'count' });
  const fresh = h('button', { type: 'button', class: 'link', onclick: () => setLook({ ...DEFAULT_LOOK, theme: store.state.look.theme }) }, 'Look as at first');

  store.watch((s) => s.look, (look) => {
    style.set(look.style);
    size.set(look.pointPx);
    size.element.hidden = look.style !== 'points';
    for (const drop of [dropStatic, dropMoving]) drop.show(look);
    trim.set(look.trim);
    fill.set(look.fill);
    shading.set(look.shading);
    between.set(look.between);
    detail.set(look.detail);
    moments.set(look.moments);
    fade.set(look.momentFade);
    moments.element.hidden = fade.element.hidden = look.mode !== 'all';
    brightness.set(look.brightness);
    saturation.set(look.saturation);
    colour.set(look.colour);
    layers.show(look);
    frusta.set(look.cameraSize);
    image.set(look.imageOpacity);
    wipe.set(look.imageWipe);
    wipe.element.hidden = look.imageOpacity === 0;
    fov.set(look.fov);
    gentle.set(look.followSmooth);
    put(legend, ...cloudLegend(app));
  });
  store.watch((s) => s.open, () => {
    layers.show(store.state.look);
    showLanding();
    for (const drop of [dropStatic, dropMoving]) drop.show(store.state.look);
    put(legend, ...cloudLegend(app));
  });
  store.watch((s) => s.drawn, () => {
    const why = viewer.stage.software ? ' Moving pictures are drawn plainer, because this browser draws without a graphics card.' : viewer.stage.coarse ? ' While things move fewer pixels are drawn, to keep up.' : '';
    const { open, look } = store.state;
    const sky = open && !look.layers.sky && hasSky(open.scene) ? ' The sky is left out: it has no depth. Layer Sky shows it.' : '';
    const grid = open && look.layers.grid ? ` A cell of the grid is ${formatShort(viewer.gridCell * unitOf(open.scene).factor)} ${unitOf(open.scene).name}.` : '';
    count.textContent = `${viewer.pointCount.toLocaleString()} points drawn, ${viewer.shownTracks.length} trails.${why}${sky}${grid}`;
  });

  const group = (title: string, ...children: Node[]) => h('fieldset', {}, h('legend', {}, title), ...children);
  return h('div', { class: 'stack', id: 'panel-look' },
    group('Layers', layers.element),
    group('Colour', colour.element, legend, brightness.element, saturation.element),
    group('Cloud', style.element, size.element, moments.element, fade.element, dropStatic.element, dropMoving.element, h('div', { class: 'checks' }, trim.element, fill.element, shading.element), detail.element),
    group('Cameras', fov.element, image.element, wipe.element, landing, frusta.element, gentle.element, between.element),
    count, fresh);
}

/** Eye buttons. With Alt or a long press only that layer stays. */
function createLayers({ store, setLook }: App): { element: HTMLElement; show(look: Look): void } {
  const solo = (name: LayerName) => {
    const { layers } = store.state.look;
    const alone = LAYERS.every(([other]) => layers[other] === (other === name));
    setLook({ layers: alone ? DEFAULT_LOOK.layers : (Object.fromEntries(LAYERS.map(([other]) => [other, other === name])) as Record<LayerName, boolean>) });
  };
  const rows = LAYERS.map(([name, label]) => {
    let press: ReturnType<typeof setTimeout> | undefined;
    let held = false;
    const button = h('button', {
      type: 'button', class: 'layer', 'data-testid': `layer-${name}`, title: `${label}. Alt with a click or Enter, or a long press, shows nothing else.`,
      onpointerdown: () => { held = false; press = setTimeout(() => { held = true; solo(name); }, LONG_PRESS_MS); },
      onpointerup: () => clearTimeout(press), onpointerleave: () => clearTimeout(press),
      // Browsers make no click of Alt and Enter.
      onkeydown: (event: KeyboardEvent) => {
        if (!event.altKey || event.key !== 'Enter') return;
        event.preventDefault();
        solo(name);
      },
      onclick: (event: MouseEvent) => {
        if (held) return;
        if (event.altKey) solo(name);
        else setLook({ layers: { ...store.state.look.layers, [name]: !store.state.look.layers[name] } });
      },
    }, icon('eye'), label);
    return { name, button };
  });
  return {
    element: h('div', { class: 'layers' }, ...rows.map((r) => r.button)),
    show: (look) => {
      for (const { name, button } of rows) {
        button.setAttribute('aria-pressed', String(look.layers[name]));
        button.hidden = name === 'sky' && !(store.state.open && hasSky(store.state.open.scene));
      }
    },
  };
}

/** A percentile with the histogram it cuts and how many pixels are left. */
function createDropSlider({ viewer, setLook }: App, part: 'still' | 'moving', label: string, name: 'dropStatic' | 'dropMoving'): { element: HTMLElement; show(look: Look): void } {
  const drop = slider(label, { min: 0, max: 95, step: 1 }, (v) => `${v} %`, (value) => setLook({ [name]: value }), name);
  const bars = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  bars.setAttribute('viewBox', '0 0 64 20');
  bars.setAttribute('preserveAspectRatio', 'none');
  bars.setAttribute('aria-hidden', 'true');
  bars.classList.add('histogram');
  const shown = h('small', { 'data-testid': `${name}-count` });
  return {
    element: h('div', { class: 'drop' }, drop.element, bars, shown),
    show: (look) => {
      drop.set(look[name]);
      const counts = viewer.confidence?.[part];
      if (!counts) return;
      const cells = Array.from({ length: 64 }, (_, k) => counts.subarray(4 * k, 4 * k + 4).reduce((a, b) => a + b, 0));
      const most = Math.log1p(Math.max(1, ...cells));
      const level = levelAt(counts, look[name]) / 4;
      bars.innerHTML = cells.map((n, k) => `<rect x="${k}" width="0.8" y="${20 - (20 * Math.log1p(n)) / most}" height="20"${k < Math.floor(level) ? ' class="out"' : ''}/>`).join('');
      const { shown: left, total } = countShown(counts, look[name]);
      shown.textContent = `${left.toLocaleString()} of ${total.toLocaleString()} pixels of the clip`;
    },
  };
}
