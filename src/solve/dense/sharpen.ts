// What is thinner than a cell of the fine grid: there every pixel's own flow speaks.

import type { MotionMask } from '../../scene/fields.ts';
import { makeGrid } from '../initialise/build-problem.ts';
import type { MeasuredInput } from '../input.ts';
import type { State } from '../problem.ts';
import { edgesOf, lineariseFlow } from './refine.ts';

/** Weight of the depth that the cells around agree on, and the difference of log depth from which another surface is believed. */
const TIE = 4;
const TIE_JUMP = 0.1;
const ROUNDS = 3;
const FARTHEST_STEP = 0.5;

/**
 * Moves the depth of every pixel towards where its own flow wants it, in place. Yields the share that is done, after each frame.
 * @param logDepth f32 [H·W] per frame
 */
export function* sharpen(input: Pick<MeasuredInput, 'width' | 'height' | 'flows' | 'leastSigma'>, moving: readonly MotionMask[], state: State, logDepth: readonly Float32Array[]): Generator<number, void> {
  const { width, height } = input;
  const grid = makeGrid(width, height, 1);
  for (const [t, depth] of logDepth.entries()) {
    const edges = edgesOf(input, t, grid, moving[t]!.ever, state);
    const start = depth.slice();
    for (let round = 0; round < ROUNDS; round++) {
      const { h, g } = lineariseFlow(grid, edges, depth, Math.exp(state.logFocal), width, height);
      for (let i = 0; i < depth.length; i++) {
        if (h[i] === 0) continue;
        const off = depth[i]! - start[i]!;
        const tie = TIE / (1 + (off / TIE_JUMP) ** 2);
        depth[i]! -= Math.max(-FARTHEST_STEP, Math.min(FARTHEST_STEP, (g[i]! + tie * off) / (h[i]! + tie)));
      }
    }
    yield (t + 1) / logDepth.length;
  }
}
