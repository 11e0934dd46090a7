import { zipSync } from 'fflate';
import { encodeNpy, type NpyArray } from '../scene/npy.ts';

/** Named arrays → .npz, as numpy.load opens it. */
export function encodeNpzFile(arrays: Readonly<Record<string, NpyArray>>): Uint8Array<ArrayBuffer> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  return zipSync(Object.fromEntries(members), { level: 1 });
}
