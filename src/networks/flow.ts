import { resizeField, resizeVectors } from '../maths/resize.ts';
import { sampleAt, spotAt } from '../maths/sample.ts';
import type { FlowField } from '../scene/fields.ts';
import type { Frame } from '../scene/frame.ts';
import { channelLast, networkSize, runChecked, toImageTensor } from './image.ts';
import type { LoadedModel } from './runtime.ts';

/** Longer side of the network's input at most, px: its matching stage takes memory with the fourth power of this. */
const LONGEST_SIDE = 768;

/**
 * Dense flow a → b at the size of `a`; vectors and sigma in px of that size.
 * @param longest px: larger pictures are shown to the network at this size.
 */
export async function predictFlow(model: LoadedModel, a: Frame, b: Frame, longest = LONGEST_SIDE): Promise<FlowField> {
  const size = networkSize(a, longest);
  const places = size.width * size.height;
  const out = await runChecked(model, 'flow', { image1: toImageTensor(a, size), image2: toImageTensor(b, size) }, { flow: 2 * places, sigma: places });
  const uv = resizeVectors(channelLast(out.flow!, 2), size, a);
  const scale = Math.sqrt((a.width / size.width) * (a.height / size.height));
  const sigma = resizeField(out.sigma!, size, a, 1).map((px) => px * scale);
  return { from: a.index, to: b.index, width: a.width, height: a.height, uv, sigma, consistent: new Uint8Array(sigma.length).fill(1) };
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
