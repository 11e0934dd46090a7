// A preview's moving picture as crawlers take it: MP4, H.264, silent, a few seconds. What it claims to be is checked before it is stored.

import { LIMITS } from './limits.ts';

export interface ClipHead {
  readonly width: number;
  readonly height: number;
  readonly durationSecs: number;
}

type Box = { readonly type: string; readonly from: number; readonly to: number };

/** Null for everything that is not such a clip. */
export function readClipHead(bytes: Uint8Array): ClipHead | null {
  if (bytes.length > LIMITS.clipBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = boxesOf(view, 0, bytes.length);
  if (top?.[0]?.type !== 'ftyp') return null;
  const moov = top.find((box) => box.type === 'moov');
  const parts = moov && boxesOf(view, moov.from, moov.to);
  const mvhd = parts?.find((box) => box.type === 'mvhd');
  const tracks = parts?.filter((box) => box.type === 'trak') ?? [];
  // One track: the picture. Nothing that sounds.
  if (!mvhd || tracks.length !== 1) return null;
  const durationSecs = durationOf(view, mvhd);
  const sample = within(view, tracks[0], ['mdia', 'minf', 'stbl', 'stsd']);
  const handler = within(view, tracks[0], ['mdia', 'hdlr']);
  if (durationSecs === null || !sample || !handler || handler.to < handler.from + 12 || textAt(view, handler.from + 8) !== 'vide') return null;
  // stsd: version and count, then the one sample entry: size, type, 6 reserved, 2 index, 16 of the picture's own, width, height.
  const entry = sample.from + 8;
  if (entry + 36 > sample.to || !/^avc[13]$/.test(textAt(view, entry + 4))) return null;
  const [width, height] = [view.getUint16(entry + 32), view.getUint16(entry + 34)];
  return width > 0 && height > 0 && durationSecs > 0 && durationSecs <= LIMITS.clipSecs + 0.1 ? { width, height, durationSecs } : null;
}

/** Null where the boxes do not fill their parent exactly. */
function boxesOf(view: DataView, from: number, to: number): Box[] | null {
  const boxes: Box[] = [];
  for (let at = from; at < to;) {
    if (at + 8 > to) return null;
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return null;
    boxes.push({ type: textAt(view, at + 4), from: at + 8, to: at + size });
    at += size;
  }
  return boxes;
}

function within(view: DataView, box: Box, path: readonly string[]): Box | null {
  let found: Box | null = box;
  for (const type of path) found = (found && boxesOf(view, found.from, found.to)?.find((child) => child.type === type)) ?? null;
  return found;
}

function durationOf(view: DataView, { from, to }: Box): number | null {
  if (to < from + 32) return null;
  const [scale, duration] = view.getUint8(from) === 0 ? [view.getUint32(from + 12), view.getUint32(from + 16)] : [view.getUint32(from + 20), Number(view.getBigUint64(from + 24))];
  return scale > 0 ? duration / scale : null;
}

function textAt(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}
