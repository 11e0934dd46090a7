import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const PIECE_BYTES = 8e6;

/** SHA-256 (hex) of all bytes of the files in order, read piece by piece so that a long video never lies in memory. */
export async function hashFiles(files: readonly Blob[]): Promise<string> {
  const hash = sha256.create();
  for (const file of files) {
    for (let start = 0; start < file.size; start += PIECE_BYTES) {
      hash.update(new Uint8Array(await file.slice(start, start + PIECE_BYTES).arrayBuffer()));
    }
  }
  return bytesToHex(hash.digest());
}
