// How the scene is drawn, with a legend for every colour that means something.

import { colourTable, MAP_OF, MOVING, STATIC, toCss, type MapName } from '../../viewer/colours.ts';
import type { CloudStyle, ColourMode, LayerName, Look, TrailColour } from '../../viewer/look.ts';
import type { App } from '../app.ts';
import { checkbox, h, put, segmented, slider } from '../dom.ts';
import { formatNumber, unitOf } from '../format.ts';

const COLOURS: readonly (readonly [ColourMode, string])[] = [['picture', 'Picture'], ['depth', 'Depth'], ['confidence', 'Confidence'], ['motion', 'Moving'], ['time', 'Time'], ['speed', 'Speed']];
const LAYERS: readonly (readonly [LayerName, string])[] = [['background', 'Static'], ['moving', 'Moving'], ['cameras', 'Cameras'], ['trails', 'Trails'], ['grid', 'Grid']];

export function createLookPanel({ store, viewer, setLook }: App): HTMLElement {
  const style = segmented<CloudStyle>('Drawn as', [['surface', 'Surface'], ['points', 'Points']], (value) => setLook({ style: value }), 'style');
  const size = slider('Point size', { min: 0.4, max: 4, step: 0.1 }, (v) => `${v.toFixed(1)}×`, (value) => setLook({ pointSize: value }), 'point-size');
  const drop = slider('Leave out the least certain', { min: 0, max: 95, step: 1 }, (v) => `${v} %`, (value) => setLook({ dropPercent: value }), 'confidence');
  const trim = checkbox('Cut at depth edges', (on) => setLook({ trim: on }), 'trim');
  const colour = segmented<ColourMode>('Colour', COLOURS, (value) => setLook({ colour: value }), 'colour');
  const legend = h('div', { class: 'legend', 'data-testid': 'legend' });
  const layers = LAYERS.map(([name, label]) => ({ name, ...checkbox(label, (on) => setLook({ layers: { ...store.state.look.layers, [name]: on } }), `layer-${name}`) }));
  const length = slider('Trail length', { min: 1, max: 48, step: 1 }, (v) => `${v} frames`, (value) => setLook({ trailLength: value }), 'trail-length');
  const width = slider('Trail width', { min: 1, max: 6, step: 0.5 }, (v) => `${v} px`, (value) => setLook({ trailWidth: value }), 'trail-width');
  const trails = segmented<TrailColour>('Trail colour', [['track', 'Track'], ['speed', 'Speed'], ['time', 'Time']], (value) => setLook({ trailColour: value }), 'trail-colour');
  const every = checkbox('Also tracks that stand still', (on) => setLook({ allTrails: on }), 'all-trails');
  const count = h('p', { class: 'note', 'data-testid': 'count' });

  const showLegend = () => {
    const { look, open } = store.state;
    put(legend, ...(open ? legendsOf(look, open.scene.metresPerUnit, viewer.depthRange, viewer.speedTop, open.scene.times) : []));
  };
  store.watch((s) => s.look, (look) => {
    style.set(look.style);
    size.set(look.pointSize);
    size.element.hidden = look.style !== 'points';
    drop.set(look.dropPercent);
    trim.set(look.trim);
    colour.set(look.colour);
    for (const layer of layers) layer.set(look.layers[layer.name]);
    length.set(look.trailLength);
    width.set(look.trailWidth);
    trails.set(look.trailColour);
    every.set(look.allTrails);
    showLegend();
  });
  store.watch((s) => s.open, (open) => {
    length.element.querySelector('input')!.max = String(Math.max(2, open?.scene.frameCount ?? 48));
    length.set(store.state.look.trailLength);
    showLegend();
  });
  store.watch((s) => s.drawn, () => {
    count.textContent = `${viewer.pointCount.toLocaleString()} points drawn${viewer.stage.software ? ' (fewer, because this browser draws without a graphics card)' : ''} · ${viewer.shownTracks.length} trails`;
  });

  const group = (title: string, ...children: Node[]) => h('fieldset', {}, h('legend', {}, title), ...children);
  return h('div', { class: 'stack', id: 'panel-look' },
    group('Cloud', style.element, size.element, drop.element, trim.element),
    group('Colour', colour.element, legend),
    group('Layers', h('div', { class: 'checks' }, ...layers.map((l) => l.element))),
    group('Trails', length.element, width.element, trails.element, every.element),
    count);
}

function legendsOf(look: Look, metresPerUnit: number | null, depth: readonly [number, number], speedTop: number, times: Float64Array): Node[] {
  const { name, factor } = unitOf(metresPerUnit);
  const span = `${formatNumber(times[times.length - 1] - times[0])} s`;
  const speed = () => bar(MAP_OF.speed, '0', `${formatNumber(speedTop * factor)} ${name}/s or more`, 'speed of the trails');
  const legends: Node[] = [];
  if (look.colour === 'depth') legends.push(bar(MAP_OF.depth, `${formatNumber(depth[1] * factor)} ${name}`, `${formatNumber(depth[0] * factor)} ${name}`, 'distance from the camera'));
  if (look.colour === 'confidence') legends.push(bar(MAP_OF.confidence, '0 %', '100 %', 'confidence'));
  if (look.colour === 'time') legends.push(bar(MAP_OF.time, '0 s', span, 'moment it was seen'));
  if (look.colour === 'motion') legends.push(h('p', { class: 'keys' }, swatch(toCss(MOVING)), 'moves in the clip ', swatch(toCss(STATIC)), 'stands still'));
  if (look.colour === 'speed' || look.trailColour === 'speed') legends.push(speed());
  if (look.trailColour === 'time' && look.colour !== 'speed') legends.push(bar(MAP_OF.time, '0 s', span, 'time along the trails'));
  return legends;
}

const swatch = (colour: string) => h('i', { class: 'swatch', style: `background:${colour}` });

function bar(map: MapName, low: string, high: string, what: string): HTMLElement {
  const table = colourTable(map);
  const stops = Array.from({ length: 9 }, (_, i) => toCss([table[i * 31 * 4], table[i * 31 * 4 + 1], table[i * 31 * 4 + 2]]));
  return h('div', { class: 'legend-bar' }, h('i', { style: `background:linear-gradient(90deg, ${stops.join(',')})` }), h('span', {}, low), h('span', { class: 'dim' }, what), h('span', {}, high));
}
