// How far a reconstruction of the sample lies from the scene that the sample was rendered from.

import { median, scoreDepth, scoreMask, scorePoses } from '../src/eval/metrics.ts';
import type { Scene } from '../src/scene/scene.ts';

export interface TruthScores {
  /** Camera centres after Sim(3): root mean square error as a share of the true path. */
  readonly atePathShare: number;
  /** Median error of the turn between neighbouring frames. */
  readonly rotationDeg: number;
  readonly depthAbsRel: number;
  readonly maskIou: number;
  /** Median error of visible tracks on the static world, px of the truth. */
  readonly tracksPx: number;
  /** Estimated over true focal length. */
  readonly focalRatio: number;
}

export function scoreAgainstTruth(scene: Scene, whole: Scene): TruthScores {
  const truth = pickFrames(whole, scene.meta.source.frameIndices);
  if (scene.width !== truth.width || scene.height !== truth.height) throw new Error(`The scene is ${scene.width}×${scene.height}, its truth ${truth.width}×${truth.height}.`);
  const { atePathShare, rotationDeg } = scorePoses(scene.cameras.map((c) => c.camToWorld), truth.cameras.map((c) => c.camToWorld));
  return {
    atePathShare, rotationDeg,
    depthAbsRel: scoreDepth(scene.depth, truth.depth)?.absRel ?? Infinity,
    maskIou: scoreMask(scene.mask, truth.mask, scene.width, scene.height * scene.frameCount, 2),
    tracksPx: median(trackErrors(scene, truth)),
    focalRatio: scene.cameras[0]!.fx / truth.cameras[0]!.fx,
  };
}

/** The truth of those frames that the run has chosen. */
function pickFrames(truth: Scene, indices: readonly number[]): Scene {
  const pixels = truth.width * truth.height;
  const pick = <A extends Float32Array | Uint8Array>(all: A, per: number): A => {
    const out = all.slice(0, indices.length * per) as A;
    indices.forEach((from, to) => out.set(all.subarray(from * per, (from + 1) * per), to * per));
    return out;
  };
  return { ...truth, frameCount: indices.length, cameras: indices.map((i) => truth.cameras[i]!), depth: pick(truth.depth, pixels), mask: pick(truth.mask, pixels), maskNow: pick(truth.maskNow, pixels) };
}

/** A static point seen at its first frame, carried into the others by true depth and cameras. */
function trackErrors(scene: Scene, truth: Scene): number[] {
  const { tracks, frameCount: T, width, height } = scene;
  const errors: number[] = [];
  for (let n = 0; n < tracks.count; n++) {
    const at = (t: number) => [tracks.uv[(n * T + t) * 2]!, tracks.uv[(n * T + t) * 2 + 1]!] as const;
    const seen = Array.from({ length: T }, (_, t) => t).filter((t) => tracks.visible[n * T + t]);
    const [first, ...rest] = seen;
    if (first === undefined) continue;
    const pixel = Math.floor(at(first)[1]) * width + Math.floor(at(first)[0]);
    const place = first * width * height + pixel;
    const z = truth.depth[place];
    if (!z || truth.mask[place]) continue;
    const world = toWorld(truth, first, at(first), z);
    for (const t of rest) {
      const [u, v, depth] = toPixel(truth, t, world);
      if (!(u >= 0 && u < width && v >= 0 && v < height)) continue;
      const seenDepth = truth.depth[t * width * height + Math.floor(v) * width + Math.floor(u)]!;
      // Behind something else in truth: no place to compare with.
      if (depth > seenDepth * 1.03) continue;
      errors.push(Math.hypot(at(t)[0] - u, at(t)[1] - v));
    }
  }
  return errors;
}

type Point = readonly [number, number, number];

function toWorld({ cameras }: Scene, t: number, [u, v]: readonly [number, number], z: number): Point {
  const { fx, fy, cx, cy, camToWorld: m } = cameras[t]!;
  const [x, y] = [((u - cx) / fx) * z, ((v - cy) / fy) * z];
  return [0, 4, 8].map((r) => m[r]! * x + m[r + 1]! * y + m[r + 2]! * z + m[r + 3]!) as unknown as Point;
}

function toPixel({ cameras }: Scene, t: number, point: Point): Point {
  const { fx, fy, cx, cy, camToWorld: m } = cameras[t]!;
  const d = [point[0] - m[3]!, point[1] - m[7]!, point[2] - m[11]!];
  const [x, y, z] = [0, 1, 2].map((c) => m[c]! * d[0]! + m[4 + c]! * d[1]! + m[8 + c]! * d[2]!) as [number, number, number];
  return [cx + (fx * x) / z, cy + (fy * y) / z, z];
}
