// End-to-end encryption: AES-GCM in the browser, the key only in the link's fragment. The host stores bytes that it cannot read.
//
//   0 "FSIGHTEN"   8 salt of this file, 8 bytes   16 segments: 2^18 bytes of plain text each, followed by its tag of 16 bytes
// A segment's nonce is its number, the last one marked, after the salt: segments cannot be swapped, repeated or cut off unnoticed.

import { damaged } from './planes.ts';

const MAGIC = 'FSIGHTEN';
const HEAD = 16;
const SEGMENT = 2 ** 18;
const TAG = 16;
const KEY_BYTES = 16;

export const isEncrypted = (bytes: Uint8Array): boolean => bytes.length > HEAD && String.fromCharCode(...bytes.subarray(0, 8)) === MAGIC;

/** 128 bits as base64url, for the link. */
export function createKey(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
}

export async function encrypt(plain: Uint8Array<ArrayBuffer>, key: string): Promise<Uint8Array<ArrayBuffer>> {
  const cipher = await importKey(key);
  const count = Math.max(1, Math.ceil(plain.length / SEGMENT));
  const out = new Uint8Array(HEAD + plain.length + count * TAG);
  out.set(new TextEncoder().encode(MAGIC));
  crypto.getRandomValues(out.subarray(8, HEAD));
  const salt = out.slice(8, HEAD);
  for (let i = 0; i < count; i++) {
    const part = plain.subarray(i * SEGMENT, (i + 1) * SEGMENT);
    out.set(new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce(salt, i, i === count - 1) }, cipher, part)), HEAD + i * (SEGMENT + TAG));
  }
  return out;
}

/** Throws where the key is not the right one, or a byte has changed. */
export async function decrypt(bytes: Uint8Array<ArrayBuffer>, key: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!isEncrypted(bytes)) throw damaged('it is not an encrypted one');
  const cipher = await importKey(key);
  const salt = bytes.slice(8, HEAD);
  const count = Math.ceil((bytes.length - HEAD) / (SEGMENT + TAG));
  const out = new Uint8Array(Math.max(0, bytes.length - HEAD - count * TAG));
  for (let i = 0; i < count; i++) {
    const part = bytes.subarray(HEAD + i * (SEGMENT + TAG), HEAD + (i + 1) * (SEGMENT + TAG));
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce(salt, i, i === count - 1) }, cipher, part).catch(() => {
      throw damaged('the key in the link does not open it');
    });
    out.set(new Uint8Array(plain), i * SEGMENT);
  }
  return out;
}

function nonce(salt: Uint8Array, index: number, last: boolean): Uint8Array<ArrayBuffer> {
  const iv = new Uint8Array(12);
  iv.set(salt);
  new DataView(iv.buffer).setUint32(8, index + (last ? 2 ** 31 : 0));
  return iv;
}

async function importKey(key: string): Promise<CryptoKey> {
  const raw = fromBase64Url(key);
  if (raw?.length !== KEY_BYTES) throw damaged('the key in the link is not complete');
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}
