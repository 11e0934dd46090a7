// The page: bar, 3D view with its own buttons, video and panels beside it, time below.

import type { CloudMode } from '../../viewer/look.ts';
import type { NavigationMode } from '../../viewer/navigation.ts';
import type { App, TabName } from '../app.ts';
import { h, iconButton, put, segmented, type IconName } from '../dom.ts';
import { createAboutPanel } from './about.ts';
import { createLookPanel } from './look.ts';
import { createMeasurePanel } from './measure.ts';
import { createTimeline } from './timeline.ts';
import { createTracksPanel } from './tracks.ts';
import { createVideoPanel } from './video.ts';

const MODES: readonly (readonly [CloudMode, string])[] = [['frame', 'This frame'], ['background', 'Background + frame'], ['all', 'All']];
/** A run of 24 frames at the draft size takes about one. */
const LEAST_MEMORY_GB = 4;
const TABS: readonly (readonly [TabName, string])[] = [['look', 'Look'], ['tracks', 'Tracks'], ['measure', 'Measure'], ['about', 'About']];
const WAYS: readonly (readonly [NavigationMode, IconName, string, string])[] = [
  ['through', 'camera', 'Look through the recorded camera (C)', 'through'], ['fly', 'fly', 'Fly: W A S D Q E (V)', 'fly'], ['follow', 'follow', 'Follow the selected track, or what moves (Shift+C)', 'follow-view'],
];

export function createTopBar(app: App, nextTheme: () => void): HTMLElement {
  const { store } = app;
  const title = h('span', { class: 'title', 'data-testid': 'title' });
  const save = iconButton('save', 'Save the scene as scene.npz (Ctrl+S)', app.save, 'save');
  const capture = iconButton('photo', 'Pictures and videos of the view', app.showCapture, 'show-capture');
  const palette = iconButton('search', 'Find a command (Ctrl+K)', app.showPalette, 'show-palette');
  const undo = iconButton('undo', 'Undo (Ctrl+Z)', () => { app.history.undo(); }, 'undo');
  // A phone has no room for what its keyboard would do.
  palette.classList.add('roomy');
  undo.classList.add('roomy');
  store.watch((s) => s.open, (open) => {
    title.textContent = open?.scene.meta.title ?? '';
    for (const button of [save, capture, undo]) button.hidden = open === null;
  });
  store.watch((s) => s.saved, (saved) => save.classList.toggle('unsaved', !saved));
  store.watch((s) => s.bare, (bare) => document.body.classList.toggle('bare', bare));
  return h('header', { class: 'topbar' },
    h('h1', { class: 'brand' }, h('img', { src: '/icons/favicon.svg', alt: '', width: 24, height: 24 }), h('span', {}, 'Foursight')), title,
    undo, iconButton('open', 'Open a video, pictures or a scene (Ctrl+O)', app.choose, 'open'), save, capture,
    palette, iconButton('theme', 'Dark or light', nextTheme, 'theme'), iconButton('help', 'Keys (?)', app.showHelp, 'help'));
}

/** Buttons that lie over the 3D view. */
export function createViewBar(app: App): HTMLElement {
  const { store, viewer: { navigation }, viewer, setLook } = app;
  const mode = segmented<CloudMode>('Cloud', MODES, (value) => setLook({ mode: value }), 'mode');
  const ways = WAYS.map(([way, name, label, testId]) => ({ way, button: iconButton(name, label, () => navigation.setMode(navigation.mode === way ? 'orbit' : way), testId) }));
  const measure = iconButton('ruler', 'Measure a length (M)', () => app.setTool(store.state.tool === 'measure' ? 'select' : 'measure'), 'measure');
  const bar = h('div', { class: 'viewbar' }, mode.element, h('div', { class: 'viewbar-buttons' }, ...ways.map((w) => w.button), measure,
    iconButton('fit', 'Fit (F)', () => viewer.fit(), 'fit'), iconButton('home', 'Start view (0)', () => navigation.reset(), 'reset')));
  store.watch((s) => s.look.mode, mode.set);
  store.watch((s) => s.navigation, (now) => { for (const { way, button } of ways) button.setAttribute('aria-pressed', String(way === now)); });
  store.watch((s) => s.tool, (tool) => measure.setAttribute('aria-pressed', String(tool === 'measure')));
  store.watch((s) => s.open !== null, (on) => { bar.hidden = !on; });
  return bar;
}

/** On wide screens a column, on phones a sheet with three stops. The video lies in it or in a corner of the view. */
export function createSide(app: App, stage: HTMLElement): HTMLElement {
  const { store } = app;
  const panels = { look: createLookPanel(app), tracks: createTracksPanel(app), measure: createMeasurePanel(app), about: createAboutPanel(app) };
  const tabs = segmented<TabName>('Panel', TABS, (tab) => store.set({ tab }), 'tab');
  const stops = ['low', 'half', 'full'] as const;
  let stop = 0;
  const handle = h('button', { type: 'button', class: 'handle', 'data-testid': 'sheet-handle', onclick: () => setStop((stop + 1) % stops.length) });
  const video = createVideoPanel(app);
  const panel = h('div', { class: 'panels', tabIndex: 0, role: 'region', 'aria-label': 'Panel', 'data-testid': 'panel' }, ...Object.values(panels));
  const side = h('aside', { class: 'side', 'aria-label': 'Panels' }, handle, tabs.element, panel);
  const setStop = (next: number) => {
    stop = next;
    side.dataset.stop = stops[stop];
    handle.ariaLabel = handle.title = `Panels: ${stops[stop]}. Press for ${stops[(stop + 1) % stops.length]}.`;
  };
  setStop(0);
  store.watch((s) => s.tab, (tab) => {
    tabs.set(tab);
    for (const [name, panel] of Object.entries(panels)) panel.hidden = name !== tab;
    if (side.dataset.stop === 'low' && tab !== 'look') setStop(1);
  });
  store.watch((s) => s.tool === 'mask', (on) => { if (on && side.dataset.stop === 'low') setStop(2); });
  // What is drawn over the view wants all of it.
  store.watch((s) => s.tool === 'lasso' || s.tool === 'box', (on) => { if (on) setStop(0); });
  // The numbers of a first track stand at the top.
  store.watch((s) => s.selected.length > 0, () => { panel.scrollTop = 0; });
  store.watch((s) => s.open !== null && !s.bare, (on) => { side.hidden = !on; });
  store.watch((s) => (s.open === null || s.bare ? 'off' : s.video), (place) => {
    video.hidden = place === 'off';
    video.classList.toggle('corner', place === 'corner');
    if (place === 'corner') stage.append(video);
    else handle.after(video);
  });
  return side;
}

export function createBottom(app: App): HTMLElement {
  const bottom = createTimeline(app);
  app.store.watch((s) => s.open !== null && !s.bare, (on) => { bottom.hidden = !on; });
  return bottom;
}

/** What a first visit sees. */
export function createEmpty(app: App): HTMLElement {
  const { store } = app;
  const waiting = h('p', { class: 'opening', role: 'status' });
  const again = h('button', { type: 'button', 'data-testid': 'continue', onclick: () => void app.reopen() });
  const forget = h('button', { type: 'button', class: 'link', 'data-testid': 'forget', onclick: () => void app.forget() }, 'Forget it');
  const kept = h('div', { class: 'actions', hidden: true }, again, forget);
  const lack = whatIsMissing();
  const empty = h('section', { class: 'empty', 'data-testid': 'empty' },
    h('h2', {}, 'A video in, a 4D scene out'),
    h('p', {}, 'Drop a clip anywhere. Cameras, depth, what moves and how it moves are computed here, in this browser; nothing is uploaded.'),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'primary', 'data-testid': 'choose', onclick: app.choose }, 'Choose a file'),
      h('button', { type: 'button', 'data-testid': 'sample', onclick: () => void app.trySample() }, 'Try the sample')),
    kept,
    lack && h('p', { class: 'warning', 'data-testid': 'cannot-compute' }, lack),
    h('p', { class: 'note' }, 'MP4, MOV, WebM, MKV, numbered pictures, or a saved scene.npz. ',
      h('button', { type: 'button', class: 'link', 'data-testid': 'ready-scene', onclick: () => void app.openAddress('samples/room-truth.npz') }, 'Look at a finished scene'), '.'));
  store.watch((s) => s.open === null, (on) => { empty.hidden = !on; });
  store.watch((s) => s.lastTitle, (title) => {
    kept.hidden = title === '';
    again.textContent = `Continue with “${title}”`;
  });
  store.watch((s) => (s.phase === 'opening' ? s.opening : ''), (text) => put(waiting, text));
  store.watch((s) => s.phase === 'opening', (on) => { waiting.hidden = !on; });
  return h('div', { class: 'over' }, empty, waiting);
}

/** Why this device can look at scenes but not make them; empty when it can. */
function whatIsMissing(): string {
  const view = 'Scenes and links open here all the same; to make one, use Chrome or Edge on a computer.';
  if (!('VideoDecoder' in globalThis)) return `This browser cannot take videos apart frame by frame. ${view}`;
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return deviceMemory !== undefined && deviceMemory < LEAST_MEMORY_GB ? `This device has little memory, so a run may stop half-way; choose few frames and the draft size. ${view}` : '';
}
