// Between the app's state and the fragment of a link.

import type { LinkState } from '../../share/fragment.ts';
import { applyView, readView } from '../../viewer/view-state.ts';
import type { Viewer } from '../../viewer/viewer.ts';
import type { LayerName, Look } from '../../viewer/look.ts';
import { frameAt, type Clock } from '../../viewer/clock.ts';
import type { App } from '../app.ts';

export const LAYERS: Readonly<Record<string, LayerName>> = { s: 'background', d: 'moving', c: 'cameras', t: 'trails', g: 'grid' };

/** What is on show now. */
export function readState({ clock, viewer, store }: App): Omit<LinkState, 'version'> {
  const { look, selected, open } = store.state;
  const times = open?.scene.times ?? [0];
  return {
    timeSecs: clock.timeSecs, view: readView(viewer), tracks: selected, layers: Object.entries(LAYERS).filter(([, name]) => look.layers[name]).map(([letter]) => letter).join(''),
    loop: clock.range ? [times[clock.first], times[clock.last]] : undefined,
    rate: clock.rate === 1 ? undefined : clock.rate, colour: look.colour === 'picture' ? undefined : look.colour, dropPercent: look.dropStatic,
  };
}

/** The moment and the view of a link. Links to a moment stand still unless they ask to play. */
export function applyMoment(viewer: Viewer, clock: Clock, times: Float64Array, state: LinkState): void {
  if (state.view && state.view.kind !== 'track') applyView(viewer, state.view);
  if (state.rate !== undefined) clock.setRate(state.rate);
  // Links hold milliseconds; half of one keeps a rounded time on its own frame.
  const frame = (secs: number) => frameAt(times, secs + 5e-4);
  if (state.loop) clock.setRange([frame(state.loop[0]), frame(state.loop[1])]);
  if (state.loop === null) clock.setLoop('once');
  if (state.timeSecs !== undefined || state.frame !== undefined) {
    clock.pause();
    clock.seek(state.timeSecs !== undefined ? frame(state.timeSecs) : state.frame!);
  }
  if (state.autoplay === false) clock.pause();
  if (state.autoplay === true) clock.play();
}

/** How the cloud is drawn, as far as a link says. */
export function lookOf(state: LinkState, look: Look): Partial<Look> {
  return {
    ...(state.layers === undefined ? {} : { layers: { ...look.layers, ...Object.fromEntries(Object.entries(LAYERS).map(([letter, name]) => [name, state.layers!.includes(letter)])) } }),
    ...(state.colour ? { colour: state.colour } : {}),
    ...(state.dropPercent === undefined ? {} : { dropStatic: state.dropPercent }),
    ...(state.view && 'fov' in state.view ? { fov: state.view.fov } : {}),
    ...(state.background === 'dark' || state.background === 'light' ? { theme: state.background } : {}),
  };
}

export function applyState(app: App, state: LinkState): void {
  app.setLook(lookOf(state, app.store.state.look));
  const scene = app.store.state.open?.scene;
  if (!scene) return;
  applyMoment(app.viewer, app.clock, scene.times, state);
  const tracks = (state.tracks ?? []).filter((track) => track < scene.tracks.count);
  if (tracks.length > 0) app.store.set({ selected: tracks });
}
