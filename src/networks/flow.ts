import { resizeField, resizeVectors, type Size } from '../maths/resize.ts';
import { quantile } from '../maths/robust.ts';
import { sampleAt, spotAt } from '../maths/sample.ts';
import type { FlowField } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { channelLast, networkSize, runChecked, toImageTensor } from './image.ts';
import type { LoadedModel } from './runtime.ts';

/** Longer side of the network's input at most, px: its matching stage takes memory with the fourth power of this. */
const LONGEST_SIDE = 768;
/** A picture is enlarged by this at most. */
const MOST_ENLARGED = 1.5;
/** Nine in ten places move by less than this share of the longer side: enlarged, the network's reach still suffices. */
const CALM_SHARE = 1 / 32;

/**
 * Dense flow a → b at the size of `a`; vectors and sigma in px of that size.
 * @param goodSide where the motion is calm, smaller pictures are enlarged to this: the network matches at an eighth of its input, and outlines blur with it.
 */
export async function predictFlow(model: LoadedModel, a: Frame, b: Frame, goodSide = 0): Promise<FlowField> {
  const plain = await predictAt(model, a, b, networkSize(a, LONGEST_SIDE));
  const enlarged = enlargement(a, goodSide);
  const calm = enlarged > 1 && reachOf(plain) < CALM_SHARE * Math.max(a.width, a.height);
  return calm ? predictAt(model, a, b, networkSize(a, LONGEST_SIDE, enlarged)) : plain;
}

/** How often a calm picture's pixels pass through the network. */
export function flowPasses(frame: Size, goodSide: number): number {
  const enlarged = enlargement(frame, goodSide);
  return enlarged > 1 ? 1 + enlarged ** 2 : 1;
}

const enlargement = ({ width, height }: Size, goodSide: number): number => Math.min(MOST_ENLARGED, goodSide / Math.max(width, height));

async function predictAt(model: LoadedModel, a: Frame, b: Frame, size: Size): Promise<FlowField> {
  const places = size.width * size.height;
  const out = await runChecked(model, 'flow', { image1: toImageTensor(a, size), image2: toImageTensor(b, size) }, { flow: 2 * places, sigma: places });
  const uv = resizeVectors(channelLast(out.flow!, 2), size, a);
  const scale = Math.sqrt((a.width / size.width) * (a.height / size.height));
  const sigma = resizeField(out.sigma!, size, a, 1).map((px) => px * scale);
  return { from: a.index, to: b.index, width: a.width, height: a.height, uv, sigma, consistent: new Uint8Array(sigma.length).fill(1) };
}

/** px: nine in ten vectors are shorter. */
function reachOf({ uv, sigma }: FlowField): number {
  const lengths: number[] = [];
  for (let i = 0; i < sigma.length; i += 7) lengths.push(Math.hypot(uv[2 * i]!, uv[2 * i + 1]!));
  return quantile(lengths, 0.9);
}

/** Forward and backward flow cancel where |f + b|² ≤ α(|f|² + |b|²) + β px² (Sundaram et al. 2010). */
const ALPHA = 0.01;
const BETA = 0.5;

/** Copies with `consistent` narrowed: 1 where it was, and where following the one flow and then the other leads back. */
export function checkConsistency(forward: FlowField, backward: FlowField): [FlowField, FlowField] {
  return [{ ...forward, consistent: returns(forward, backward) }, { ...backward, consistent: returns(backward, forward) }];
}

function returns({ uv, width, height, consistent: believed }: FlowField, back: FlowField): Uint8Array {
  const consistent = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!believed[i]) continue;
      const u = uv[2 * i]!;
      const v = uv[2 * i + 1]!;
      // What leaves the picture cannot be checked and counts as not consistent.
      if (!(x + u >= 0 && y + v >= 0 && x + u <= width - 1 && y + v <= height - 1)) continue;
      const spot = spotAt(x + u + 0.5, y + v + 0.5, back);
      const bu = sampleAt(back.uv, spot, width, 2, 0);
      const bv = sampleAt(back.uv, spot, width, 2, 1);
      const gap = (u + bu) ** 2 + (v + bv) ** 2;
      if (gap <= ALPHA * (u * u + v * v + bu * bu + bv * bv) + BETA) consistent[i] = 1;
    }
  }
  return consistent;
}
