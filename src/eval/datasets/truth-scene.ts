// A clip's truth as a scene that can be asked: which point is seen where. For networks that return the truth.

import type { TruthScene } from '../../geometry/synthetic.ts';
import type { Sequence } from './sequence.ts';

/** Depth of the sky, in units of the deepest thing that is not sky. */
const SKY_FACTOR = 3;
/** Depth test of visibility, share of the depth. */
const SAME_DEPTH = 0.02;

const FILL_PASSES = 4;

/** Motion of the pixels of moving things from a frame to the next and to the one before, f32 [H·W·2] px; 0 elsewhere. */
interface Steps { readonly forward: Float32Array; readonly backward: Float32Array }

/** Null where the clip lacks poses, dense depth or the flow of what moves. */
export function truthSceneOf({ source, focalPx, poses, depthAt, maskAt, flowAt }: Sequence): TruthScene | null {
  if (!focalPx || !poses || !depthAt || !maskAt || !flowAt) return null;
  const { width, height } = source.info;
  const P = width * height;
  const frameCount = source.frames.length;
  const depths = Array.from({ length: frameCount }, (_, t) => depthAt(t, width, height));
  let deepest = 0;
  for (const map of depths) for (const z of map) deepest = Math.max(deepest, z);
  for (const map of depths) map.forEach((z, i) => { if (z <= 0) map[i] = SKY_FACTOR * deepest; });
  const masks = Array.from({ length: frameCount }, (_, t) => maskAt(t, width, height));
  const steps = Array.from({ length: frameCount }, (): Steps => ({ forward: new Float32Array(2 * P), backward: new Float32Array(2 * P) }));
  for (let t = 0; t + 1 < frameCount; t++) {
    const flow = flowAt(t);
    for (let i = 0; i < P; i++) {
      if (!masks[t]![i]) continue;
      steps[t]!.forward.set(flow.subarray(2 * i, 2 * i + 2), 2 * i);
      const x = Math.floor((i % width) + 0.5 + flow[2 * i]!);
      const y = Math.floor(Math.floor(i / width) + 0.5 + flow[2 * i + 1]!);
      if (x >= 0 && y >= 0 && x < width && y < height && masks[t + 1]![y * width + x]) steps[t + 1]!.backward.set([-flow[2 * i]!, -flow[2 * i + 1]!], 2 * (y * width + x));
    }
  }
  for (let t = 1; t < frameCount; t++) fillHoles(steps[t]!.backward, masks[t]!, width, height);
  const pixelOf = (x: number, y: number) => Math.min(height - 1, Math.max(0, Math.floor(y))) * width + Math.min(width - 1, Math.max(0, Math.floor(x)));

  const carryStatic = (t: number, x: number, y: number, z: number, to: number) => {
    const a = poses[t]!;
    const b = poses[to]!;
    const p = [((x - width / 2) / focalPx) * z, ((y - height / 2) / focalPx) * z, z];
    const d = [0, 1, 2].map((r) => a[4 * r]! * p[0]! + a[4 * r + 1]! * p[1]! + a[4 * r + 2]! * p[2]! + a[4 * r + 3]! - b[4 * r + 3]!);
    const [X, Y, Z] = [0, 1, 2].map((c) => b[c]! * d[0]! + b[4 + c]! * d[1]! + b[8 + c]! * d[2]!) as [number, number, number];
    return { x: (focalPx * X) / Z + width / 2, y: (focalPx * Y) / Z + height / 2, depth: Z };
  };

  return {
    frameCount, width, height, focalPx, camToWorld: poses,
    see: (t, x, y) => ({ depth: depths[t]![pixelOf(x, y)]!, moving: masks[t]![pixelOf(x, y)] === 1 }),
    carry(t, x, y, to) {
      const start = pixelOf(x, y);
      const inside = (u: number, v: number) => u >= 0 && v >= 0 && u < width && v < height;
      if (!masks[t]![start]) {
        const there = carryStatic(t, x, y, depths[t]![start]!, to);
        const visible = there.depth > 0 && inside(there.x, there.y) && Math.abs(depths[to]![pixelOf(there.x, there.y)]! / there.depth - 1) < SAME_DEPTH;
        return { ...there, visible };
      }
      // Something that moves is followed from frame to frame; where it is hidden in between it is lost.
      let u = x;
      let v = y;
      let seen = true;
      for (let s = t; s !== to && seen; s += Math.sign(to - s)) {
        const i = pixelOf(u, v);
        seen = inside(u, v) && masks[s]![i] === 1;
        const step = to > s ? steps[s]!.forward : steps[s]!.backward;
        u += step[2 * i]!;
        v += step[2 * i + 1]!;
      }
      const visible = seen && inside(u, v) && masks[to]![pixelOf(u, v)] === 1;
      return { x: u, y: v, depth: depths[to]![pixelOf(u, v)]!, visible };
    },
  };
}

/** A thing that comes nearer covers more pixels than it had: those in between take the motion of a neighbour. */
function fillHoles(motion: Float32Array, mask: Uint8Array, width: number, height: number): void {
  for (let pass = 0; pass < FILL_PASSES; pass++) {
    const before = motion.slice();
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const i = y * width + x;
        if (!mask[i] || before[2 * i] !== 0 || before[2 * i + 1] !== 0) continue;
        const j = [i - 1, i + 1, i - width, i + width].find((n) => mask[n] && (before[2 * n] !== 0 || before[2 * n + 1] !== 0));
        if (j !== undefined) motion.set(before.subarray(2 * j, 2 * j + 2), 2 * i);
      }
    }
  }
}
