// A second, independent reader of .npz, so that writer and reader of the app cannot be wrong together.

import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';

export interface Member { readonly dtype: string; readonly shape: readonly number[]; readonly values: ArrayLike<number> }

export function readNpz(path: string): { arrays: Record<string, Member>; texts: Record<string, string> } {
  const arrays: Record<string, Member> = {};
  const texts: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(path)))) {
    if (name.endsWith('.npy')) arrays[name.slice(0, -4)] = parseNpy(Buffer.from(bytes));
    else texts[name] = Buffer.from(bytes).toString('utf8');
  }
  return { arrays, texts };
}

function parseNpy(bytes: Buffer): Member {
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('no NumPy magic');
  const start = 10 + bytes.readUInt16LE(8);
  // The header is a Python dictionary; turned into JSON here.
  const header = bytes.toString('latin1', 10, start).replaceAll("'", '"').replaceAll('(', '[').replaceAll(')', ']').replace('False', 'false').replace(/,\s*([\]}])/g, '$1');
  const { descr, shape } = JSON.parse(header) as { descr: string; shape: number[] };
  const read = { '|u1': (o: number) => bytes.readUInt8(o), '<f4': (o: number) => bytes.readFloatLE(o), '<f8': (o: number) => bytes.readDoubleLE(o) }[descr];
  const size = Number(descr.slice(2));
  if (!read || start % 64 !== 0) throw new Error(`unexpected header ${header}`);
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== start + count * size) throw new Error('size differs from the header');
  return { dtype: descr, shape, values: Float64Array.from({ length: count }, (_, i) => read(start + i * size)) };
}
