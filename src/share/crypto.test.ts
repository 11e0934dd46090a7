import { describe, expect, it } from 'vitest';
import { createKey, decrypt, encrypt, isEncrypted } from './crypto.ts';

const plain = Uint8Array.from({ length: 600_000 }, (_, i) => i % 251);

describe('end-to-end encryption', () => {
  it('only the key in the link opens it', async () => {
    const key = createKey();
    const sealed = await encrypt(plain, key);
    expect(key).toMatch(/^[\w-]{22}$/);
    expect(isEncrypted(sealed) && !isEncrypted(plain)).toBe(true);
    expect(Buffer.compare(await decrypt(sealed, key), plain)).toBe(0);
    await expect(decrypt(sealed, createKey())).rejects.toMatchObject({ code: 'scene/damaged' });
    await expect(decrypt(sealed, 'short')).rejects.toThrow('not complete');
  });

  it('a changed byte, a missing end, swapped segments are noticed', async () => {
    const key = createKey();
    const sealed = await encrypt(plain, key);
    const segment = 2 ** 18 + 16;
    const flipped = sealed.slice();
    flipped[300_000] ^= 1;
    const swapped = sealed.slice();
    swapped.set(sealed.subarray(16 + segment, 16 + 2 * segment), 16);
    swapped.set(sealed.subarray(16, 16 + segment), 16 + segment);
    for (const bad of [flipped, swapped, sealed.slice(0, 16 + 2 * segment)]) await expect(decrypt(bad, key)).rejects.toThrow('does not open');
  });
});
