// The shared form of a scene: quantised depth, coded pictures, chunks by time, so that the first frame opens before the rest has come.
//
// Errors against the scene: depth ≤ 0.05 %, confidence ≤ 4 of 255, track pixels ≤ 1/32 px, track places ≤ 0.005 % of the middle depth,
// track confidence and mobility ≤ 1/510; masks, times and cameras exact; pictures as the codec leaves them.

import { deflateSync } from 'fflate';
import { throwIfCancelled, type CancelSignal } from '../scene/job.ts';
import { decodeMeta, encodeMeta } from '../scene/meta.ts';
import type { Scene } from '../scene/scene.ts';
import { writeContainer, type Chunk, type ContainerHeader, type Contents } from './container.ts';
import { damaged, inflateTo, packBits, packFrames, packSteps, unpackBits, unpackFrames, unpackSteps } from './planes.ts';
import { enlarge, readPictureHead, shrink, type PictureCodec, type PictureType } from './pictures.ts';

/** ln of the ratio between neighbouring depth codes. */
const DEPTH_STEP = 0.001;
const UV_STEP = 1 / 16;
/** Places of tracks, in shares of the middle depth. */
const TRACK_STEP = 1e-4;
const FRAMES_PER_CHUNK = 4;
/** Where no colours were sent. */
const GREY = 150;

export interface CompactOptions {
  readonly contents: Contents;
  readonly title: string;
}

export async function encodeCompact(scene: Scene, options: CompactOptions, codec: PictureCodec, signal: CancelSignal, onProgress: (share: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const { frameCount: T, width, height, tracks } = scene;
  const known = scene.depth.filter((z) => z > 0);
  const near = known.reduce((a, b) => Math.min(a, b), Infinity);
  const far = known.reduce((a, b) => Math.max(a, b), 0);
  const depth = known.length > 0 ? { near, step: Math.max(DEPTH_STEP, Math.log(far / near) / 65534) } : { near: 1, step: DEPTH_STEP };
  const trackStep = TRACK_STEP * (known.sort()[known.length >> 1] ?? 1);
  const half = (side: number) => (options.contents === 'thumbnails' ? Math.max(1, side >> 1) : side);
  const pictureSize = [half(width), half(height)] as const;

  const chunks: Chunk[] = [];
  const bytes: Uint8Array[][] = [];
  const add = (kind: Chunk['kind'], from: number, count: number, parts: Uint8Array[]) => {
    chunks.push({ kind, from, count, parts: parts.map((p) => p.length) });
    bytes.push(parts);
  };
  add('head', 0, 0, [packDoubles(scene.times), packDoubles(scene.cameras.flatMap((c) => [c.fx, c.fy, c.cx, c.cy, ...c.camToWorld]))]);
  for (let from = 0; from < T;) {
    // The first frame comes alone, then the tracks: they are what people look at.
    const count = from === 0 ? 1 : Math.min(FRAMES_PER_CHUNK, T - from);
    add('frames', from, count, [...packGeometry(scene, depth, from, count), ...(await packPictures(scene, options.contents, pictureSize, from, count, codec))]);
    if (from === 0) add('tracks', 0, 0, packTracks(scene, trackStep));
    from += count;
    throwIfCancelled(signal);
    onProgress(from / T);
  }
  const header: ContainerHeader = { frames: T, width, height, tracks: tracks.count, durationSecs: scene.times[T - 1] - scene.times[0], contents: options.contents, pictureSize, depth, trackStep, chunks, meta: JSON.parse(encodeMeta(withoutTraces(scene, options.title))) };
  return writeContainer(header, bytes);
}

/** The scene as it may leave: nothing in it points back to the person's files or machine. */
export function withoutTraces(scene: Scene, title: string): Scene {
  const { meta } = scene;
  return { ...scene, meta: { ...meta, title, source: { name: '', sha256: '', frameIndices: meta.source.frameIndices }, peakMemoryBytes: null, timings: {} } };
}

function packGeometry(scene: Scene, { near, step }: ContainerHeader['depth'], from: number, count: number): Uint8Array[] {
  const size = scene.width * scene.height;
  const of = <A extends Float32Array | Uint8Array>(field: A): A => field.subarray(from * size, (from + count) * size) as A;
  const codes = Uint16Array.from(of(scene.depth), (z) => (z > 0 ? 1 + Math.round(Math.log(z / near) / step) : 0));
  const confidence = Uint16Array.from(of(scene.confidence), (c) => c >> 3);
  const flags = new Uint8Array(2 * count * size);
  flags.set(of(scene.mask));
  flags.set(of(scene.maskNow), count * size);
  return [packFrames(codes, count, scene.width, scene.height), packFrames(confidence, count, scene.width, scene.height), packBits(flags)];
}

async function packPictures(scene: Scene, contents: Contents, [w, h]: readonly [number, number], from: number, count: number, codec: PictureCodec): Promise<Uint8Array[]> {
  if (contents === 'geometry') return [];
  const size = 3 * scene.width * scene.height;
  const pictures: Uint8Array[] = [];
  for (let t = from; t < from + count; t++) {
    const rgb = scene.rgb.subarray(t * size, (t + 1) * size);
    pictures.push(await codec.encode(contents === 'thumbnails' ? shrink(rgb, scene.width, scene.height, w, h) : rgb, w, h));
  }
  return pictures;
}

function packTracks({ tracks, frameCount: T }: Scene, step: number): Uint8Array[] {
  const N = tracks.count;
  const bytes = (values: Float32Array) => deflateSync(Uint8Array.from(values, (v) => Math.round(255 * v)), { level: 6 });
  return [
    packSteps(tracks.uv, N, T, 2, UV_STEP), packSteps(tracks.xyz ?? new Float32Array(3 * N * T).fill(NaN), N, T, 3, step),
    packBits(tracks.visible), bytes(tracks.confidence), bytes(tracks.mobility),
  ];
}

/** Nobody sent colours along. */
export const isColourless = (scene: Scene): boolean => scene.rgb.every((v) => v === GREY);

/** Puts a shared scene together as its chunks arrive; frames that are not there yet have no known depth. */
export class SceneAssembly {
  readonly scene: Scene;
  /** Frames that are complete, from the first. */
  framesReady = 0;

  /** `header` has been checked, so what is allocated here is bounded. */
  constructor(private readonly header: ContainerHeader, newer: string | null = null) {
    const { frames: T, width, height, tracks: N } = header;
    const size = T * width * height;
    const { meta, metresPerUnit } = decodeMeta(JSON.stringify(header.meta ?? {}));
    this.scene = {
      meta: newer === null ? meta : { ...meta, warnings: [newer, ...meta.warnings] }, metresPerUnit, frameCount: T, width, height, times: new Float64Array(T),
      cameras: Array.from({ length: T }, (_, frame) => ({ frame, camToWorld: new Float64Array(16), fx: 1, fy: 1, cx: 0, cy: 0 })),
      rgb: new Uint8Array(3 * size).fill(GREY), depth: new Float32Array(size), confidence: new Uint8Array(size), mask: new Uint8Array(size), maskNow: new Uint8Array(size),
      tracks: { count: N, frameCount: T, uv: new Float32Array(2 * N * T), visible: new Uint8Array(N * T), confidence: new Float32Array(N * T), mobility: new Float32Array(N), xyz: new Float32Array(3 * N * T).fill(NaN) },
    };
  }

  /** Chunks in the header's order. */
  async add(chunk: Chunk, bytes: Uint8Array, codec: PictureCodec): Promise<void> {
    let at = 0;
    const parts = chunk.parts.map((length) => bytes.subarray(at, (at += length)));
    if (chunk.kind === 'head') this.addHead(parts);
    else if (chunk.kind === 'tracks') this.addTracks(parts);
    else if (chunk.kind === 'frames') await this.addFrames(chunk, parts, codec);
  }

  private addHead([times, cameras]: readonly Uint8Array[]): void {
    const T = this.header.frames;
    this.scene.times.set(unpackDoubles(times, T));
    const values = unpackDoubles(cameras, 20 * T);
    if (this.scene.times.some((t, i) => i > 0 && t < this.scene.times[i - 1])) throw damaged('its times do not grow');
    this.scene.cameras.forEach((camera, t) => {
      const [fx, fy, cx, cy] = values.subarray(20 * t);
      if (fx <= 0 || fy <= 0) throw damaged('a camera has no positive focal length');
      Object.assign(camera, { fx, fy, cx, cy });
      camera.camToWorld.set(values.subarray(20 * t + 4, 20 * t + 20));
    });
  }

  private addTracks([uv, xyz, visible, confidence, mobility]: readonly Uint8Array[]): void {
    const { frames: T, tracks: N, trackStep } = this.header;
    const { tracks } = this.scene;
    tracks.uv.set(unpackSteps(uv, N, T, 2, UV_STEP));
    tracks.xyz!.set(unpackSteps(xyz, N, T, 3, trackStep));
    tracks.visible.set(unpackBits(visible, N * T));
    inflateTo(confidence, N * T).forEach((v, i) => { tracks.confidence[i] = v / 255; });
    inflateTo(mobility, N).forEach((v, i) => { tracks.mobility[i] = v / 255; });
  }

  private async addFrames({ from, count }: Chunk, [depth, confidence, masks, ...pictures]: readonly Uint8Array[], codec: PictureCodec): Promise<void> {
    const { width, height, depth: { near, step }, pictureSize: [w, h] } = this.header;
    const { scene } = this;
    const size = width * height;
    const start = from * size;
    unpackFrames(depth, count, width, height).forEach((q, i) => { scene.depth[start + i] = q === 0 ? 0 : near * Math.exp((q - 1) * step); });
    unpackFrames(confidence, count, width, height).forEach((c, i) => { scene.confidence[start + i] = (c << 3) | 4; });
    const flags = unpackBits(masks, 2 * count * size);
    scene.mask.set(flags.subarray(0, count * size), start);
    scene.maskNow.set(flags.subarray(count * size), start);
    for (const [i, bytes] of pictures.entries()) {
      const head = readPictureHead(bytes);
      if (!head || head.width !== w || head.height !== h) throw damaged('one of its pictures is not what it claims to be');
      scene.rgb.set(enlarge(await decodePicture(bytes, head.type, w, h, codec), w, h, width, height), 3 * (start + i * size));
    }
    this.framesReady = from + count;
  }
}

async function decodePicture(bytes: Uint8Array, type: PictureType, width: number, height: number, codec: PictureCodec): Promise<Uint8Array> {
  const rgb = await codec.decode(bytes, type, width, height).catch(() => null);
  if (rgb?.length !== 3 * width * height) throw damaged('one of its pictures cannot be decoded');
  return rgb;
}

const packDoubles = (values: ArrayLike<number>): Uint8Array => deflateSync(new Uint8Array(Float64Array.from(values).buffer), { level: 6 });

function unpackDoubles(packed: Uint8Array, count: number): Float64Array {
  const values = new Float64Array(inflateTo(packed, 8 * count).buffer);
  if (!values.every(Number.isFinite)) throw damaged('it holds a value that is not a number');
  return values;
}
