// The development data beside the repository: rendered, geometry, masks, tracks, flow. Each README there says how it was made.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'fflate';
import { rotationOf } from '../metrics.ts';
import { readNpz } from './npz.ts';
import { readGrey, readPicture, sourceOfFiles, type Picture } from './pictures.ts';
import { parsePoses, sampleNearest, type Sequence, type TrackTruth } from './sequence.ts';

const RENDERED_FPS = 12;
const GEOMETRY_FPS = 5;

/** COLMAP's results from the data's README (nothing given but the pictures). */
const COLMAP: Readonly<Record<string, string>> = {
  apc_shelf_box: 'COLMAP ATE 0.46 %, 0.22°', kitti_odometry_a: 'COLMAP fails', sevenscenes_redkitchen: 'COLMAP ATE 1.97 %, 0.29°', tum_fr3_cabinet: 'COLMAP fails',
};

const folders = (data: string, set: string): string[] =>
  existsSync(join(data, set)) ? readdirSync(join(data, set), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name).sort() : [];
const filesIn = (folder: string, pattern: RegExp): string[] => readdirSync(folder).filter((f) => pattern.test(f)).sort().map((f) => join(folder, f));
const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

export function loadRendered(data: string): Sequence[] {
  return folders(data, 'rendered').map((name) => {
    const at = (file: string) => join(data, 'rendered', name, file);
    const npz = (file: string) => readNpz(readFileSync(at(file)));
    const source = sourceOfFiles(filesIn(at('rgb'), /\.jpg$/), RENDERED_FPS);
    const { width, height } = source.info;
    const camera = readJson<{ fx: number }>(at('intrinsics.json'));
    const depth = once(() => npz('depth.npz').get('depth')!.data);
    const mask = once(() => npz('mask.npz').get('mask')!.data);
    const flow = once(() => npz('flow_fw.npz').get('flow')!.data as Float32Array);
    const P = width * height;
    return {
      name, source, focalPx: camera.fx, poses: parsePoses(readFileSync(at('poses.txt'), 'utf8'), rotationOf), baseline: '',
      depthAt: (t, w, h) => sampleNearest(new Float32Array(w * h), w, h, depth().subarray(t * P, (t + 1) * P), width, height, source.info),
      maskAt: (t, w, h) => sampleNearest(new Uint8Array(w * h), w, h, mask().subarray(t * P, (t + 1) * P), width, height, source.info),
      flowAt: (t) => flow().subarray(2 * t * P, 2 * (t + 1) * P),
      tracks: renderedTracks(npz('tracks.npz')),
    };
  });
}

function renderedTracks(npz: ReturnType<typeof readNpz>): TrackTruth {
  const [count, frameCount] = npz.get('uv')!.shape as [number, number];
  return {
    count, frameCount, uv: npz.get('uv')!.data as Float32Array, visible: npz.get('visible')!.data as Uint8Array, labelled: new Uint8Array(count * frameCount).fill(1),
    queryFrames: npz.get('query_frame')!.data as Int32Array, moving: npz.get('moving')!.data as Uint8Array, xyz: npz.get('xyz_world')!.data as Float32Array,
  };
}

export function loadGeometry(data: string): Sequence[] {
  return folders(data, 'geometry').map((name) => {
    const at = (file: string) => join(data, 'geometry', name, file);
    const source = sourceOfFiles(filesIn(at('rgb'), /\.jpg$/), GEOMETRY_FPS);
    const camera = readJson<{ fx: number; depth_scale?: number; depth_stride?: number }>(at('intrinsics.json'));
    const depths = existsSync(at('depth')) ? filesIn(at('depth'), /\.png$/) : null;
    return {
      name, source, focalPx: camera.fx, poses: parsePoses(readFileSync(at('poses.txt'), 'utf8'), rotationOf), maskAt: null, flowAt: null, tracks: null, baseline: COLMAP[name] ?? '',
      depthAt: depths && ((t, w, h) => {
        const { values, width, height } = readGrey(depths[t]!);
        return sampleNearest(new Float32Array(w * h), w, h, values, width, height, source.info, camera.depth_stride ?? 1).map((v) => v / (camera.depth_scale ?? 1000));
      }),
    };
  });
}

export function loadMasks(data: string): Sequence[] {
  return folders(data, 'masks').map((name) => {
    const at = (file: string) => join(data, 'masks', name, file);
    const masks = filesIn(at('masks'), /\.png$/);
    const { fps } = readJson<{ fps?: number }>(at('sequence.json'));
    const source = sourceOfFiles(filesIn(at('frames'), /\.jpg$/), fps ?? 24);
    return {
      name, source, focalPx: null, poses: null, depthAt: null, flowAt: null, tracks: null, baseline: '',
      maskAt: (t, w, h) => {
        const { rgba, width, height } = readPicture(masks[t]!);
        const values = Uint8Array.from({ length: width * height }, (_, i) => (rgba[4 * i]! > 127 ? 1 : 0));
        return sampleNearest(new Uint8Array(w * h), w, h, values, width, height, source.info);
      },
    };
  });
}

interface TrackFile {
  readonly queries: [number, number, number][];
  readonly points: ([number, number] | null)[][];
  readonly visible: (boolean | null)[][];
}

/** Human labels; the centre of the top-left pixel is (0, 0) there. */
export function loadTracks(data: string): Sequence[] {
  return folders(data, 'tracks').map((name) => {
    const folder = join(data, 'tracks', name);
    const { queries, points, visible } = readJson<TrackFile>(join(folder, 'tracks.json'));
    const source = sourceOfFiles(filesIn(folder, /\.jpg$/), 24);
    const frameCount = source.frames.length;
    const uv = new Float32Array(queries.length * frameCount * 2);
    const shown = new Uint8Array(queries.length * frameCount);
    const labelled = new Uint8Array(queries.length * frameCount);
    queries.forEach(([start, x, y], n) => {
      for (let t = 0; t < frameCount; t++) {
        const i = n * frameCount + t;
        // The query itself may fall on a frame that carries no label.
        const point = t === start ? [x, y] : points[n]![t];
        uv.set(point ? [point[0]! + 0.5, point[1]! + 0.5] : [NaN, NaN], 2 * i);
        shown[i] = visible[n]![t] && point ? 1 : 0;
        // Query-first: only frames after the query count.
        labelled[i] = visible[n]![t] !== null && t > start ? 1 : 0;
      }
    });
    const tracks = { count: queries.length, frameCount, uv, visible: shown, labelled, queryFrames: Int32Array.from(queries, (q) => q[0]), moving: null, xyz: null };
    return { name, source, focalPx: null, poses: null, depthAt: null, maskAt: null, flowAt: null, tracks, baseline: '' };
  });
}

export interface FlowPair {
  readonly name: string;
  readonly first: Picture;
  readonly second: Picture;
  /** f32 [H·W·2] px. */
  readonly uv: Float32Array;
  /** u8 [H·W], 1 = the truth is known. */
  readonly known: Uint8Array;
}

export function* loadFlowPairs(data: string): Generator<FlowPair> {
  for (const name of folders(data, 'flow')) {
    const at = (file: string) => join(data, 'flow', name, file);
    const { buffer } = gunzipSync(readFileSync(at('flow.flo.gz'))).slice(12);
    const uv = new Float32Array(buffer);
    const known = Uint8Array.from({ length: uv.length / 2 }, (_, i) => (Math.abs(uv[2 * i]!) < 1e6 && Math.abs(uv[2 * i + 1]!) < 1e6 ? 1 : 0));
    yield { name, first: readPicture(at('frame1.png')), second: readPicture(at('frame2.png')), uv, known };
  }
}

/** Neighbouring frames of the rendered scenes, every `step`-th. */
export function* loadRenderedFlow(data: string, step: number): Generator<FlowPair> {
  for (const name of folders(data, 'rendered')) {
    const npz = readNpz(readFileSync(join(data, 'rendered', name, 'flow_fw.npz')));
    const { shape, data: uv } = npz.get('flow')!;
    const P = shape[1]! * shape[2]!;
    const visible = npz.get('visible_next')!.data;
    const valid = npz.get('valid')!.data;
    const frames = filesIn(join(data, 'rendered', name, 'rgb'), /\.jpg$/);
    for (let t = 0; t < shape[0]!; t += step) {
      yield {
        name: `${name} ${t}`, first: readPicture(frames[t]!), second: readPicture(frames[t + 1]!), uv: uv.subarray(2 * t * P, 2 * (t + 1) * P) as Float32Array,
        known: Uint8Array.from({ length: P }, (_, i) => visible[t * P + i]! & valid[t * P + i]!),
      };
    }
  }
}

function once<T>(make: () => T): () => T {
  let value: { readonly it: T } | null = null;
  return () => (value ??= { it: make() }).it;
}
