import { interpolateInferno, interpolateTurbo, interpolateViridis } from 'd3-scale-chromatic';
import type { ColourMode } from './look.ts';

export type Rgb = readonly [number, number, number];

const MAPS = { turbo: (x: number) => interpolateTurbo(0.08 + 0.84 * x), viridis: interpolateViridis, inferno: (x: number) => interpolateInferno(0.15 + 0.8 * x) };
export type MapName = keyof typeof MAPS;

/** Which map belongs to which quantity, everywhere in the app. Near is warm, so depth runs backwards. */
export const MAP_OF: Readonly<Record<Exclude<ColourMode, 'picture' | 'motion'>, MapName>> = {
  depth: 'turbo', confidence: 'viridis', time: 'viridis', speed: 'inferno',
};

/** Orange for what moves (told apart by the colour-blind too), grey for what stands. */
export const MOVING: Rgb = [230, 159, 0];
export const STATIC: Rgb = [128, 132, 140];

/** Colours of selected tracks, in order: light enough for dark ground, told apart by the colour-blind. */
export const TRACK_COLOURS: readonly Rgb[] = [
  [86, 180, 233], [230, 159, 0], [0, 178, 128], [240, 228, 66], [213, 94, 0], [204, 121, 167],
  [120, 140, 255], [255, 190, 150], [150, 220, 90], [170, 170, 170], [255, 110, 110], [90, 220, 220],
];
export const MAX_SELECTED = TRACK_COLOURS.length;

const tables = new Map<MapName, Uint8Array>();

/** 256 RGBA entries. */
export function colourTable(name: MapName): Uint8Array {
  const known = tables.get(name);
  if (known) return known;
  const table = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) table.set([...parseColour(MAPS[name](i / 255)), 255], i * 4);
  tables.set(name, table);
  return table;
}

export function mapColour(name: MapName, value: number): Rgb {
  const i = Math.round(255 * Math.min(1, Math.max(0, value))) * 4;
  const table = colourTable(name);
  return [table[i], table[i + 1], table[i + 2]];
}

export const toCss = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;

/** A hue per track that stays with it: golden-angle steps on a calm circle. */
export function trackHue(track: number): Rgb {
  const angle = track * 2.399963;
  const wave = (shift: number) => Math.round(168 + 72 * Math.cos(angle + shift));
  return [wave(0), wave(2.0944), wave(4.1888)];
}

/** d3 answers "#rrggbb" or "rgb(r, g, b)", depending on the map. */
function parseColour(text: string): Rgb {
  if (text.startsWith('#')) return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)) as unknown as Rgb;
  return (text.match(/[\d.]+/g) ?? ['0', '0', '0']).slice(0, 3).map(Number) as unknown as Rgb;
}
