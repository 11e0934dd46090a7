// Depth of moving regions. Parallax says nothing of them (the scale of a moving thing is free), so it is tied to what stands still:
// the prior's relief at the depth of the ground the thing touches, continuous in time along the flow (method.md 10).

import { flowsByPair, meanAlong } from '../../geometry/follow.ts';
import { labelRegions } from '../../geometry/mask-shape.ts';
import { median, quantile, robustLine } from '../../maths/robust.ts';
import type { Size } from '../../maths/resize.ts';
import type { FlowField, MotionMask } from '../../scene/fields.ts';
import { USUAL_SPREAD } from '../initialise/prior.ts';

/** Regions smaller than this share of the picture take the static depth around them. */
const MIN_AREA_SHARE = 0.0003;
/** How far from a region the static depth around it is read, share of the longer side: nearer by, flow and with it depth are often the region's own. */
const RIM_SHARE = 1 / 32;
/** How far below a region its ground is followed, in rims. */
const GROUND_RIMS = 4;
/** Ground steeper than this share of its depth between feet and rim is no ground. */
const STEEPEST = 0.4;
/** A region this close (in rims) above another stands on it. */
const STANDING_RIMS = 0.5;
/** The part of a region's columns that reaches lowest is taken for its feet. */
const FEET_SHARE = 0.2;
/** Spread of the static depth about the prior (log units) at which the prior's relief inside a region is believed by half. */
const HALF_BELIEVED = 0.1;
const LARGEST_RELIEF = 0.3;
/** The ground under a region is believed unless it lies this many spreads behind what prior and surroundings say: a flag or a jumping ball touches nothing. */
const CONTACT_SPREADS = 2.5;
const CONTACT_TOLERANCE = 0.1;
/** Standard deviation of the depth of a contact, log units: feet are not points, and masks end before or behind them. */
const CONTACT_SIGMA = 0.07;
/** Weight of a neighbouring frame's depth of the same thing. */
const KEPT = 0.7;

/**
 * Replaces the log depth of moving pixels, in place.
 * @param logDepth f32 [H·W] per frame, static part solved, moving part filled from around
 * @param prior f32 [H·W] per frame, log
 * @param doubtful what perhaps moves, masks included: depth there is no ground to stand on
 * @param parallaxTells false where the static part is the prior itself, which then agrees with itself and proves nothing
 */
export function placeMoving(logDepth: Float32Array[], prior: readonly Float32Array[], masks: readonly MotionMask[], doubtful: readonly MotionMask[], flows: readonly FlowField[], parallaxTells: boolean, size: Size): void {
  const regions = masks.map((m) => labelRegions(m.ever, size));
  logDepth.forEach((log, t) => placeRegions(log, prior[t]!, regions[t]!, doubtful[t]!.ever, parallaxTells ? 0 : USUAL_SPREAD, size));
  smoothInTime(logDepth, masks, regions, flows);
}

type Regions = ReturnType<typeof labelRegions>;

function placeRegions(log: Float32Array, prior: Float32Array, { labels, areas }: Regions, unsure: Uint8Array, leastSpread: number, size: Size): void {
  const { width, height } = size;
  const still = log.slice();
  const { middle: offset, spread: apart } = compareWithPrior(still, prior, unsure);
  const spread = Math.max(leastSpread, apart);
  const doubt = Math.min(1, spread / USUAL_SPREAD);
  const relief = 1 / (1 + (spread / HALF_BELIEVED) ** 2);
  const placed = new Map<number, number>();
  for (const label of fromBelow(labels, areas.length)) {
    if (areas[label]! < MIN_AREA_SHARE * width * height) continue;
    const { contact, shift } = surroundings(still, prior, unsure, labels, label, placed, size);
    if (shift === null) continue;
    const inside: number[] = [];
    for (let i = 0; i < labels.length; i++) if (labels[i] === label) inside.push(prior[i]!);
    const middle = median(inside);
    // A good prior holds for the whole picture; a weak one only near by.
    const expected = middle + doubt * shift + (1 - doubt) * offset;
    const depth = contact !== null && contact - expected < CONTACT_TOLERANCE + CONTACT_SPREADS * spread ? weigh(contact, expected, spread) : expected;
    placed.set(label, depth);
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] !== label) continue;
      log[i] = depth + Math.max(-LARGEST_RELIEF, Math.min(LARGEST_RELIEF, relief * (prior[i]! - middle)));
    }
  }
}

/** Labels in the order of their lowest pixels, the lowest first: what stands on another is placed after it. */
function fromBelow(labels: Int32Array, count: number): number[] {
  const lowest = new Int32Array(count);
  labels.forEach((label, i) => { lowest[label] = i; });
  return [...lowest.keys()].slice(1).sort((a, b) => lowest[b]! - lowest[a]!);
}

/** Nothing stands behind the ground at its feet: a prior that says so knows the wall and not the person, and is believed the less the farther behind. */
function weigh(contact: number, expected: number, spread: number): number {
  const doubt = spread ** 2 + Math.max(0, expected - contact) ** 2;
  const share = doubt / (doubt + CONTACT_SIGMA ** 2);
  return share * contact + (1 - share) * expected;
}

/** Median and spread (robust standard deviation) of log depth about the prior over what stands still. */
function compareWithPrior(still: Float32Array, prior: Float32Array, unsure: Uint8Array): { middle: number; spread: number } {
  const offsets: number[] = [];
  for (let i = 0; i < unsure.length; i += 7) if (!unsure[i]) offsets.push(still[i]! - prior[i]!);
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

function surroundings(still: Float32Array, prior: Float32Array, unsure: Uint8Array, labels: Int32Array, label: number, placed: ReadonlyMap<number, number>, size: Size): Surroundings {
  const { width, height } = size;
  const rimPx = Math.max(2, Math.round(RIM_SHARE * Math.max(width, height)));
  const feet: Foot[] = [];
  const rim: number[] = [];
  const shifts: number[] = [];
  let columns = 0;
  let cutOff = 0;
  for (let x = 0; x < width; x++) {
    let lowest = -1;
    for (let y = height - 1; y >= 0; y--) {
      if (labels[y * width + x] !== label) continue;
      if (lowest < 0) lowest = y;
      for (const step of [-1, 1]) {
        const column = firstSure(rimPx, (k) => (x + k * step < 0 || x + k * step >= width ? null : unsure[y * width + x + k * step]!));
        if (column === null) continue;
        const q = y * width + x + column * step;
        rim.push(still[q]!);
        shifts.push(still[q]! - prior[q]!);
      }
    }
    if (lowest < 0) continue;
    columns++;
    if (lowest + rimPx >= height) {
      cutOff++;
      continue;
    }
    let on = 0;
    for (let k = 1; k <= STANDING_RIMS * rimPx && on === 0; k++) on = labels[(lowest + k) * width + x]!;
    const row = firstSure(rimPx, (k) => (lowest + k >= height ? null : unsure[(lowest + k) * width + x]!));
    if (on === 0 && row === null) continue;
    feet.push({ x, y: lowest, on });
    if (on === 0) shifts.push(still[(lowest + row!) * width + x]! - prior[(lowest + row!) * width + x]!);
  }
  const shift = shifts.length > 0 ? median(shifts) : null;
  // Too near to the lower border for ground to be seen below: it stands nearer than what is seen beside it.
  if (cutOff > columns * 0.25 || feet.length === 0) return { contact: rim.length > 0 ? quantile(rim, 0.15) : null, shift };
  feet.sort((a, b) => b.y - a.y);
  return { contact: contactOf(feet.slice(0, Math.max(3, Math.ceil(feet.length * FEET_SHARE))), still, unsure, placed, rimPx, size), shift };
}

/** Distance, from the rim on, of the first place that surely stands still; `unsureAt` is null beyond the picture. */
function firstSure(rimPx: number, unsureAt: (k: number) => number | null): number | null {
  for (let k = rimPx; k <= GROUND_RIMS * rimPx; k++) {
    const unsure = unsureAt(k);
    if (unsure === null) return null;
    if (!unsure) return k;
  }
  return null;
}

interface Foot { readonly x: number; readonly y: number; /** Region right below, 0 = the ground. */ readonly on: number }

/** A region that stands mostly on another has its depth: one thing is often found in parts. */
function contactOf(feet: readonly Foot[], still: Float32Array, unsure: Uint8Array, placed: ReadonlyMap<number, number>, rimPx: number, size: Size): number | null {
  const onRegions = feet.flatMap(({ on }) => placed.get(on) ?? []);
  if (onRegions.length > feet.length / 2) return median(onRegions);
  const onGround = feet.filter(({ on }) => on === 0);
  return onGround.length > 0 ? groundAt(still, unsure, onGround, rimPx, size) : null;
}

/** Log depth of the ground at the feet, continued from what is seen of it below them: along a column a plane's 1/z is a straight line. */
function groundAt(still: Float32Array, unsure: Uint8Array, feet: readonly Foot[], rimPx: number, { width, height }: Size): number {
  const base = median(feet.map((f) => f.y));
  const down: number[] = [];
  const inverse: number[] = [];
  for (const { x, y } of feet) {
    for (let k = y + rimPx; k <= y + GROUND_RIMS * rimPx && k < height; k++) {
      if (unsure[k * width + x]) continue;
      down.push(k - base);
      inverse.push(Math.exp(-still[k * width + x]!));
    }
  }
  const near = median(inverse);
  // A strip along the lower border is too narrow to tell a slope.
  const atFeet = Math.max(...down) - Math.min(...down) >= rimPx ? robustLine(down, inverse).at : near;
  // Ground does not come nearer upwards.
  return -Math.log(Math.min(near, Math.max((1 - STEEPEST) * near, atFeet)));
}

/** Every region moves to where the frames see it along the flow, as a whole: the flow of single pixels is too often wrong on what moves. */
function smoothInTime(logDepth: Float32Array[], masks: readonly MotionMask[], regions: readonly Regions[], flows: readonly FlowField[]): void {
  const mean = meanAlong(logDepth, masks.map((m) => Float32Array.from(m.ever)), flowsByPair(flows), KEPT);
  logDepth.forEach((log, t) => {
    const { labels, areas } = regions[t]!;
    const shifts = areas.map((): number[] => []);
    for (let i = 0; i < log.length; i++) if (labels[i]) shifts[labels[i]!]!.push(mean[t]![i]! - log[i]!);
    const shift = shifts.map((each) => (each.length > 0 ? median(each) : 0));
    for (let i = 0; i < log.length; i++) log[i]! += shift[labels[i]!]!;
  });
}
