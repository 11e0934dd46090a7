// Shape of binary masks: hysteresis, specks and holes, edges that follow the image. Maps are row-major [H·W].

import type { Size } from '../maths/resize.ts';

/** Labels of 4-connected regions of equal `inside`, 0 = outside; areas[label] in px. */
export function labelRegions(inside: Uint8Array, { width, height }: Size): { labels: Int32Array; areas: number[] } {
  const labels = new Int32Array(inside.length);
  const areas = [0];
  const stack: number[] = [];
  for (let start = 0; start < inside.length; start++) {
    if (!inside[start] || labels[start]) continue;
    const label = areas.length;
    let area = 0;
    labels[start] = label;
    stack.push(start);
    while (stack.length > 0) {
      const i = stack.pop()!;
      area++;
      const x = i % width;
      const visit = (j: number) => {
        if (inside[j] && !labels[j]) {
          labels[j] = label;
          stack.push(j);
        }
      };
      if (x > 0) visit(i - 1);
      if (x < width - 1) visit(i + 1);
      if (i >= width) visit(i - width);
      if (i < width * (height - 1)) visit(i + width);
    }
    areas.push(area);
  }
  return { labels, areas };
}

/** 1 where the score exceeds `low` in a region that somewhere exceeds `high`. */
export function hysteresis(score: Float32Array, low: number, high: number, size: Size): Uint8Array {
  const weak = Uint8Array.from(score, (s) => (s > low ? 1 : 0));
  const { labels, areas } = labelRegions(weak, size);
  const strong = new Uint8Array(areas.length);
  for (let i = 0; i < score.length; i++) if (score[i]! > high) strong[labels[i]!] = 1;
  strong[0] = 0;
  return Uint8Array.from(labels, (l) => strong[l]!);
}

/** Drops regions and fills holes smaller than `minArea` px. */
export function removeSpecks(mask: Uint8Array, minArea: number, size: Size): Uint8Array {
  const drop = (inside: Uint8Array) => {
    const { labels, areas } = labelRegions(inside, size);
    return Uint8Array.from(labels, (l) => (l > 0 && areas[l]! >= minArea ? 1 : 0));
  };
  const kept = drop(mask);
  return drop(kept.map((m) => 1 - m)).map((m) => 1 - m);
}

/** Mean over a (2r+1)² window, smaller at the border; separable running sums, so the cost does not depend on r. */
export function boxMean(map: Float32Array, radius: number, { width, height }: Size): Float32Array {
  const rows = new Float32Array(map.length);
  const out = new Float32Array(map.length);
  runningMean(map, rows, width, height, 1, width, radius);
  runningMean(rows, out, height, width, width, 1, radius);
  return out;
}

function runningMean(from: Float32Array, to: Float32Array, length: number, lines: number, step: number, lineStep: number, radius: number): void {
  for (let line = 0; line < lines; line++) {
    const base = line * lineStep;
    let sum = 0;
    let count = 0;
    for (let k = 0; k < Math.min(radius, length); k++) {
      sum += from[base + k * step]!;
      count++;
    }
    for (let k = 0; k < length; k++) {
      if (k + radius < length) {
        sum += from[base + (k + radius) * step]!;
        count++;
      }
      if (k - radius - 1 >= 0) {
        sum -= from[base + (k - radius - 1) * step]!;
        count--;
      }
      to[base + k * step] = sum / count;
    }
  }
}

/** Luma variance that counts as an edge of the picture. */
const EDGE_EPSILON = 1e-3;

/**
 * Regions whose outlines are moved onto the picture's edges, without specks and pinholes.
 * @param reach how far an outline may move, px; at least 2 are taken.
 * @param minArea px.
 */
export function alignToPicture(regions: Uint8Array, rgba: Uint8Array | Uint8ClampedArray, reach: number, minArea: number, size: Size): Uint8Array {
  const soft = guidedFilter(Float32Array.from(regions), lumaOf(rgba), Math.max(2, Math.round(reach)), EDGE_EPSILON, size);
  return removeSpecks(Uint8Array.from(soft, (s) => (s > 0.5 ? 1 : 0)), minArea, size);
}

/** Luma 0…1 of RGBA pixels. */
export function lumaOf(rgba: Uint8Array | Uint8ClampedArray): Float32Array {
  return Float32Array.from({ length: rgba.length / 4 }, (_, i) => (0.299 * rgba[4 * i]! + 0.587 * rgba[4 * i + 1]! + 0.114 * rgba[4 * i + 2]!) / 255);
}

/** Guided filter (He, Sun, Tang 2010): the map becomes locally linear in the guide, so its edges move onto the image's. */
export function guidedFilter(map: Float32Array, guide: Float32Array, radius: number, epsilon: number, size: Size): Float32Array {
  const n = map.length;
  const meanGuide = boxMean(guide, radius, size);
  const meanMap = boxMean(map, radius, size);
  const square = boxMean(guide.map((g) => g * g), radius, size);
  const product = boxMean(guide.map((g, i) => g * map[i]!), radius, size);
  const slope = new Float32Array(n);
  const offset = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const variance = Math.max(0, square[i]! - meanGuide[i]! * meanGuide[i]!);
    slope[i] = (product[i]! - meanGuide[i]! * meanMap[i]!) / (variance + epsilon);
    offset[i] = meanMap[i]! - slope[i]! * meanGuide[i]!;
  }
  const meanSlope = boxMean(slope, radius, size);
  const meanOffset = boxMean(offset, radius, size);
  return meanSlope.map((s, i) => s * guide[i]! + meanOffset[i]!);
}
