// A legend, with units, for every colour that means something.

import { colourTable, MAP_OF, MOVING, STATIC, toCss, type MapName } from '../../viewer/colours.ts';
import type { Scene } from '../../scene/scene.ts';
import type { Look, TrailColour } from '../../viewer/look.ts';
import { VISIBILITY_COLOURS, type TrailScale } from '../../viewer/track-colour.ts';
import type { App } from '../app.ts';
import { h } from '../dom.ts';
import { formatNumber, unitOf } from '../format.ts';

const TRAIL_WORDS: Readonly<Record<TrailColour, string>> = {
  track: '', visibility: '', speed: 'speed', depth: 'distance from the camera', height: 'height above the floor', time: 'time', mobility: 'probability that it moves',
};

export function cloudLegend({ store, viewer }: App): HTMLElement[] {
  const { look, open } = store.state;
  if (!open) return [];
  const { scene } = open;
  const { name, factor } = unitOf(scene);
  const [near, far] = viewer.depthRange;
  if (look.colour === 'depth') return [bar(MAP_OF.depth, `${formatNumber(far * factor)} ${name}`, `${formatNumber(near * factor)} ${name}`, 'distance from the camera')];
  if (look.colour === 'confidence') return [bar(MAP_OF.confidence, '0 %', '100 %', 'confidence')];
  if (look.colour === 'time') return [bar(MAP_OF.time, '0 s', `${formatNumber(scene.times[scene.frameCount - 1] - scene.times[0])} s`, 'moment it was seen')];
  if (look.colour === 'motion') return [h('p', { class: 'keys' }, swatch(toCss(MOVING)), 'moves in the clip ', swatch(toCss(STATIC)), 'stands still')];
  return look.colour === 'speed' ? trailLegend('speed', viewer.trailScale('speed'), scene) : [];
}

/** Of the map that lies over the video; one range for the whole clip. */
export function overlayLegend({ store, viewer }: App): HTMLElement[] {
  const { overlay, open } = store.state;
  if (!open) return [];
  const { name, factor } = unitOf(open.scene);
  const [near, far] = viewer.depthRange;
  if (overlay === 'depth') return [bar(MAP_OF.depth, `${formatNumber(far * factor)} ${name}`, `${formatNumber(near * factor)} ${name}`, 'distance')];
  if (overlay === 'confidence') return [bar(MAP_OF.confidence, '0 %', '100 %', 'confidence')];
  if (overlay === 'mask') return [h('p', { class: 'keys' }, swatch(toCss(MOVING)), 'moves now; lighter: moves at another time')];
  return overlay === 'flow' ? [h('p', { class: 'keys' }, 'hue: direction; strength: length')] : [];
}

export function trailLegendOf({ store, viewer }: App): HTMLElement[] {
  const { look, open } = store.state;
  const mode = modeOf(look);
  return open ? trailLegend(mode, viewer.trailScale(mode), open.scene) : [];
}

const modeOf = (look: Look): TrailColour => (look.colour === 'speed' ? 'speed' : look.trailColour);

function trailLegend(mode: TrailColour, scale: TrailScale | null, scene: Scene): HTMLElement[] {
  if (mode === 'visibility') return [h('p', { class: 'keys' }, swatch(toCss(VISIBILITY_COLOURS.seen)), 'seen ', swatch(toCss(VISIBILITY_COLOURS.hidden)), 'hidden, and dashed')];
  if (!scale) return [];
  const { name, factor } = unitOf(scene);
  const show = (value: number) => ({
    length: `${formatNumber(value * factor)} ${name}`, speed: `${formatNumber(value * factor)} ${name}/s`, time: `${formatNumber(value)} s`, share: `${Math.round(100 * value)} %`,
  })[scale.kind];
  // Near is warm, so the scale of depth runs from far to near.
  const [low, high] = mode === 'depth' ? [scale.high, scale.low] : [scale.low, scale.high];
  return [bar(scale.map, show(low), show(high), `${TRAIL_WORDS[mode]} of the trails`)];
}

const swatch = (colour: string) => h('i', { class: 'swatch', style: `background:${colour}` });

function bar(map: MapName, low: string, high: string, what: string): HTMLElement {
  const table = colourTable(map);
  const stops = Array.from({ length: 16 }, (_, k) => toCss([table[k * 68], table[k * 68 + 1], table[k * 68 + 2]]));
  return h('p', { class: 'legend-bar mono' }, h('i', { style: `background:linear-gradient(90deg,${stops.join(',')})` }), h('span', {}, low), h('span', {}, what), h('span', {}, high));
}
