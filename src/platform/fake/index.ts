// A platform without pictures from outside and without networks: the whole pipeline on a small synthetic scene.

import type { SyntheticScene } from '../../geometry/synthetic.ts';
import type { LoadedModel } from '../../networks/runtime.ts';
import type { Platform } from '../../pipeline/platform.ts';
import type { Frame } from '../../scene/frame.ts';
import { createEngine } from '../../solve/engine-factory.ts';
import type { FrameSource } from '../../video/frame-source.ts';
import { createTruthRuntime } from './truth-runtime.ts';

export { createTruthRuntime } from './truth-runtime.ts';

const FPS = 12;

/** Networks return the truth; frames are delivered at the scene's own size only. */
export function createFakePlatform(scene: SyntheticScene, motion: () => Promise<LoadedModel>): Platform {
  const frames: Frame[] = Array.from({ length: scene.frameCount }, (_, index) => (
    { index, timeSecs: index / FPS, width: scene.width, height: scene.height, rgba: scene.picture(index) }));
  const source: FrameSource = {
    info: { name: 'synthetic room', width: scene.width, height: scene.height, durationSecs: scene.frameCount / FPS }, sha256: '',
    frames: frames.map(({ index, timeSecs }) => ({ index, timeSecs })),
    read: async (chosen) => chosen.map(({ index }) => frames[index]!),
    dispose: () => {},
  };
  return {
    source, networks: createTruthRuntime(scene, frames, frames.map((f) => f.index), motion),
    engine: createEngine, now: () => 0, memoryBytes: async () => null,
  };
}
