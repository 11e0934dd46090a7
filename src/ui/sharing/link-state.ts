// Between the app's state and the fragment of a link.

import type { Scene } from '../../scene/scene.ts';
import type { LinkState } from '../../share/fragment.ts';
import { calm } from '../../viewer/navigation.ts';
import { applyView, readView } from '../../viewer/view-state.ts';
import type { Viewer } from '../../viewer/viewer.ts';
import { clampPointPx, DEFAULT_LOOK, type LayerName, type Look } from '../../viewer/look.ts';
import { frameAt, type Clock } from '../../viewer/clock.ts';
import type { App } from '../app.ts';
import { UNIT_SETTING, unitOf } from '../format.ts';

export const LAYERS: Readonly<Record<string, LayerName>> = { s: 'background', d: 'moving', c: 'cameras', t: 'trails', m: 'measures', g: 'grid', y: 'sky' };
/** Links hold sizes of points in px of the recorded picture; so many of these the app draws as one of its own at the recorded distance. */
const RECORDED_PX = 0.7;

type Fields = Omit<LinkState, 'version' | 'frame'>;

/** What of the look goes into a link; whoever opens it sees the same, whatever they had before. */
export function fieldsOfLook(look: Look): Fields {
  return {
    layers: Object.entries(LAYERS).filter(([, name]) => look.layers[name]).map(([letter]) => letter).join(''),
    colour: look.colour, dropPercent: look.dropStatic, pointPx: look.style === 'points' ? look.pointPx * RECORDED_PX : undefined, background: look.ground ?? undefined,
  };
}

/** Time, loop and rate of the clock. */
export function fieldsOfClock(clock: Clock, times: ArrayLike<number>): Fields {
  return {
    timeSecs: clock.timeSecs, loop: clock.range ? [times[clock.first], times[clock.last]] : clock.loop === 'once' ? null : undefined,
    rate: clock.rate === 1 ? undefined : clock.rate, autoplay: clock.playing ? true : undefined,
  };
}

/** What is on show now. */
export function readState({ clock, viewer, store }: App): Fields {
  const { look, selected, open, bare } = store.state;
  return {
    ...fieldsOfClock(clock, open?.scene.times ?? [0]), view: readView(viewer), tracks: selected, ...fieldsOfLook(look),
    ui: bare ? 'none' : undefined, unit: open && unitOf(open.scene).name !== (open.scene.metresPerUnit === null ? 'u' : 'm') ? unitOf(open.scene).name : undefined,
  };
}

/** The moment and the view of a link. Links to a moment stand still unless they ask to play. */
export function applyMoment(viewer: Viewer, clock: Clock, times: Float64Array, state: LinkState, ms = 0): void {
  if (state.rate !== undefined) clock.setRate(state.rate);
  // Links hold milliseconds; half of one keeps a rounded time on its own frame.
  const frame = (secs: number) => frameAt(times, secs + 5e-4);
  if (state.loop) {
    clock.setRange([frame(state.loop[0]), frame(state.loop[1])]);
    if (clock.loop === 'once') clock.setLoop('loop');
  }
  if (state.loop === null) {
    clock.setRange(null);
    clock.setLoop('once');
  }
  if (state.timeSecs !== undefined || state.frame !== undefined) {
    clock.pause();
    clock.seek(state.timeSecs !== undefined ? frame(state.timeSecs) : state.frame!);
  }
  // A view that moves along with a track needs to know when it is.
  if (state.view) applyView(viewer, state.view, ms);
  if (state.autoplay === false) clock.pause();
  if (state.autoplay === true && !calm()) clock.play();
}

/** How the cloud is drawn, as far as a link says. */
export function lookOf(state: LinkState, look: Look): Partial<Look> {
  const { layers, background, pointPx } = state;
  return {
    ...(layers === undefined ? {} : { layers: { ...look.layers, ...Object.fromEntries(Object.entries(LAYERS).map(([letter, name]) => [name, layers.includes(letter)])) } }),
    ...(state.colour ? { colour: state.colour } : {}),
    ...(state.dropPercent === undefined ? {} : { dropStatic: state.dropPercent }),
    ...(pointPx === undefined ? {} : { style: 'points', pointPx: clampPointPx(Math.round((100 * pointPx) / RECORDED_PX) / 100) }),
    ...(state.view && 'fov' in state.view ? { fov: state.view.fov } : {}),
    ...(background === undefined ? {} : background === 'dark' || background === 'light' ? { theme: background, ground: null } : { theme: isBright(background) ? 'light' : 'dark', ground: background }),
  };
}

/** Buttons and words have to stand out from the ground. */
const isBright = (hex: string): boolean => [0, 2, 4].reduce((sum, at, i) => sum + [0.299, 0.587, 0.114][i] * parseInt(hex.slice(at, at + 2), 16), 0) > 140;

/** The scene shown in the unit that a link names. */
export function withUnit(scene: Scene, { unit }: LinkState): Scene {
  return unit === undefined ? scene : { ...scene, meta: { ...scene.meta, settings: { ...scene.meta.settings, [UNIT_SETTING]: unit } } };
}

/** Everything that a link says of a scene that has just been opened; the rest is as at first, not as this person left another scene. */
export function applyState(app: App, state: LinkState): void {
  const { store, clock, viewer } = app;
  const { colour, layers, dropStatic, style, pointPx, ground } = DEFAULT_LOOK;
  const first = { ...store.state.look, colour, layers, dropStatic, style, pointPx, ground };
  app.setLook({ ...first, ...lookOf(state, first) });
  store.set({ bare: state.ui === 'none' });
  const scene = store.state.open?.scene;
  if (!scene) return;
  clock.setRate(1);
  clock.setLoop('loop');
  clock.setRange(null);
  const tracks = (state.tracks ?? []).filter((track) => track < scene.tracks.count);
  if (tracks.length > 0) store.set({ selected: tracks });
  viewer.followed = tracks.at(-1) ?? null;
  applyMoment(viewer, clock, scene.times, state);
}
