// Labels that follow the picture: what looks alike and lies close together is of one kind (a conditional random field,
// Krähenbühl and Koltun 2011, over a window instead of the whole picture).

import type { Size } from '../maths/resize.ts';
import { boxMean } from './mask-shape.ts';

/** Log-odds beyond this are all one, so that the surroundings may overrule what a pixel says by itself. */
const SUREST = 3;
/** Log-odds that surroundings of one mind and one colour add. */
const WEIGHT = 8;
/** Standard deviation of colour within one thing, levels of 255 (length of the difference of RGB). */
const COLOUR_SPREAD = 15;
const ROUNDS = 5;
/** Neighbours that are asked, across the window's radius. */
const SAMPLES = 3;
/** Below this sum of likenesses a pixel stands alone, and its neighbours' word counts less. */
const ENOUGH = 4;

/**
 * Mean-field approximation of the log-odds that each pixel belongs, given its own log-odds and the picture.
 * Thin things keep their place, for only pixels of like colour are asked.
 * @param logOdds f32 [H·W] own evidence; positive belongs
 * @param rgba u8 [H·W·4]
 * @param reach px, radius of the window
 * @returns f32 [H·W]
 */
export function meanField(logOdds: Float32Array, rgba: Uint8Array | Uint8ClampedArray, reach: number, size: Size): Float32Array {
  const { width, height } = size;
  const own = logOdds.map((l) => Math.max(-SUREST, Math.min(SUREST, l)));
  const field = own.slice();
  // Where nothing near says yes, nothing turns.
  const close = boxMean(own.map((l) => (l > 0 ? 1 : 0)), reach, size);
  const asked = Int32Array.from(own.keys()).filter((i) => close[i]! > 1e-6);
  const offsets = neighbours(reach);
  const partner = new Int32Array(asked.length * offsets.length);
  const likeness = new Float32Array(partner.length);
  for (let a = 0, k = 0; a < asked.length; a++) {
    const i = asked[a]!;
    const x = i % width;
    const y = (i - x) / width;
    const first = k;
    let sum = 0;
    for (const [dx, dy, nearness] of offsets) {
      const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
      const j = inside ? i + dy * width + dx : i;
      const square = (rgba[4 * i]! - rgba[4 * j]!) ** 2 + (rgba[4 * i + 1]! - rgba[4 * j + 1]!) ** 2 + (rgba[4 * i + 2]! - rgba[4 * j + 2]!) ** 2;
      partner[k] = j;
      likeness[k] = inside ? nearness * Math.exp(-square / (2 * COLOUR_SPREAD ** 2)) : 0;
      sum += likeness[k++]!;
    }
    for (let n = first; n < k; n++) likeness[n]! *= WEIGHT / Math.max(ENOUGH, sum);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const belief = field.map((l) => Math.tanh(l / 2));
    for (let a = 0, k = 0; a < asked.length; a++) {
      let said = own[asked[a]!]!;
      for (let n = 0; n < offsets.length; n++, k++) said += likeness[k]! * belief[partner[k]!]!;
      field[asked[a]!] = said;
    }
  }
  return field;
}

/** Offsets (x, y) px and their weight: a grid over the disc, and the four pixels next to the centre. */
function neighbours(reach: number): [number, number, number][] {
  const step = Math.max(1, Math.round(reach / SAMPLES));
  const offsets: [number, number, number][] = step > 1 ? [[1, 0, 1], [-1, 0, 1], [0, 1, 1], [0, -1, 1]] : [];
  for (let dy = -reach; dy <= reach; dy += step) {
    for (let dx = -reach; dx <= reach; dx += step) {
      const square = dx * dx + dy * dy;
      if (square > 0 && square <= reach * reach) offsets.push([dx, dy, Math.exp((-2 * square) / (reach * reach))]);
    }
  }
  return offsets;
}
