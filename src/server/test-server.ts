// What the tests of the server have in common: a small built app, and uploads that the server takes for scenes.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import type { Sending, ShareClient } from '../share/client.ts';
import { writeContainer } from '../share/container.ts';
import { POSTER, type SceneInfo, type UploadReply } from '../share/protocol.ts';

/** A built app, and a file beside it that nobody may reach. */
export async function makeApp(path: string): Promise<void> {
  await mkdir(join(path, 'assets'), { recursive: true });
  await writeFile(join(path, 'index.html'), '<!doctype html><html><head><meta name="description" content="app"><title>Foursight</title></head><body>app</body></html>');
  await writeFile(join(path, 'embed.html'), '<!doctype html><html><head><title>Foursight</title></head><body><script>let embed = 1;</script></body></html>');
  await writeFile(join(path, 'assets', 'a-123.js'), 'export {};');
  await writeFile(join(dirname(path), 'secret.txt'), 'secret');
}

export const poster: Uint8Array<ArrayBuffer> = Uint8Array.from(PNG.sync.write(new PNG({ width: POSTER.width, height: POSTER.height })));
/** A container that says how long its parts are and fills them with noise: the server looks no further. */
export function container(bytes: number, meta: unknown = {}): Uint8Array<ArrayBuffer> {
  const filler = Uint8Array.from({ length: bytes }, (_, i) => (i * 7919) % 251);
  return writeContainer({
    frames: 1, width: 2, height: 2, tracks: 0, durationSecs: 2.5, contents: 'geometry', pictureSize: [2, 2], depth: { near: 1, step: 0.001 }, trackStep: 1, meta,
    chunks: [{ kind: 'head', from: 0, count: 0, parts: [4, 4] }, { kind: 'frames', from: 0, count: 1, parts: [bytes, 1, 1] }, { kind: 'tracks', from: 0, count: 0, parts: [1, 1, 1, 1, 1] }],
  }, [[new Uint8Array(8), filler, new Uint8Array(7)]]);
}
export const sending = (change: Partial<Sending> = {}): Sending => ({ bytes: container(1.2e6), title: 'Dog & <b>goose</b> "run"', expiryDays: 30, encrypted: false, poster, ...change });
export async function share(s: Sending, by: ShareClient): Promise<UploadReply & { info: SceneInfo }> {
  const upload = await by.announce(by.describe(s));
  return { ...upload, info: await by.send(s, upload, () => {}) };
}
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
