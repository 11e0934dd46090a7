// The page's side of the share service: upload in pieces that survive a broken line, open, rename, delete.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { FoursightError } from '../scene/errors.ts';
import { LIMITS } from './limits.ts';
import { paths, type ExpiryDays, type Moment, type Offer, type Pieces, type Refusal, type SceneInfo, type UploadReply, type UploadRequest, type UploadState } from './protocol.ts';

/** Code: one of the server's refusals, or `offline` when no answer came. */
export class ShareError extends Error {
  constructor(readonly code: Refusal['code'] | 'offline', message: string) {
    super(message);
  }
}

export interface Sending {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly title: string;
  readonly expiryDays: ExpiryDays;
  readonly encrypted: boolean;
  /** 1200 × 630; none for encrypted scenes. */
  readonly poster: Uint8Array<ArrayBuffer> | null;
  /** A silent MP4 of a few seconds. */
  readonly clip?: Uint8Array<ArrayBuffer> | null;
  /** scene.npz, encrypted where the scene is. */
  readonly lossless?: Uint8Array<ArrayBuffer> | null;
}

const AT_ONCE = 3;
const ATTEMPTS = 4;

export class ShareClient {
  /** `origin` "" is the page's own server; `pauseMs` is the first wait before a request is tried again. */
  constructor(private readonly origin = '', private readonly pauseMs = 500) {}

  /** What this host offers; throws where there is no share service. */
  offer(): Promise<Offer> {
    return this.ask('GET', paths.offer, {});
  }

  /** What the server will be told of an upload; the same bytes give the same pieces. */
  describe({ bytes, title, expiryDays, encrypted, lossless = null }: Sending): UploadRequest {
    return { title, expiryDays, encrypted, ...piecesOf(bytes), lossless: lossless && piecesOf(lossless) };
  }

  announce(request: UploadRequest, signal?: AbortSignal): Promise<UploadReply> {
    if (request.bytes > LIMITS.sceneBytes) {
      throw new FoursightError('share/too-large', `The scene takes ${Math.round(request.bytes / 1e6)} MB and a link holds ${Math.round(LIMITS.sceneBytes / 1e6)} MB at most; share without pictures, or save it as a file.`);
    }
    if ((request.lossless?.bytes ?? 0) > LIMITS.losslessBytes) {
      throw new FoursightError('share/too-large', `The lossless scene.npz takes ${Math.round(request.lossless!.bytes / 1e6)} MB and a link holds ${Math.round(LIMITS.losslessBytes / 1e6)} MB of it at most; share without it.`);
    }
    return this.ask('POST', paths.uploads, { json: request, signal });
  }

  /** Sends what the server does not have yet and publishes; may be called again with the same `upload` after any failure. */
  async send(sending: Sending, upload: UploadReply, onProgress: (share: number) => void, signal?: AbortSignal): Promise<SceneInfo> {
    const { id, key } = upload;
    const { bytes, poster, clip = null, lossless = null } = sending;
    const state = await this.ask<UploadState>('GET', paths.upload(id), { key, signal }).catch((error: unknown) => {
      if (error instanceof ShareError && error.code === 'not-found') return null;
      throw error;
    });
    // Published already: only its answer was lost.
    if (!state) return this.ask('POST', paths.finish(id), { key, signal });
    const { missing } = state;
    const own = Math.ceil(bytes.length / LIMITS.pieceBytes);
    const count = own + Math.ceil((lossless?.length ?? 0) / LIMITS.pieceBytes);
    const pieceAt = (index: number) => (index < own ? bytes : lossless!).subarray((index < own ? index : index - own) * LIMITS.pieceBytes, (index < own ? index + 1 : index - own + 1) * LIMITS.pieceBytes);
    let done = count - missing.length;
    onProgress(done / count);
    const rest = [...missing];
    const sendSome = async () => {
      for (let index = rest.shift(); index !== undefined; index = rest.shift()) {
        await this.ask('PUT', paths.piece(id, index), { key, bytes: pieceAt(index), signal });
        onProgress(++done / count);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
    if (poster) await this.ask('PUT', paths.poster(id), { key, bytes: poster, signal });
    if (clip) await this.ask('PUT', paths.clip(id), { key, bytes: clip, signal });
    return this.ask('POST', paths.finish(id), { key, signal });
  }

  info(id: string, signal?: AbortSignal): Promise<SceneInfo> {
    return this.ask('GET', paths.scene(id), { signal });
  }

  rename(id: string, key: string, title: string): Promise<SceneInfo> {
    return this.ask('PATCH', paths.scene(id), { key, json: { title } });
  }

  /** The present moment gets an address and a card of its own; `start` is a link's fragment. */
  addMoment(id: string, key: string, start: string, poster: Uint8Array): Promise<Moment> {
    let text = '';
    for (let at = 0; at < poster.length; at += 0x6000) text += String.fromCharCode(...poster.subarray(at, at + 0x6000));
    return this.ask('POST', paths.moments(id), { key, json: { start, poster: btoa(text) } });
  }

  async remove(id: string, key: string): Promise<void> {
    await this.ask('DELETE', paths.scene(id), { key }).catch((error: unknown) => {
      // What is gone already is what was wanted.
      if (!(error instanceof ShareError) || !['gone', 'not-found'].includes(error.code)) throw error;
    });
  }

  /** The scene's bytes as they come. */
  data(info: SceneInfo, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return this.read(paths.data(info.id, info.hash), signal);
  }

  /** scene.npz as it was, where there is one. */
  lossless({ id, lossless }: SceneInfo, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return this.read(paths.lossless(id, lossless!.hash), signal);
  }

  private async *read(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await fetch(this.origin + path, { signal }).catch((error: unknown) => { throw offline(error, signal); });
    if (!response.ok) throw await refusalOf(response);
    yield* readBody(response);
  }

  private async ask<T>(method: string, path: string, { key, json, bytes, signal }: { key?: string; json?: unknown; bytes?: Uint8Array<ArrayBuffer>; signal?: AbortSignal }): Promise<T> {
    const headers: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
    if (json !== undefined) headers['Content-Type'] = 'application/json';
    if (bytes) headers['Content-Type'] = 'application/octet-stream';
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(this.origin + path, { method, headers, body: json !== undefined ? JSON.stringify(json) : bytes, signal, cache: 'no-store' }).catch((error: unknown) => offline(error, signal));
      if (response instanceof Response && response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
      const error = response instanceof Response ? await refusalOf(response) : response;
      const passing = error.code === 'offline' || error.code === 'internal' || (error.code === 'too-many' && method === 'PUT');
      if (!passing || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, this.pauseMs * 2 ** attempt));
    }
  }
}

function piecesOf(bytes: Uint8Array): Pieces {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += LIMITS.pieceBytes) pieces.push(bytesToHex(sha256(bytes.subarray(at, at + LIMITS.pieceBytes))));
  return { bytes: bytes.length, pieces };
}

export async function* readBody(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function offline(error: unknown, signal: AbortSignal | undefined): ShareError {
  if (signal?.aborted) throw new FoursightError('job/cancelled', 'Cancelled.');
  return new ShareError('offline', `The server does not answer (${error instanceof Error ? error.message : String(error)}); check the connection and go on.`);
}

async function refusalOf(response: Response): Promise<ShareError> {
  const body = (await response.json().catch(() => null)) as Partial<Refusal> | null;
  if (!body && [404, 405, 501].includes(response.status)) return new ShareError('bad-request', 'This site has no share service; save the scene as a file or a folder instead.');
  return new ShareError(body?.code ?? (response.status >= 500 ? 'internal' : 'bad-request'), body?.message ?? `The server answered ${response.status}.`);
}
