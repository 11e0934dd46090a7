// Point tracks over a clip: windows of eight frames, chained forward and backward from each query.

import type { Frame } from '../scene/frame.ts';
import { throwIfCancelled, type CancelSignal } from '../scene/job.ts';
import type { TrackSet, TrackWindow } from '../scene/tracks.ts';
import { LEARNT_SIDE, networkSize, runChecked, toPlanes } from './image.ts';
import type { LoadedModel } from './runtime.ts';
import { TrackChain, type Direction } from './track-chain.ts';

export { chooseQueries } from './track-queries.ts';

/** Frames the network sees at once. */
export const WINDOW_LENGTH = 8;
const WINDOW_STEP = 4;
/** Points per run; bounds the memory of the network's correlation stage. */
const POINTS_PER_RUN = 1024;

/**
 * Tracks points through frames start … start+7; a clip that ends earlier is padded with its last frame.
 * @param queries f32 [N·3]: frame in the clip (inside the window), x, y px of the frames.
 */
export async function trackWindow(model: LoadedModel, frames: readonly Frame[], start: number, queries: Float32Array): Promise<TrackWindow> {
  const { width, height } = frames[0]!;
  const size = networkSize(frames[0]!, LEARNT_SIDE);
  const planes = new Float32Array(WINDOW_LENGTH * 3 * size.width * size.height);
  for (let s = 0; s < WINDOW_LENGTH; s++) {
    planes.set(toPlanes(frames[Math.min(start + s, frames.length - 1)]!, size), s * 3 * size.width * size.height);
  }
  const frameTensor = { data: planes, dims: [WINDOW_LENGTH, 3, size.height, size.width] };
  const scaleX = width / size.width;
  const scaleY = height / size.height;
  const count = queries.length / 3;
  const uv = new Float32Array(count * WINDOW_LENGTH * 2);
  const visible = new Float32Array(count * WINDOW_LENGTH);
  const confidence = new Float32Array(count * WINDOW_LENGTH);
  const mobility = new Float32Array(count);
  for (let begin = 0; begin < count; begin += POINTS_PER_RUN) {
    const n = Math.min(POINTS_PER_RUN, count - begin);
    const local = new Float32Array(n * 3);
    for (let i = 0; i < n; i++) {
      const q = (begin + i) * 3;
      local.set([queries[q]! - start, queries[q + 1]! / scaleX, queries[q + 2]! / scaleY], i * 3);
    }
    const out = await runChecked(model, 'track', { frames: frameTensor, queries: { data: local, dims: [n, 3] } },
      { uv: n * WINDOW_LENGTH * 2, visible: n * WINDOW_LENGTH, confidence: n * WINDOW_LENGTH, mobility: n });
    for (let i = 0; i < n * WINDOW_LENGTH; i++) {
      uv[(begin * WINDOW_LENGTH + i) * 2] = out.uv![2 * i]! * scaleX;
      uv[(begin * WINDOW_LENGTH + i) * 2 + 1] = out.uv![2 * i + 1]! * scaleY;
    }
    visible.set(out.visible!, begin * WINDOW_LENGTH);
    confidence.set(out.confidence!, begin * WINDOW_LENGTH);
    mobility.set(out.mobility!, begin);
  }
  return { start, length: WINDOW_LENGTH, count, queries, uv, visible, confidence, mobility };
}

/** First frames of the windows that cover the clip, each overlapping the next by at least half. */
export function windowStarts(frameCount: number): number[] {
  const last = Math.max(0, frameCount - WINDOW_LENGTH);
  const starts: number[] = [];
  for (let start = 0; start < last; start += WINDOW_STEP) starts.push(start);
  return [...starts, last];
}

/**
 * Tracks every query through the whole clip.
 * @param queries f32 [N·3]: frame, x, y px of the frames.
 */
export async function trackClip(
  model: LoadedModel, frames: readonly Frame[], queries: Float32Array, signal: CancelSignal, onProgress: (fraction: number, note: string) => void,
): Promise<TrackSet> {
  const starts = windowStarts(frames.length);
  const chain = new TrackChain(queries, frames.length, starts, WINDOW_LENGTH);
  let done = 0;
  const pass = async (direction: Direction) => {
    const order = direction === 'forward' ? starts.keys() : [...starts.keys()].reverse();
    for (const k of order) {
      throwIfCancelled(signal);
      const members = chain.membersOf(k, direction);
      if (members.length > 0) chain.accept(k, direction, members, await trackWindow(model, frames, starts[k]!, chain.queriesOf(members)));
      done++;
      onProgress(done / (2 * starts.length), `window ${done} of ${2 * starts.length}`);
    }
  };
  await pass('forward');
  chain.turnBack();
  await pass('backward');
  return chain.finish();
}
