// The page: bar, 3D view with its own buttons, video and panels beside it, time below.

import type { CloudMode } from '../../viewer/look.ts';
import type { App, AppState } from '../app.ts';
import { h, iconButton, put, segmented } from '../dom.ts';
import { createAboutPanel } from './about.ts';
import { createInspector } from './inspector.ts';
import { createLookPanel } from './look.ts';
import { createTimeline } from './timeline.ts';
import { createVideoPanel } from './video.ts';

const MODES: readonly (readonly [CloudMode, string])[] = [['frame', 'This frame'], ['background', 'Background + frame'], ['all', 'All']];
const TABS: readonly (readonly [AppState['tab'], string])[] = [['look', 'Look'], ['tracks', 'Tracks'], ['about', 'About']];

export function createTopBar(app: App, nextTheme: () => void): HTMLElement {
  const { store } = app;
  const title = h('span', { class: 'title', 'data-testid': 'title' });
  const save = iconButton('save', 'Save the scene as scene.npz (Ctrl+S)', app.save, 'save');
  store.watch((s) => s.open, (open) => {
    title.textContent = open?.scene.meta.title ?? '';
    save.hidden = open === null;
  });
  store.watch((s) => s.saved, (saved) => save.classList.toggle('unsaved', !saved));
  return h('header', { class: 'topbar' },
    h('h1', { class: 'brand' }, h('img', { src: '/icons/favicon.svg', alt: '', width: 24, height: 24 }), h('span', {}, 'Foursight')), title,
    iconButton('open', 'Open a video, pictures or a scene (Ctrl+O)', app.choose, 'open'), save,
    iconButton('theme', 'Dark or light', nextTheme, 'theme'), iconButton('help', 'Keys (?)', app.showHelp, 'help'));
}

/** Buttons that lie over the 3D view. */
export function createViewBar({ store, viewer, setLook }: App): HTMLElement {
  const mode = segmented<CloudMode>('Cloud', MODES, (value) => setLook({ mode: value }), 'mode');
  const through = iconButton('camera', 'Look through the recorded camera (C)', () => viewer.setThrough(!viewer.through), 'through');
  const bar = h('div', { class: 'viewbar' }, mode.element, h('div', { class: 'viewbar-buttons' }, through,
    iconButton('fit', 'Fit (F)', () => viewer.fit(), 'fit'), iconButton('home', 'Start view (0)', () => viewer.reset(), 'reset')));
  store.watch((s) => s.look.mode, mode.set);
  store.watch((s) => s.through, (on) => through.setAttribute('aria-pressed', String(on)));
  store.watch((s) => s.open !== null, (on) => { bar.hidden = !on; });
  return bar;
}

/** On wide screens a column, on phones a sheet with three stops. */
export function createSide(app: App): HTMLElement {
  const { store } = app;
  const panels = { look: createLookPanel(app), tracks: createInspector(app), about: createAboutPanel(app) };
  const tabs = segmented<AppState['tab']>('Panel', TABS, (tab) => store.set({ tab }), 'tab');
  const stops = ['low', 'half', 'full'] as const;
  let stop = 0;
  const handle = h('button', { type: 'button', class: 'handle', 'data-testid': 'sheet-handle', onclick: () => setStop((stop + 1) % stops.length) });
  const side = h('aside', { class: 'side', 'aria-label': 'Panels' }, handle, createVideoPanel(app), tabs.element, h('div', { class: 'panels' }, ...Object.values(panels)));
  const setStop = (next: number) => {
    stop = next;
    side.dataset.stop = stops[stop];
    handle.ariaLabel = handle.title = `Panels: ${stops[stop]}. Press for ${stops[(stop + 1) % stops.length]}.`;
  };
  setStop(0);
  store.watch((s) => s.tab, (tab) => {
    tabs.set(tab);
    for (const [name, panel] of Object.entries(panels)) panel.hidden = name !== tab;
    if (side.dataset.stop === 'low' && tab === 'tracks') setStop(1);
  });
  store.watch((s) => s.open !== null && s.panels, (on) => { side.hidden = !on; });
  return side;
}

export function createBottom(app: App): HTMLElement {
  const bottom = createTimeline(app);
  app.store.watch((s) => s.open !== null, (on) => { bottom.hidden = !on; });
  return bottom;
}

/** What a first visit sees. */
export function createEmpty(app: App): HTMLElement {
  const { store } = app;
  const waiting = h('p', { class: 'opening', role: 'status' });
  const empty = h('section', { class: 'empty', 'data-testid': 'empty' },
    h('h2', {}, 'A video in, a 4D scene out'),
    h('p', {}, 'Drop a clip anywhere. Cameras, depth, what moves and how it moves are computed here, in this browser; nothing is uploaded.'),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'primary', 'data-testid': 'choose', onclick: app.choose }, 'Choose a file'),
      h('button', { type: 'button', 'data-testid': 'sample', onclick: () => void app.trySample() }, 'Try the sample')),
    h('p', { class: 'note' }, 'MP4, MOV, WebM, MKV, numbered pictures, or a saved scene.npz. ',
      h('button', { type: 'button', class: 'link', 'data-testid': 'ready-scene', onclick: () => void app.openAddress('samples/room-truth.npz') }, 'Look at a finished scene'), '.'));
  store.watch((s) => s.open === null, (on) => { empty.hidden = !on; });
  store.watch((s) => (s.phase === 'opening' ? s.opening : ''), (text) => put(waiting, text));
  store.watch((s) => s.phase === 'opening', (on) => { waiting.hidden = !on; });
  return h('div', { class: 'over' }, empty, waiting);
}
