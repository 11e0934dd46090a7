// Bytes of a shared scene, in whatever pieces they come → a scene that grows.

import { NEVER_CANCELLED, throwIfCancelled, type CancelSignal } from '../scene/job.ts';
import type { Scene } from '../scene/scene.ts';
import { SceneAssembly } from './compact.ts';
import { chunkBytes, containerBytes, readContainerHead, type ContainerHead } from './container.ts';
import { LIMITS } from './limits.ts';
import { damaged } from './planes.ts';
import type { PictureCodec } from './pictures.ts';

/** `onFrames` hears of the scene each time more frames are complete; the promise gives it whole. */
export async function readCompact(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, codec: PictureCodec, onFrames: (scene: Scene, ready: number) => void = () => {}, signal: CancelSignal = NEVER_CANCELLED): Promise<Scene> {
  let buffer = new Uint8Array(1 << 16);
  let length = 0;
  let head: ContainerHead | null = null;
  let assembly: SceneAssembly | null = null;
  let [next, at] = [0, 0];
  for await (const piece of pieces) {
    throwIfCancelled(signal);
    if (length + piece.length > LIMITS.sceneBytes) throw damaged('it is larger than this app opens');
    if (length + piece.length > buffer.length) {
      const larger = new Uint8Array(Math.max(2 * buffer.length, length + piece.length));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(piece, length);
    length += piece.length;
    head ??= readContainerHead(buffer.subarray(0, length));
    if (!head) continue;
    if (!assembly) {
      if (containerBytes(head.header, head.dataStart) > LIMITS.sceneBytes) throw damaged('it is larger than this app opens');
      assembly = new SceneAssembly(head.header, head.newer);
      at = head.dataStart;
    }
    for (; next < head.header.chunks.length; next++) {
      const chunk = head.header.chunks[next];
      const end = at + chunkBytes(chunk);
      if (end > length) break;
      await assembly.add(chunk, buffer.subarray(at, end), codec);
      at = end;
      if (chunk.kind !== 'head') onFrames(assembly.scene, assembly.framesReady);
    }
  }
  if (!head || !assembly || next < head.header.chunks.length) throw damaged('it was cut off');
  if (length !== at) throw damaged('something follows its end');
  return assembly.scene;
}
