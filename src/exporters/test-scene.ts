// The sample's true scene, cut short: what the tests of exports write out.

import { readFileSync } from 'node:fs';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { readSceneNpz } from '../scene/npz.ts';
import type { Scene } from '../scene/scene.ts';
import { DEFAULT_EXPORT, exportFiles, findExporter, type ExportOptions, type FormatName } from './index.ts';

/** Ten frames tell as much as all, in half the time. */
export const relative = firstFrames(readSceneNpz(readFileSync(new URL('../../public/samples/room-truth.npz', import.meta.url))), 10);
/** One unit is half a metre, and up is tilted, so that a forgotten scale or turn shows. */
export const scene: Scene = { ...relative, metresPerUnit: 0.5, meta: { ...relative.meta, settings: { ...relative.meta.settings, scale_source: 'by user, 1 segment' } } };
export const options: ExportOptions = { ...DEFAULT_EXPORT, up: [0.05, -1, -0.1] };

function firstFrames(s: Scene, T: number): Scene {
  const part = <A extends Uint8Array | Float32Array | Float64Array>(a: A, each: number): A => a.slice(0, T * each) as A;
  const ofTracks = <A extends Uint8Array | Float32Array>(a: A, each: number): A => a.filter((_, i) => Math.floor(i / each) % s.frameCount < T) as A;
  const size = s.width * s.height;
  return {
    ...s, frameCount: T, times: part(s.times, 1), cameras: s.cameras.slice(0, T), rgb: part(s.rgb, 3 * size), depth: part(s.depth, size), confidence: part(s.confidence, size),
    mask: part(s.mask, size), maskNow: part(s.maskNow, size),
    tracks: { ...s.tracks, frameCount: T, uv: ofTracks(s.tracks.uv, 2), visible: ofTracks(s.tracks.visible, 1), confidence: ofTracks(s.tracks.confidence, 1), xyz: ofTracks(s.tracks.xyz!, 3) },
  };
}

export async function filesOf(name: FormatName, change: Partial<ExportOptions> = {}, of = scene): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { path, bytes } of exportFiles(of, findExporter(name)!, { ...options, ...change }, NEVER_CANCELLED, () => {})) files.set(path, bytes);
  return files;
}
