// NumPy's .npy format (version 1 and 2), little endian, C order: the members of scene.npz.

import { FoursightError } from './errors.ts';

export type NpyData = Uint8Array | Float32Array | Float64Array;
export interface NpyArray { readonly shape: readonly number[]; readonly data: NpyData }

const DTYPES = {
  '|u1': { bytes: 1, name: 'u8' },
  '|b1': { bytes: 1, name: 'u8' },
  '<f4': { bytes: 4, name: 'f32' },
  '<f8': { bytes: 8, name: 'f64' },
} as const;
type Descr = keyof typeof DTYPES;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function encodeNpy({ shape, data }: NpyArray): Uint8Array {
  const descr: Descr = data instanceof Uint8Array ? '|u1' : data instanceof Float32Array ? '<f4' : '<f8';
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims}), }`;
  // Header and data together start on a 64-byte border, so that readers can map the data.
  const padded = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const out = new Uint8Array(padded + data.byteLength);
  out.set(MAGIC);
  out[6] = 1;
  new DataView(out.buffer).setUint16(8, padded - 10, true);
  out.set(new TextEncoder().encode(dict.padEnd(padded - 11) + '\n'), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), padded);
  return out;
}

/** Throws scene/damaged naming the member when the bytes are not the array they claim to be. */
export function decodeNpy(bytes: Uint8Array, member: string): NpyArray {
  const refuse = (why: string): never => {
    throw new FoursightError('scene/damaged', `The scene's member "${member}" ${why}; the file is damaged or was not written by Foursight.`);
  };
  if (bytes.length < 12 || MAGIC.some((b, i) => bytes[i] !== b)) refuse('is not a NumPy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! >= 2;
  const start = long ? 12 : 10;
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length || end - start > 65536) refuse('has a broken header');
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (!(descr in DTYPES)) refuse(`has the type ${descr || '?'}, which is not one of ${Object.keys(DTYPES).join(' ')}`);
  if (!/'fortran_order':\s*False/.test(header) || shapeText === undefined) refuse('is not in C order');
  const shape = shapeText!.split(',').filter((s) => s.trim() !== '').map(Number);
  const { bytes: size, name } = DTYPES[descr as Descr];
  const count = shape.reduce((a, b) => a * b, 1);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0) || count * size !== bytes.length - end) refuse('has another size than its header says');
  // A copy, because typed arrays need their own alignment.
  const buffer = bytes.slice(end).buffer;
  const data = name === 'u8' ? new Uint8Array(buffer) : name === 'f32' ? new Float32Array(buffer) : new Float64Array(buffer);
  return { shape, data };
}
