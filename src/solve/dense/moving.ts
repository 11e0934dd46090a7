// Depth of moving regions. Parallax says nothing of them (the scale of a moving thing is free), so it is tied to what stands still:
// the prior's relief at the depth of the ground the thing touches, continuous in time along the flow (method.md 10).

import { labelRegions, type Size } from '../../geometry/mask-shape.ts';
import { median, quantile } from '../../maths/robust.ts';
import type { FlowField, MotionMask } from '../../scene/fields.ts';
import { USUAL_SPREAD } from '../initialise/prior.ts';

/** Regions smaller than this share of the picture take the static depth around them. */
const MIN_AREA_SHARE = 0.0003;
/** How far below a region its ground is looked for, px at 384 px. */
const RIM_PX = 3;
/** The part of a region's columns that reaches lowest is taken for its feet. */
const FEET_SHARE = 0.3;
/** Spread of the static depth about the prior (log units) at which the prior's relief inside a region is believed by half. */
const HALF_BELIEVED = 0.1;
const LARGEST_RELIEF = 0.3;
/** The ground contact is believed within this many spreads of what prior and surroundings say; a flag or a jumping ball touches nothing. */
const CONTACT_SPREADS = 2.5;
const CONTACT_TOLERANCE = 0.1;
/** Standard deviation of the depth of a contact, log units: feet are not points, and masks end before or behind them. */
const CONTACT_SIGMA = 0.07;
const TIME_PASSES = 3;

/**
 * Replaces the log depth of moving pixels, in place.
 * @param logDepth f32 [H·W] per frame, static part solved, moving part filled from around
 * @param prior f32 [H·W] per frame, log
 * @param parallaxTells false where the static part is the prior itself, which then agrees with itself and proves nothing
 */
export function placeMoving(logDepth: Float32Array[], prior: readonly Float32Array[], masks: readonly MotionMask[], flows: readonly FlowField[], parallaxTells: boolean, size: Size): void {
  logDepth.forEach((log, t) => placeRegions(log, prior[t]!, masks[t]!.ever, parallaxTells ? 0 : USUAL_SPREAD, size));
  for (let pass = 0; pass < TIME_PASSES; pass++) smoothInTime(logDepth, masks, flows, size);
}

function placeRegions(log: Float32Array, prior: Float32Array, mask: Uint8Array, leastSpread: number, size: Size): void {
  const { width, height } = size;
  const { labels, areas } = labelRegions(mask, size);
  const still = log.slice();
  const { middle: offset, spread: apart } = compareWithPrior(still, prior, mask);
  const spread = Math.max(leastSpread, apart);
  const doubt = Math.min(1, spread / USUAL_SPREAD);
  const relief = 1 / (1 + (spread / HALF_BELIEVED) ** 2);
  for (let label = 1; label < areas.length; label++) {
    if (areas[label]! < MIN_AREA_SHARE * width * height) continue;
    const { contact, shift } = surroundings(still, prior, mask, labels, label, size);
    if (shift === null) continue;
    const inside: number[] = [];
    for (let i = 0; i < labels.length; i++) if (labels[i] === label) inside.push(prior[i]!);
    const middle = median(inside);
    // A good prior holds for the whole picture; a weak one only near by.
    const expected = middle + doubt * shift + (1 - doubt) * offset;
    const touches = contact !== null && Math.abs(contact - expected) < CONTACT_TOLERANCE + CONTACT_SPREADS * spread;
    const share = spread ** 2 / (spread ** 2 + CONTACT_SIGMA ** 2);
    const depth = touches ? share * contact + (1 - share) * expected : expected;
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] !== label) continue;
      log[i] = depth + Math.max(-LARGEST_RELIEF, Math.min(LARGEST_RELIEF, relief * (prior[i]! - middle)));
    }
  }
}

/** Median and spread (robust standard deviation) of log depth about the prior over what stands still. */
function compareWithPrior(still: Float32Array, prior: Float32Array, mask: Uint8Array): { middle: number; spread: number } {
  const offsets: number[] = [];
  for (let i = 0; i < mask.length; i += 7) if (!mask[i]) offsets.push(still[i]! - prior[i]!);
  if (offsets.length === 0) return { middle: 0, spread: Infinity };
  const middle = median(offsets);
  return { middle, spread: 1.4826 * median(offsets.map((o) => Math.abs(o - middle))) };
}

interface Surroundings {
  /** Log depth of the static ground under the lowest columns; of the nearest rim where the region leaves the picture below; null where nothing is seen. */
  readonly contact: number | null;
  /** Median of log depth minus prior along the region's rim; null where the region has none. */
  readonly shift: number | null;
}

function surroundings(still: Float32Array, prior: Float32Array, mask: Uint8Array, labels: Int32Array, label: number, { width, height }: Size): Surroundings {
  const feet: { y: number; log: number }[] = [];
  const rim: number[] = [];
  const shifts: number[] = [];
  let columns = 0;
  let cutOff = 0;
  const addRim = (q: number) => {
    rim.push(still[q]!);
    shifts.push(still[q]! - prior[q]!);
  };
  for (let x = 0; x < width; x++) {
    let lowest = -1;
    for (let y = height - 1; y >= 0; y--) {
      if (labels[y * width + x] !== label) continue;
      if (lowest < 0) lowest = y;
      for (const dx of [-RIM_PX, RIM_PX]) {
        const q = y * width + x + dx;
        if (x + dx >= 0 && x + dx < width && !mask[q]) addRim(q);
      }
    }
    if (lowest < 0) continue;
    columns++;
    const below = lowest + RIM_PX;
    if (below >= height) cutOff++;
    else if (!mask[below * width + x]) {
      feet.push({ y: lowest, log: still[below * width + x]! });
      shifts.push(still[below * width + x]! - prior[below * width + x]!);
    }
  }
  const shift = shifts.length > 0 ? median(shifts) : null;
  // Cut off by the lower border: it stands nearer than what is seen beside it.
  if (cutOff > columns * 0.25 || feet.length === 0) return { contact: rim.length > 0 ? quantile(rim, 0.15) : null, shift };
  feet.sort((a, b) => b.y - a.y);
  return { contact: median(feet.slice(0, Math.max(3, Math.ceil(feet.length * FEET_SHARE))).map((f) => f.log)), shift };
}

/** One pass of averaging with the next and the previous frame along the flow, inside the masks only. */
function smoothInTime(logDepth: Float32Array[], masks: readonly MotionMask[], flows: readonly FlowField[], { width, height }: Size): void {
  const before = logDepth.map((d) => d.slice());
  const near = flows.filter((f) => Math.abs(f.to - f.from) === 1);
  for (let t = 0; t < logDepth.length; t++) {
    const around = near.filter((f) => f.from === t);
    const mask = masks[t]!.ever;
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      let sum = 2 * before[t]![i]!;
      let total = 2;
      for (const { uv, to } of around) {
        const x = Math.floor((i % width) + 0.5 + uv[2 * i]!);
        const y = Math.floor(Math.floor(i / width) + 0.5 + uv[2 * i + 1]!);
        if (x < 0 || y < 0 || x >= width || y >= height || !masks[to]!.ever[y * width + x]) continue;
        sum += before[to]![y * width + x]!;
        total++;
      }
      logDepth[t]![i] = sum / total;
    }
  }
}
