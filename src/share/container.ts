// The shared file's outside: magic, version, a header of JSON with a table of chunks, then the chunks. Checked before anything is allocated.
//
//   0  "FSIGHT4D"   8  u16 major   10  u16 minor   12  u32 length of the header   16  header, then the chunks in the table's order

import { FoursightError } from '../scene/errors.ts';
import { newerNote } from '../scene/meta.ts';
import { LIMITS } from './limits.ts';
import { damaged } from './planes.ts';

export const MAGIC = 'FSIGHT4D';
export const MAJOR = 1;
const MINOR = 0;
const START = 16;

/** What of the pictures goes along. */
export type Contents = 'geometry' | 'thumbnails' | 'pictures';
export const CONTENTS: readonly Contents[] = ['geometry', 'thumbnails', 'pictures'];

/** `other` comes from a newer minor version and is passed over. */
export type ChunkKind = 'head' | 'frames' | 'tracks' | 'other';
export interface Chunk {
  readonly kind: ChunkKind;
  /** Frames that it holds: first and count; 0, 0 for other kinds. */
  readonly from: number;
  readonly count: number;
  /** Bytes of each part, in order. */
  readonly parts: readonly number[];
}

export interface ContainerHeader {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly tracks: number;
  /** Of the clip, for people who have not opened it yet. */
  readonly durationSecs: number;
  readonly contents: Contents;
  /** Size of the coded pictures, px. */
  readonly pictureSize: readonly [number, number];
  /** Depth code q > 0 stands for near · exp((q − 1) · step), 0 for unknown. */
  readonly depth: { readonly near: number; readonly step: number };
  /** Scene units per step of the tracks' places. */
  readonly trackStep: number;
  readonly chunks: readonly Chunk[];
  /** meta.json of scene.npz. */
  readonly meta: unknown;
}

/** A file's head as it was read. */
export interface ContainerHead {
  readonly header: ContainerHeader;
  readonly dataStart: number;
  /** Both versions in a sentence where the file's minor one is newer; null else. */
  readonly newer: string | null;
}

export const chunkBytes = (chunk: Chunk): number => chunk.parts.reduce((a, b) => a + b, 0);

export function writeContainer(header: ContainerHeader, chunks: readonly (readonly Uint8Array[])[]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const parts = chunks.flat();
  const out = new Uint8Array(START + json.length + parts.reduce((n, p) => n + p.length, 0));
  const view = new DataView(out.buffer);
  out.set(new TextEncoder().encode(MAGIC));
  view.setUint16(8, MAJOR, true);
  view.setUint16(10, MINOR, true);
  view.setUint32(12, json.length, true);
  out.set(json, START);
  let at = START + json.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const isContainer = (bytes: Uint8Array): boolean => bytes.length >= 8 && String.fromCharCode(...bytes.subarray(0, 8)) === MAGIC;

/** Null while the header has not arrived whole. Throws scene/* for what is no shared scene, or one that is too large or contradicts itself. */
export function readContainerHead(bytes: Uint8Array): ContainerHead | null {
  if (bytes.length < START) return null;
  if (!isContainer(bytes)) throw new FoursightError('scene/not-a-scene', 'This is not a shared Foursight scene.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = view.getUint16(8, true);
  if (major !== MAJOR) {
    throw new FoursightError('scene/newer-version', `The shared scene has format version ${major}, this app reads version ${MAJOR}; reload the page to get a newer app.`);
  }
  const length = view.getUint32(12, true);
  if (length > LIMITS.headerBytes) throw damaged('its header is too large');
  if (bytes.length < START + length) return null;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(START, START + length)));
  } catch {
    throw damaged('its header cannot be read');
  }
  const header = checkHeader(json);
  const minor = view.getUint16(10, true);
  return { header, dataStart: START + length, newer: minor > MINOR ? newerNote(`${MAJOR}.${minor}`, `${MAJOR}.${MINOR}`) : null };
}

/** Bytes that a file with this header has to have. */
export const containerBytes = (header: ContainerHeader, dataStart: number): number => dataStart + header.chunks.reduce((n, chunk) => n + chunkBytes(chunk), 0);

type Json = Record<string, unknown>;
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

function checkHeader(json: unknown): ContainerHeader {
  if (!isObject(json)) throw damaged('its header is no object');
  const whole = (v: unknown, least: number, most: number, what: string): number => {
    if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < least || v > most) throw damaged(`${what} is out of bounds`);
    return v;
  };
  const positive = (v: unknown, what: string): number => {
    if (typeof v !== 'number' || !Number.isFinite(v) || v <= 0 || v > 1e12) throw damaged(`${what} is out of bounds`);
    return v;
  };
  const frames = whole(json.frames, 1, LIMITS.frames, 'the number of frames');
  const width = whole(json.width, 1, LIMITS.side, 'the width');
  const height = whole(json.height, 1, LIMITS.side, 'the height');
  if (frames * width * height > LIMITS.pixels) throw damaged('it has more pixels than this app opens');
  const tracks = whole(json.tracks, 0, LIMITS.tracks, 'the number of tracks');
  if (tracks * frames > LIMITS.trackPoints) throw damaged('it has more track points than this app opens');
  const contents = CONTENTS.find((c) => c === json.contents);
  if (!contents) throw damaged('it does not say what it holds');
  const size = Array.isArray(json.pictureSize) ? json.pictureSize : [];
  const depth = isObject(json.depth) ? json.depth : {};
  return {
    frames, width, height, tracks, contents,
    durationSecs: typeof json.durationSecs === 'number' && json.durationSecs >= 0 && json.durationSecs < 1e6 ? json.durationSecs : 0,
    pictureSize: [whole(size[0], 1, width, 'the size of the pictures'), whole(size[1], 1, height, 'the size of the pictures')],
    depth: { near: positive(depth.near, 'the nearest depth'), step: positive(depth.step, 'the step of depth') },
    trackStep: positive(json.trackStep, 'the step of the tracks'),
    chunks: checkChunks(json.chunks, frames, contents, whole), meta: json.meta,
  };
}

/** One head first, every frame once and in order, at most one chunk of tracks. */
function checkChunks(list: unknown, frames: number, contents: Contents, whole: (v: unknown, least: number, most: number, what: string) => number): Chunk[] {
  if (!Array.isArray(list) || list.length > LIMITS.chunks) throw damaged('its table of chunks is out of bounds');
  let next = 0;
  const chunks = list.map((entry: unknown): Chunk => {
    const { from, count, parts, ...rest } = isObject(entry) ? entry : {};
    const kind: ChunkKind = rest.kind === 'head' || rest.kind === 'frames' || rest.kind === 'tracks' ? rest.kind : 'other';
    const held = kind === 'frames' ? whole(count, 1, frames - next, 'a chunk') : 0;
    const wanted = { head: 2, tracks: 5, frames: 3 + (contents === 'geometry' ? 0 : held), other: Array.isArray(parts) ? Math.min(parts.length, 64) : 0 }[kind];
    if (!Array.isArray(parts) || parts.length !== wanted || (kind === 'frames' && from !== next)) throw damaged('its table of chunks contradicts itself');
    const chunk: Chunk = { kind, from: held > 0 ? next : 0, count: held, parts: parts.map((p) => whole(p, 0, LIMITS.sceneBytes, 'a part')) };
    next += held;
    return chunk;
  });
  const kinds = chunks.map((c) => c.kind);
  if (next !== frames || kinds[0] !== 'head' || kinds.lastIndexOf('head') !== 0 || kinds.filter((k) => k === 'tracks').length !== 1) throw damaged('its table of chunks is not complete');
  return chunks;
}
