// scene.npz in and out: a zip of .npy members plus meta.json (format version 1).

import { unzipSync, zipSync, type Zippable } from 'fflate';
import type { Camera } from './camera.ts';
import { FoursightError } from './errors.ts';
import { decodeMeta, encodeMeta } from './meta.ts';
import { decodeNpy, encodeNpy, type NpyArray, type NpyData } from './npy.ts';
import type { Scene } from './scene.ts';

/** Sum of the unpacked members that a reader accepts; 300 frames of 768×432 need 1 GB. */
export const MAX_UNPACKED_BYTES = 2 * 2 ** 30;
export const MAX_FRAMES = 10_000;

/** Dimension letters of each member; the same letter must have the same length everywhere. */
const MEMBERS = {
  times: { dtype: 'f64', shape: 'T' },
  rgb: { dtype: 'u8', shape: 'THW3' },
  depth: { dtype: 'f32', shape: 'THW' },
  confidence: { dtype: 'u8', shape: 'THW' },
  mask: { dtype: 'u8', shape: 'THW' },
  mask_now: { dtype: 'u8', shape: 'THW' },
  intrinsics: { dtype: 'f64', shape: 'T4' },
  cam_to_world: { dtype: 'f64', shape: 'T44' },
  tracks_uv: { dtype: 'f32', shape: 'NT2' },
  tracks_visible: { dtype: 'u8', shape: 'NT' },
  tracks_confidence: { dtype: 'f32', shape: 'NT' },
  tracks_mobility: { dtype: 'f32', shape: 'N' },
  tracks_xyz: { dtype: 'f32', shape: 'NT3' },
} as const;
type Member = keyof typeof MEMBERS;
const NAMES = Object.keys(MEMBERS) as Member[];
/** What a scene.npz holds, and nothing else. */
export const NPZ_MEMBERS: readonly string[] = ['meta.json', ...NAMES.map((n) => `${n}.npy`)];

/** Masks and confidence pack well; colours and depth hardly do and would only cost time. */
const STORED: ReadonlySet<string> = new Set(['rgb', 'depth']);

export function writeSceneNpz(scene: Scene): Uint8Array {
  const { frameCount: T, width: W, height: H, tracks } = scene;
  const sizes: Record<string, number> = { T, H, W, N: tracks.count };
  const xyz = tracks.xyz ?? new Float32Array(tracks.count * T * 3).fill(NaN);
  const data: Record<Member, NpyData> = {
    times: scene.times, rgb: scene.rgb, depth: scene.depth, confidence: scene.confidence, mask: scene.mask, mask_now: scene.maskNow,
    intrinsics: Float64Array.from(scene.cameras.flatMap((c) => [c.fx, c.fy, c.cx, c.cy])),
    cam_to_world: Float64Array.from(scene.cameras.flatMap((c) => [...c.camToWorld])),
    tracks_uv: tracks.uv, tracks_visible: tracks.visible, tracks_confidence: tracks.confidence, tracks_mobility: tracks.mobility, tracks_xyz: xyz,
  };
  const files: Zippable = { 'meta.json': [new TextEncoder().encode(encodeMeta(scene)), { level: 6 }] };
  for (const name of NAMES) {
    const shape = [...MEMBERS[name].shape].map((d) => sizes[d] ?? Number(d));
    files[`${name}.npy`] = [encodeNpy({ shape, data: data[name] }), { level: STORED.has(name) ? 0 : 1 }];
  }
  return zipSync(files);
}

/** Throws FoursightError scene/* with one sentence for people. */
export function readSceneNpz(bytes: Uint8Array): Scene {
  const members = unpack(bytes);
  const metaBytes = members['meta.json'];
  if (!metaBytes) throw new FoursightError('scene/not-a-scene', 'The file is a zip archive but no Foursight scene: it holds no meta.json.');
  const { meta, metresPerUnit } = decodeMeta(new TextDecoder().decode(metaBytes));

  const sizes = new Map<string, number>();
  const arrays = {} as Record<Member, NpyData>;
  for (const name of NAMES) {
    const packed = members[`${name}.npy`];
    if (!packed) throw new FoursightError('scene/damaged', `The scene's member "${name}" is missing; save the scene again.`);
    const array = decodeNpy(packed, name);
    checkShape(name, array, sizes);
    arrays[name] = array.data;
  }
  const [T, H, W, N] = ['T', 'H', 'W', 'N'].map((d) => sizes.get(d)!) as [number, number, number, number];
  if (T < 1 || T > MAX_FRAMES || H < 1 || W < 1) throw new FoursightError('scene/damaged', `The scene says it has ${T} frames of ${W}×${H} pixels; that cannot be shown.`);

  for (const name of ['times', 'depth', 'intrinsics', 'cam_to_world', 'tracks_mobility', 'tracks_confidence'] as const) checkFinite(name, arrays[name]);
  return {
    meta, metresPerUnit, frameCount: T, width: W, height: H,
    times: arrays.times as Float64Array,
    cameras: readCameras(arrays.intrinsics, arrays.cam_to_world, T),
    rgb: arrays.rgb as Uint8Array, depth: arrays.depth as Float32Array, confidence: arrays.confidence as Uint8Array,
    mask: arrays.mask as Uint8Array, maskNow: arrays.mask_now as Uint8Array,
    tracks: {
      count: N, frameCount: T, uv: arrays.tracks_uv as Float32Array, visible: arrays.tracks_visible as Uint8Array,
      confidence: arrays.tracks_confidence as Float32Array, mobility: arrays.tracks_mobility as Float32Array, xyz: arrays.tracks_xyz as Float32Array,
    },
  };
}

/** Unpacks known members only, after their declared sizes were checked: a zip bomb is refused before it is allocated. */
function unpack(bytes: Uint8Array): Record<string, Uint8Array> {
  const wanted = new Set(NPZ_MEMBERS);
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize, size }) => {
        if (!wanted.has(name)) return false;
        total += Math.max(originalSize, size);
        if (total > MAX_UNPACKED_BYTES) throw new FoursightError('scene/damaged', 'The scene would unpack to more than 2 GB; it is refused to protect this device.');
        return true;
      },
    });
  } catch (error) {
    if (error instanceof FoursightError) throw error;
    throw new FoursightError('scene/not-a-scene', 'The file is not a readable scene.npz: it is no zip archive, or it was cut off.', 'Save or download the scene again.');
  }
}

function checkShape(name: Member, array: NpyArray, sizes: Map<string, number>): void {
  const { dtype, shape } = MEMBERS[name];
  const kind = array.data instanceof Uint8Array ? 'u8' : array.data instanceof Float32Array ? 'f32' : 'f64';
  const fits = kind === dtype && array.shape.length === shape.length && [...shape].every((letter, i) => {
    const length = array.shape[i]!;
    const known = /\d/.test(letter) ? Number(letter) : sizes.get(letter);
    if (known === undefined) sizes.set(letter, length);
    return known === undefined || known === length;
  });
  if (!fits) throw new FoursightError('scene/damaged', `The scene's member "${name}" is ${kind} [${array.shape.join(', ')}], but ${dtype} [${[...shape].join(', ')}] of one size throughout is needed.`);
}

function checkFinite(name: string, data: NpyData): void {
  for (const value of data) {
    if (!Number.isFinite(value)) throw new FoursightError('scene/damaged', `The scene's member "${name}" holds a value that is not a number; the file is damaged.`);
  }
}

function readCameras(intrinsics: NpyData, poses: NpyData, count: number): Camera[] {
  return Array.from({ length: count }, (_, frame) => {
    const [fx, fy, cx, cy] = intrinsics.subarray(frame * 4, frame * 4 + 4) as Float64Array;
    if (!(fx! > 0) || !(fy! > 0)) throw new FoursightError('scene/damaged', `The camera of frame ${frame} has no positive focal length; the file is damaged.`);
    return { frame, camToWorld: Float64Array.from(poses.subarray(frame * 16, frame * 16 + 16)), fx: fx!, fy: fy!, cx: cx!, cy: cy! };
  });
}
