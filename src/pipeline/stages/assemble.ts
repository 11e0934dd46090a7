import type { FlowField } from '../../scene/fields.ts';
import type { Clip } from '../../scene/frame.ts';
import { assert } from '../../scene/errors.ts';
import type { Scene, SceneMeta } from '../../scene/scene.ts';
import { drain } from '../../scene/job.ts';
import { agreeOnDepth } from '../../solve/dense/consensus.ts';
import type { SolveResult } from '../../solve/index.ts';
import type { StageContext } from '../stage.ts';

/** Everything found → one Scene, whose frames agree on the depth of what stands still. */
export async function assembleScene(clip: Clip, solved: SolveResult, meta: SceneMeta, ctx: Pick<StageContext, 'progress' | 'signal'>): Promise<Scene> {
  const { width, height } = clip.frames[0]!;
  const T = clip.frames.length;
  const P = width * height;
  const rgb = new Uint8Array(T * P * 3);
  const mask = new Uint8Array(T * P);
  const maskNow = new Uint8Array(T * P);
  for (const [t, frame] of clip.frames.entries()) {
    for (let i = 0, o = t * P * 3; i < P; i++, o += 3) {
      rgb[o] = frame.rgba[i * 4]!;
      rgb[o + 1] = frame.rgba[i * 4 + 1]!;
      rgb[o + 2] = frame.rgba[i * 4 + 2]!;
    }
    mask.set(solved.masks[t]!.ever, t * P);
    maskNow.set(solved.masks[t]!.now, t * P);
  }
  assert(solved.depth.every(Number.isFinite), 'The solver returned a depth that is not a number.');
  assert(solved.cameras.every((c) => c.camToWorld.every(Number.isFinite) && c.fx > 0), 'The solver returned a camera that is not a number.');
  const depth = await drain(
    agreeOnDepth({ width, height, cameras: solved.cameras, depth: solved.depth, confidence: solved.confidence, mask, rgb }),
    ctx.signal, (share) => ctx.progress(share, 'making the frames agree'),
  );
  return {
    meta, metresPerUnit: null, frameCount: T, width, height,
    times: Float64Array.from(clip.frames, (f) => f.timeSecs),
    cameras: solved.cameras, rgb, depth, confidence: solved.confidence, mask, maskNow, tracks: solved.tracks,
  };
}

/** Flow t → t+1 of all frames in one array [T-1]·[H·W·2], for the viewer's overlay. */
export function forwardFlow(flows: readonly FlowField[], frameCount: number, pixels: number): Float32Array {
  const out = new Float32Array((frameCount - 1) * pixels * 2);
  for (const flow of flows) if (flow.to === flow.from + 1) out.set(flow.uv, flow.from * pixels * 2);
  return out;
}
