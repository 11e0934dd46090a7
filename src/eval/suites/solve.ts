// The whole pipeline against truth: cameras, depth, masks, 3D tracks.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planJob } from '../../pipeline/plan.ts';
import type { Platform } from '../../pipeline/platform.ts';
import { reconstruct } from '../../pipeline/reconstruct.ts';
import { createTruthRuntime } from '../../platform/fake/index.ts';
import { NEVER_CANCELLED } from '../../scene/job.ts';
import { writeSceneNpz } from '../../scene/npz.ts';
import { checkOptions, type Options } from '../../scene/options.ts';
import type { Scene } from '../../scene/scene.ts';
import { loadSample } from '../datasets/sample.ts';
import type { Sequence } from '../datasets/sequence.ts';
import { loadGeometry, loadMasks, loadRendered } from '../datasets/shared-data.ts';
import { truthSceneOf } from '../datasets/truth-scene.ts';
import { alignCameras, mean, scoreDepth, scoreMask, scorePoses } from '../metrics.ts';
import { createNodePlatform } from '../node-platform.ts';
import { withMeans, type Cell } from '../report.ts';
import type { EvalSettings, SuiteResult } from '../settings.ts';
import { scorePoints3d } from '../track-metrics.ts';
import { BORDER_BAND_PX } from './masks.ts';

export async function evaluateSolve(settings: EvalSettings): Promise<SuiteResult[]> {
  const { data, sample, networks, frames, size, only, out, log } = settings;
  if (out) mkdirSync(out, { recursive: true });
  const rows: Cell[][] = [];
  for (const clip of [loadSample(sample), ...(data ? [...loadRendered(data), ...loadGeometry(data), ...loadMasks(data)] : [])]) {
    if (!clip.name.includes(only)) continue;
    const options = checkOptions({ maxFrames: frames, size, backend: 'wasm' });
    const platform = await platformFor(clip, options, settings);
    if (!platform) continue;
    const started = performance.now();
    try {
      const { scene } = await reconstruct(platform, options);
      if (out) writeFileSync(join(out, `${clip.name.replaceAll(' ', '-')}.npz`), writeSceneNpz(scene));
      const row = scoreScene(clip, scene);
      rows.push([clip.name, ...row, (performance.now() - started) / 1000, clip.baseline]);
      log(`${clip.name}: ${scene.meta.summary?.sentence ?? ''}`);
    } catch (error) {
      // One clip that fails must not hide the others' figures.
      rows.push([clip.name, ...NO_SCORES, (performance.now() - started) / 1000, `failed: ${error instanceof Error ? error.message : String(error)}`]);
    }
    log(rows.at(-1)!.map((c) => (typeof c === 'number' ? c.toPrecision(3) : (c ?? '–'))).join('  '));
  }
  return [{
    title: `Whole pipeline (${frames} frames, ${size} px${networks === 'truth' ? ', networks return the truth' : ''})`,
    headers: ['clip', ...SCORE_HEADERS, 'secs', 'others'],
    rows: withMeans(rows),
  }];
}

/** Null where the clip lacks the truth that networks would have to return. */
export async function platformFor(clip: Sequence, options: Options, { networks, runtime }: EvalSettings): Promise<Platform | null> {
  if (networks === 'shipped') return createNodePlatform(clip.source, runtime);
  const truth = truthSceneOf(clip);
  if (!truth) return null;
  const plan = planJob(clip.source, options);
  const frames = await clip.source.read(plan.chosen, plan.width, plan.height, NEVER_CANCELLED, () => {});
  return createNodePlatform(clip.source, createTruthRuntime(truth, frames, frames.map((f) => f.index), () => runtime.load('motion')));
}

export const SCORE_HEADERS = ['ATE % of path', 'rotation °/frame', 'focal error %', 'AbsRel', 'AbsRel of what stands still', 'mask IoU', '3D tracks within 10 %'] as const;
export const NO_SCORES: readonly null[] = SCORE_HEADERS.map(() => null);

/** A value for each of `SCORE_HEADERS`; null where there is no truth. */
export function scoreScene(clip: Sequence, scene: Scene): (number | null)[] {
  const { width, height, frameCount } = scene;
  const P = width * height;
  const chosen = scene.meta.source.frameIndices;
  const poses = clip.poses && scorePoses(scene.cameras.map((c) => c.camToWorld), chosen.map((t) => clip.poses![t]!));
  const focal = clip.focalPx && (100 * Math.abs(scene.cameras[0]!.fx / ((clip.focalPx * width) / clip.source.info.width) - 1));
  const frames = chosen.map((t, i) => ({
    depth: scene.depth.subarray(i * P, (i + 1) * P), mask: scene.mask.subarray(i * P, (i + 1) * P),
    known: clip.depthAt?.(t, width, height), moves: clip.maskAt?.(t, width, height),
  }));
  const meanOrNull = (each: readonly number[]) => (each.length > 0 ? mean(each) : null);
  const all = frames.flatMap(({ depth, known }) => (known && scoreDepth(depth, known)?.absRel) ?? []);
  const still = frames.flatMap(({ depth, known, moves }) => (known && scoreDepth(depth, known.map((z, i) => (moves?.[i] ? 0 : z)))?.absRel) ?? []);
  const masks = frames.flatMap(({ mask, moves }) => (moves ? scoreMask(mask, moves, width, height, BORDER_BAND_PX) : []));
  const tracks = clip.tracks?.xyz && poses && frameCount === clip.tracks.frameCount ? scoreTracks3d(clip, scene, chosen) : null;
  return [poses && 100 * poses.atePathShare, poses && poses.rotationDeg, focal, meanOrNull(all), meanOrNull(still), meanOrNull(masks), tracks];
}

/** Points of the truth's tracks, lifted with the scene's depth, against their true places. */
function scoreTracks3d(clip: Sequence, scene: Scene, chosen: readonly number[]): number {
  const { width, height, cameras } = scene;
  const { tracks, source } = clip;
  const T = scene.frameCount;
  const xyz: number[] = [];
  const truth: number[] = [];
  const distances: number[] = [];
  for (let i = 0; i < tracks!.count * T; i++) {
    if (!tracks!.visible[i]) continue;
    const t = i % T;
    const u = (tracks!.uv[2 * i]! * width) / source.info.width;
    const v = (tracks!.uv[2 * i + 1]! * height) / source.info.height;
    const x = Math.min(width - 1, Math.max(0, Math.floor(u)));
    const y = Math.min(height - 1, Math.max(0, Math.floor(v)));
    const z = scene.depth[t * width * height + y * width + x]!;
    const { camToWorld: m, fx, fy, cx, cy } = cameras[t]!;
    const p = [((u - cx) / fx) * z, ((v - cy) / fy) * z, z];
    const right = clip.poses![t]!;
    let square = 0;
    for (let r = 0; r < 3; r++) {
      xyz.push(z > 0 ? m[r * 4]! * p[0]! + m[r * 4 + 1]! * p[1]! + m[r * 4 + 2]! * p[2]! + m[r * 4 + 3]! : NaN);
      truth.push(tracks!.xyz![3 * i + r]!);
      square += (tracks!.xyz![3 * i + r]! - right[r * 4 + 3]!) ** 2;
    }
    distances.push(Math.sqrt(square));
  }
  return 100 * scorePoints3d(xyz, truth, distances, alignCameras(cameras.map((c) => c.camToWorld), chosen.map((t) => clip.poses![t]!)));
}
