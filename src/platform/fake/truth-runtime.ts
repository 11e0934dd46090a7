// Networks that know the truth: the pipeline's own faults show when its inputs have none.

import type { TruthScene } from '../../geometry/synthetic.ts';
import type { Size } from '../../maths/resize.ts';
import { toPlanes } from '../../networks/image.ts';
import type { LoadedModel, NetworkName, NetworkRuntime, Tensor } from '../../networks/runtime.ts';
import type { Frame } from '../../scene/frame.ts';

/** px; truth has no error, but an interpolated map of it has at outlines. */
const SIGMA_PX = 0.1;
const CONFIDENCE = 10;
/** A point that leaves through the camera's plane: farther than any picture is wide. */
const FAR_AWAY_PX = 1e4;

/**
 * @param frames the clip's frames; networks are handed pictures, which are recognised by their pixels.
 * @param sourceIndex frame of the truth for each of them.
 * @param motion the network that judges what the others found; it is not told the truth.
 */
export function createTruthRuntime(truth: TruthScene, frames: readonly Frame[], sourceIndex: readonly number[], motion: () => Promise<LoadedModel>): NetworkRuntime {
  const known = new Map<string, number>();
  const recognise = (planes: Float32Array, size: Size): number => {
    const key = fingerprint(planes);
    if (!known.has(key)) frames.forEach((frame, k) => known.set(fingerprint(toPlanes(frame, size)), sourceIndex[k]!));
    return known.get(key)!;
  };
  const frameOf = ({ data, dims }: Tensor) => recognise(data, { width: dims[3]!, height: dims[2]! });
  const runs: Record<Exclude<NetworkName, 'motion'>, LoadedModel['run']> = {
    flow: async ({ image1, image2 }) => flowOf(truth, frameOf(image1!), frameOf(image2!), sizeOf(image1!)),
    pointmap: async ({ image1, image2 }) => pointmapsOf(truth, frameOf(image1!), frameOf(image2!), sizeOf(image1!)),
    track: async ({ frames: window, queries }) => {
      const size = { width: window!.dims[3]!, height: window!.dims[2]! };
      const one = 3 * size.width * size.height;
      const members = Array.from({ length: window!.dims[0]! }, (_, s) => recognise(window!.data.subarray(s * one, (s + 1) * one), size));
      return tracksOf(truth, members, queries!.data, size);
    },
  };
  return {
    load: async (name) => (name === 'motion' ? motion() : { device: 'truth', version: 'truth', exact: true, run: runs[name], dispose: async () => {} }),
    dispose: async () => {},
  };
}

const sizeOf = ({ dims }: Tensor): Size => ({ width: dims[3]!, height: dims[2]! });

function fingerprint(planes: Float32Array): string {
  let plain = 0;
  let weighted = 0;
  for (let i = 0; i < planes.length; i++) {
    plain += planes[i]!;
    weighted += planes[i]! * ((i % 1009) + 1);
  }
  return `${planes.length} ${plain} ${weighted}`;
}

/** Calls `visit` with every pixel centre of the network's grid in px of the truth. */
function eachPixel({ width, height }: TruthScene, size: Size, visit: (i: number, x: number, y: number) => void): void {
  for (let i = 0; i < size.width * size.height; i++) {
    visit(i, (((i % size.width) + 0.5) * width) / size.width, ((Math.floor(i / size.width) + 0.5) * height) / size.height);
  }
}

function flowOf(truth: TruthScene, from: number, to: number, size: Size): Record<string, Tensor> {
  const P = size.width * size.height;
  const flow = new Float32Array(2 * P);
  eachPixel(truth, size, (i, x, y) => {
    const there = truth.carry(from, x, y, to);
    flow[i] = there.depth > 0 ? ((there.x - x) * size.width) / truth.width : FAR_AWAY_PX;
    flow[P + i] = there.depth > 0 ? ((there.y - y) * size.height) / truth.height : FAR_AWAY_PX;
  });
  const dims = [1, 2, size.height, size.width];
  return { flow: { data: flow, dims }, sigma: { data: new Float32Array(P).fill(SIGMA_PX), dims: [1, 1, size.height, size.width] } };
}

/** Both maps in the camera of `first`. */
function pointmapsOf(truth: TruthScene, first: number, second: number, size: Size): Record<string, Tensor> {
  const P = size.width * size.height;
  const mapOf = (t: number) => {
    const out = new Float32Array(3 * P);
    const a = truth.camToWorld[t]!;
    const b = truth.camToWorld[first]!;
    eachPixel(truth, size, (i, x, y) => {
      const z = truth.see(t, x, y).depth;
      const p = [((x - truth.width / 2) / truth.focalPx) * z, ((y - truth.height / 2) / truth.focalPx) * z, z];
      const d = [0, 1, 2].map((r) => a[4 * r]! * p[0]! + a[4 * r + 1]! * p[1]! + a[4 * r + 2]! * p[2]! + a[4 * r + 3]! - b[4 * r + 3]!);
      for (let c = 0; c < 3; c++) out[c * P + i] = b[c]! * d[0]! + b[4 + c]! * d[1]! + b[8 + c]! * d[2]!;
    });
    return { data: out, dims: [1, 3, size.height, size.width] };
  };
  const confidence = { data: new Float32Array(P).fill(CONFIDENCE), dims: [1, 1, size.height, size.width] };
  return { points1: mapOf(first), points2: mapOf(second), confidence1: confidence, confidence2: confidence };
}

/** @param queries [N·3]: place in the window, x, y px of the network's pictures. */
function tracksOf(truth: TruthScene, members: readonly number[], queries: Float32Array, size: Size): Record<string, Tensor> {
  const S = members.length;
  const N = queries.length / 3;
  const scaleX = truth.width / size.width;
  const scaleY = truth.height / size.height;
  const uv = new Float32Array(N * S * 2);
  const visible = new Float32Array(N * S);
  const mobility = new Float32Array(N);
  for (let n = 0; n < N; n++) {
    const start = members[Math.round(queries[3 * n]!)]!;
    const x = queries[3 * n + 1]! * scaleX;
    const y = queries[3 * n + 2]! * scaleY;
    mobility[n] = truth.see(start, x, y).moving ? 1 : 0;
    members.forEach((t, s) => {
      const there = truth.carry(start, x, y, t);
      uv.set(there.depth > 0 ? [there.x / scaleX, there.y / scaleY] : [FAR_AWAY_PX, FAR_AWAY_PX], 2 * (n * S + s));
      visible[n * S + s] = there.visible ? 1 : 0;
    });
  }
  return {
    uv: { data: uv, dims: [N, S, 2] }, visible: { data: visible, dims: [N, S] },
    confidence: { data: new Float32Array(N * S).fill(1), dims: [N, S] }, mobility: { data: mobility, dims: [N] },
  };
}
