// A link that leads to a scene: /s/ID, or #src= with a scene on any host. The first frame shows while the rest is on its way.

import { readSceneNpz } from '../../scene/npz.ts';
import { FoursightError, isCancelled } from '../../scene/errors.ts';
import type { Scene } from '../../scene/scene.ts';
import { readBody, ShareClient, ShareError } from '../../share/client.ts';
import { isContainer } from '../../share/container.ts';
import { decrypt } from '../../share/crypto.ts';
import { parseLink, type LinkState } from '../../share/fragment.ts';
import { LIMITS } from '../../share/limits.ts';
import { isId, type SceneInfo } from '../../share/protocol.ts';
import { readCompact } from '../../share/read.ts';
import { BROWSER_CODEC } from './picture-codec.ts';

/** A scene.npz from somewhere else may be this large. */
const MAX_FILE_BYTES = 512 * 2 ** 20;

export interface Arrival {
  /** More frames are there; the scene is the same object all the time. */
  frames(scene: Scene, ready: number): void;
  progress(share: number): void;
}

export function sceneIdOf(path: string): string | null {
  const id = /^\/[se]\/([^/]+)/.exec(path)?.[1];
  return isId(id) ? id : null;
}

/** Where the page's address leads; null when it is just the app. */
export function readAddress(): { readonly id: string | null; readonly state: LinkState } | null {
  // The page of a moment says where it starts; the address may say otherwise.
  const start = document.querySelector<HTMLMetaElement>('meta[name="foursight:start"]')?.content ?? '';
  const state = { ...parseLink(start), ...parseLink(location.hash) };
  const id = sceneIdOf(location.pathname);
  return id || state.src || /^\/[se]\//.test(location.pathname) ? { id, state } : null;
}

/** The scene of a hosted link. Throws ShareError `gone` or `not-found`, or FoursightError. */
export async function fetchShared(id: string, key: string | undefined, arrival: Arrival, signal?: AbortSignal): Promise<{ scene: Scene; info: SceneInfo }> {
  const client = new ShareClient();
  const info = await client.info(id, signal);
  const pieces = counted(client.data(info, signal), info.bytes, arrival);
  if (!info.encrypted) return { scene: await readCompact(pieces, BROWSER_CODEC, arrival.frames), info };
  if (!key) throw new FoursightError('scene/damaged', 'This scene is private and the link is not complete: its end, behind "x=", is missing.', 'Ask for the whole link.');
  const plain = await decrypt(await joinPieces(pieces, LIMITS.sceneBytes * 1.01), key);
  return { scene: await readCompact([plain], BROWSER_CODEC, arrival.frames), info };
}

/** A scene file of either kind from an address of the web. */
export async function fetchFrom(address: string, arrival: Arrival, signal?: AbortSignal): Promise<Scene> {
  const host = new URL(address, location.href).host;
  const response = await fetch(new URL(address, location.href), { signal, credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(() => {
    throw new FoursightError('scene/not-a-scene', `${host} cannot be reached, or does not allow other pages to read its files (CORS).`, 'Download the file and drop it here.');
  });
  if (!response.ok) throw new FoursightError('scene/not-a-scene', `${host} answered ${response.status}: there is no scene at this address.`);
  const size = Number(response.headers.get('content-length') ?? 0);
  const bytes = await joinPieces(counted(readBody(response), size, arrival), MAX_FILE_BYTES);
  return readSceneBytes(bytes, arrival.frames);
}

/** scene.npz or a shared scene, by what the bytes say. */
export async function readSceneBytes(bytes: Uint8Array, onFrames: Arrival['frames'] = () => {}): Promise<Scene> {
  return isContainer(bytes) ? readCompact([bytes], BROWSER_CODEC, onFrames) : readSceneNpz(bytes);
}

async function* counted(pieces: AsyncIterable<Uint8Array>, total: number, arrival: Arrival): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    done += piece.length;
    if (total > 0) arrival.progress(Math.min(1, done / total));
    yield piece;
  }
}

export async function joinPieces(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const list: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > most) throw new FoursightError('share/too-large', `The file is larger than ${Math.round(most / 1e6)} MB; this app opens no larger ones from a link.`);
    list.push(piece);
  }
  const out = new Uint8Array(size);
  list.reduce((at, piece) => (out.set(piece, at), at + piece.length), 0);
  return out;
}

/** What to tell people whose link leads nowhere. */
export function explainFailure(error: unknown): { readonly title: string; readonly text: string; readonly again: boolean } {
  const code = error instanceof ShareError ? error.code : '';
  if (code === 'gone') return { title: 'This scene is no longer here', text: 'Its owner deleted it, or its time was over. Nothing is wrong with your device.', again: false };
  if (code === 'not-found') return { title: 'There is no scene at this address', text: 'Check that the link is complete: a letter may be missing at its end.', again: false };
  if (code === 'offline' || code === 'internal') return { title: 'The scene could not be loaded', text: 'The server does not answer. Check the connection.', again: true };
  const hint = error instanceof FoursightError ? error.hint : '';
  return { title: 'The scene could not be opened', text: `${error instanceof Error ? error.message : String(error)} ${hint}`.trim(), again: !isCancelled(error) && code !== '' };
}
