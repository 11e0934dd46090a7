// Flow to a farther frame by way of those between.

import { sampleAt, spotAt } from '../maths/sample.ts';
import type { FlowField } from '../scene/fields.ts';
import type { FlowTo } from './follow.ts';

/** Whether the flow is believed at the pixel around a place, px; nowhere outside the picture. */
export function believedAt({ width, height, consistent }: FlowField, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < width && y < height && consistent[Math.floor(y) * width + Math.floor(x)] === 1;
}

/**
 * Follows every pixel from field to field.
 * @param way each field begins in the frame where the one before ends
 * @returns flow from the first frame to the last; variances add up, and what one step loses is not believed
 */
export function composeFlow(way: readonly FlowField[]): FlowField {
  const { from, width, height } = way[0]!;
  const uv = new Float32Array(2 * width * height);
  const sigma = new Float32Array(width * height);
  const consistent = new Uint8Array(width * height);
  for (let i = 0; i < sigma.length; i++) {
    const [startX, startY] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    let [x, y, variance, held] = [startX, startY, 0, true];
    for (const field of way) {
      held &&= believedAt(field, x, y);
      const spot = spotAt(x, y, field);
      x += sampleAt(field.uv, spot, width, 2, 0);
      y += sampleAt(field.uv, spot, width, 2, 1);
      variance += sampleAt(field.sigma, spot, width) ** 2;
    }
    uv[2 * i] = x - startX;
    uv[2 * i + 1] = y - startY;
    sigma[i] = Math.sqrt(variance);
    consistent[i] = held ? 1 : 0;
  }
  return { from, to: way.at(-1)!.to, width, height, uv, sigma, consistent };
}

/**
 * The way from one frame to another along the flows there are, in as few steps as they allow when each is as long as can be.
 */
export function wayBetween(from: number, to: number, flowTo: FlowTo): FlowField[] {
  const direction = Math.sign(to - from);
  const way: FlowField[] = [];
  for (let t = from; t !== to;) {
    let step: FlowField | undefined;
    for (let length = Math.abs(to - t); length > 0 && !step; length--) step = flowTo(t, t + direction * length);
    if (!step) throw new Error(`No flow leads from frame ${t} towards ${to}.`);
    way.push(step);
    t = step.to;
  }
  return way;
}
