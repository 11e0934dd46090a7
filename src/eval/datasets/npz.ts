// NumPy archives of the development data: more types than scene.npz has (half floats, small integers).

import { unzipSync } from 'fflate';

export interface NpzArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array | Int32Array;
}

/** Members by name; members of other types (text) are left out. */
export function readNpz(bytes: Uint8Array): Map<string, NpzArray> {
  const members = Object.entries(unzipSync(bytes, { filter: (f) => f.name.endsWith('.npy') }));
  return new Map(members.flatMap(([name, npy]) => {
    const array = readNpy(npy);
    return array ? [[name.replace(/\.npy$/, ''), array] as const] : [];
  }));
}

function readNpy(bytes: Uint8Array): NpzArray | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = bytes[6]! >= 2 ? 12 : 10;
  const end = start + (start === 12 ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').filter((s) => s.trim()).map(Number);
  // A copy, because typed arrays need their own alignment.
  const { buffer } = bytes.slice(end);
  switch (type) {
    case '<f2': return { shape, data: Float32Array.from(new Uint16Array(buffer), halfToNumber) };
    case '<f4': return { shape, data: new Float32Array(buffer) };
    case '<f8': return { shape, data: new Float64Array(buffer) };
    case '<i4': return { shape, data: new Int32Array(buffer) };
    case '|u1': case '|b1': return { shape, data: new Uint8Array(buffer) };
    default: return null;
  }
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
