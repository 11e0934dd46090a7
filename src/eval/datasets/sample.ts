// The sample clip that ships with the app: its truth is a scene.npz, whose colours are the clip's own frames.

import { readFileSync } from 'node:fs';
import { readSceneNpz } from '../../scene/npz.ts';
import { moves } from '../../scene/tracks.ts';
import { pictureAt, sourceOf } from './pictures.ts';
import { sampleNearest, type Sequence } from './sequence.ts';

export function loadSample(path: string): Sequence {
  const scene = readSceneNpz(new Uint8Array(readFileSync(path)));
  const { width, height, frameCount, tracks } = scene;
  const P = width * height;
  const fps = (frameCount - 1) / (scene.times.at(-1)! - scene.times[0]!);
  const source = sourceOf('sample room', frameCount, fps, { width, height }, (t) => pictureAt(scene.rgb, t, width, height));
  const queryFrames = Int32Array.from({ length: tracks.count }, (_, n) => Math.max(0, tracks.visible.subarray(n * frameCount, (n + 1) * frameCount).indexOf(1)));
  return {
    name: 'sample room', source, focalPx: scene.cameras[0]!.fx, poses: scene.cameras.map((c) => c.camToWorld), baseline: '',
    depthAt: (t, w, h) => sampleNearest(new Float32Array(w * h), w, h, scene.depth.subarray(t * P, (t + 1) * P), width, height, source.info),
    maskAt: (t, w, h) => sampleNearest(new Uint8Array(w * h), w, h, scene.mask.subarray(t * P, (t + 1) * P), width, height, source.info),
    flowAt: null,
    tracks: {
      count: tracks.count, frameCount, uv: tracks.uv, visible: tracks.visible, labelled: new Uint8Array(tracks.count * frameCount).fill(1),
      queryFrames, moving: Uint8Array.from(tracks.mobility, (m) => (moves(m) ? 1 : 0)), xyz: tracks.xyz,
    },
  };
}
