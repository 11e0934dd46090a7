// Trails: which, how long, in which colours; and the inspector of the selected ones.

import { TRAIL_COLOURS, type TrailColour } from '../../viewer/look.ts';
import type { App } from '../app.ts';
import { checkbox, h, put, slider } from '../dom.ts';
import { formatPercent, formatShort } from '../format.ts';
import { createInspector } from './inspector.ts';
import { trailLegendOf } from './legend.ts';

const COLOUR_WORDS: Readonly<Record<TrailColour, string>> = {
  track: 'one colour each', speed: 'speed', depth: 'distance from the camera', height: 'height above the floor', time: 'time', mobility: 'how surely it moves', visibility: 'seen or hidden',
};

export function createTracksPanel(app: App): HTMLElement {
  const { store, viewer, setLook } = app;
  const colour = h('select', { 'data-testid': 'trail-colour', onchange: () => setLook({ trailColour: colour.value as TrailColour }) }, ...TRAIL_COLOURS.map((mode) => h('option', { value: mode }, COLOUR_WORDS[mode])));
  const legend = h('div', { class: 'legend', 'data-testid': 'trail-legend' });
  const length = slider('Length', { min: 1, max: 48, step: 1 }, (v) => `${v} frames`, (value) => setLook({ trailLength: value }), 'trail-length');
  const width = slider('Width', { min: 1, max: 6, step: 0.5 }, (v) => `${formatShort(v)} px`, (value) => setLook({ trailWidth: value }), 'trail-width');
  const least = slider('Known for at least', { min: 2, max: 48, step: 1 }, (v) => `${v} frames`, (value) => setLook({ trailMinFrames: value }), 'trail-min-frames');
  const sure = slider('Sure on average at least', { min: 0, max: 0.95, step: 0.05 }, formatPercent, (value) => setLook({ trailMinConfidence: value }), 'trail-min-confidence');
  const every = checkbox('Also tracks that stand still', (on) => setLook({ allTrails: on }), 'all-trails');
  const lasso = h('button', { type: 'button', 'data-testid': 'tool-lasso', onclick: () => app.setTool(store.state.tool === 'lasso' ? 'select' : 'lasso') }, 'Lasso');
  const box = h('button', { type: 'button', 'data-testid': 'tool-box', onclick: () => app.setTool(store.state.tool === 'box' ? 'select' : 'box') }, 'Keep a box');
  const inBox = h('span', {});
  const boxed = h('p', { class: 'note', 'data-testid': 'trail-box' }, inBox, ' ', h('button', { type: 'button', class: 'link', 'data-testid': 'trail-box-clear', onclick: () => app.box.clear() }, 'Show all again'));
  const fresh = h('button', { type: 'button', 'data-testid': 'tool-track', onclick: () => app.setTool(store.state.tool === 'track' ? 'select' : 'track') }, 'Follow a new point');
  const count = h('small', {});
  const show = () => put(legend, ...trailLegendOf(app));
  store.watch((s) => s.look, (look) => {
    colour.value = look.trailColour;
    length.set(look.trailLength);
    width.set(look.trailWidth);
    least.set(look.trailMinFrames);
    sure.set(look.trailMinConfidence);
    every.set(look.allTrails);
    show();
  });
  store.watch((s) => s.open, (open) => {
    const most = String(Math.max(2, open?.scene.frameCount ?? 48));
    for (const part of [length, least]) part.element.querySelector('input')!.max = most;
    length.set(store.state.look.trailLength);
    least.set(store.state.look.trailMinFrames);
    show();
  });
  store.watch((s) => s.trailBox, (kept) => {
    boxed.hidden = kept === null;
    inBox.textContent = kept ? `Only trails of the ${kept.tracks.length} tracks that were in the box at frame ${kept.frame}.` : '';
  });
  store.watch((s) => s.drawn, () => { count.textContent = ` ${viewer.shownTracks.length} on show`; });
  store.watch((s) => s.tool, (tool) => { for (const [button, name] of [[lasso, 'lasso'], [box, 'box'], [fresh, 'track']] as const) button.setAttribute('aria-pressed', String(tool === name)); });
  return h('div', { class: 'stack', id: 'panel-tracks' }, createInspector(app),
    h('fieldset', {}, h('legend', {}, 'Trails', count), boxed, h('label', { class: 'field' }, h('span', {}, 'Colour'), colour), legend, length.element, width.element, least.element, sure.element, every.element, h('div', { class: 'actions start' }, lasso, box, fresh)));
}
