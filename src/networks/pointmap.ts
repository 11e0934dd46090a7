import type { PairPrediction, Pointmap } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { channelLast, LEARNT_SIDE, networkSize, runChecked, toImageTensor } from './image.ts';
import type { LoadedModel } from './runtime.ts';

/** Pointmaps of both frames in the camera of `a`, at network size (smaller than the frames), one free scale. */
export async function predictPair(model: LoadedModel, a: Frame, b: Frame): Promise<PairPrediction> {
  const size = networkSize(a, LEARNT_SIDE);
  const places = size.width * size.height;
  const out = await runChecked(model, 'pointmap', { image1: toImageTensor(a, size), image2: toImageTensor(b, size) },
    { points1: 3 * places, points2: 3 * places, confidence1: places, confidence2: places });
  const map = (points: Float32Array, confidence: Float32Array): Pointmap => ({ ...size, xyz: channelLast(points, 3), confidence });
  return { from: a.index, to: b.index, ofFrom: map(out.points1!, out.confidence1!), ofTo: map(out.points2!, out.confidence2!) };
}
