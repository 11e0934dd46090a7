// Life of a shared scene: announced, filled piece by piece, published in one step, renamed, deleted, expired.
//
//   scenes/ID/upload.json   what was announced      scenes/ID/p/NNNNN   pieces      scenes/ID/poster, clip
//   scenes/ID/record.json   written last: a scene is there once this is; afterwards also its gravestone
//   scenes/ID/m/MOMENT/…    start.json and poster of a moment with its own card
//   due/TIME/ID             when to look whether it is to be cleared away

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { FoursightError } from '../scene/errors.ts';
import { MAX_UNPACKED_BYTES, NPZ_MEMBERS } from '../scene/npz.ts';
import { readClipHead } from '../share/clip.ts';
import { containerBytes, readContainerHead } from '../share/container.ts';
import { isEncrypted } from '../share/crypto.ts';
import { LIMITS } from '../share/limits.ts';
import { cleanStart, presentationOf } from '../share/presentation.ts';
import { readPictureHead } from '../share/pictures.ts';
import { cleanTitle, POSTER, type Moment, type Pieces, type SceneInfo, type UploadReply, type UploadRequest, type UploadState } from '../share/protocol.ts';
import { readZipMembers } from '../share/zip-members.ts';
import { Refused } from './refusal.ts';
import { StorageFull, type Storage } from './storage.ts';

const DAY_MS = 86_400_000;
/** Kept free for everything else on the disk. */
const RESERVE_BYTES = 256 * 2 ** 20;

interface Upload extends UploadRequest {
  readonly keyHash: string;
  readonly createdMs: number;
}
interface Stored extends Omit<SceneInfo, 'id'> {
  readonly keyHash: string;
}
interface Gone {
  readonly gone: 'deleted' | 'expired';
}

const allPieces = ({ pieces, lossless }: UploadRequest): readonly string[] => [...pieces, ...(lossless?.pieces ?? [])];
const hashOf = ({ pieces }: Pieces): string => sha256(pieces.join()).toString('hex').slice(0, 32);
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
const pieceName = (id: string, index: number): string => `scenes/${id}/p/${String(index).padStart(5, '0')}`;
const GONE = 'This scene is no longer here: its owner deleted it, or its time was over.';

export class Scenes {
  constructor(private readonly storage: Storage, private readonly now: () => number = Date.now) {}

  async announce(request: UploadRequest): Promise<UploadReply> {
    if ((await this.storage.free()) < request.bytes + (request.lossless?.bytes ?? 0) + RESERVE_BYTES) throw new Refused('no-space', 'This server is full; save the scene as a file, or try again later.');
    const id = randomBytes(16).toString('base64url');
    const key = randomBytes(32).toString('base64url');
    await this.write(`scenes/${id}/upload.json`, { ...request, keyHash: sha256(key).toString('hex'), createdMs: this.now() } satisfies Upload);
    await this.write(dueName(this.now() + DAY_MS, id), {});
    return { id, key };
  }

  async missing(id: string, key: string): Promise<UploadState> {
    const upload = await this.upload(id, key);
    const present = new Set(await this.storage.list(`scenes/${id}/p/`));
    return { missing: allPieces(upload).map((_, i) => i).filter((i) => !present.has(pieceName(id, i))) };
  }

  async addPiece(id: string, key: string, index: number, bytes: Uint8Array): Promise<void> {
    const upload = await this.upload(id, key);
    const wanted = allPieces(upload)[index];
    const own = index < upload.pieces.length;
    const [part, at] = own || !upload.lossless ? [upload, index] : [upload.lossless, index - upload.pieces.length];
    const size = at === part.pieces.length - 1 ? part.bytes - at * LIMITS.pieceBytes : LIMITS.pieceBytes;
    if (wanted === undefined || bytes.length !== size || sha256(bytes).toString('hex') !== wanted) throw new Refused('bad-request', 'This piece is not the one that was announced; send it again.');
    await this.put(pieceName(id, index), bytes);
  }

  /** Only pictures of the size that the preview tags promise. */
  async addPoster(id: string, key: string, bytes: Uint8Array): Promise<void> {
    await this.upload(id, key);
    this.checkPoster(bytes);
    await this.put(`scenes/${id}/poster`, bytes);
  }

  /** Only what a card can play: H.264, silent, short. */
  async addClip(id: string, key: string, bytes: Uint8Array): Promise<void> {
    await this.upload(id, key);
    if (!readClipHead(bytes)) throw new Refused('bad-request', `The moving preview has to be a silent H.264 MP4 of ${LIMITS.clipSecs} seconds at most.`);
    await this.put(`scenes/${id}/clip`, bytes);
  }

  private checkPoster(bytes: Uint8Array): void {
    const head = readPictureHead(bytes);
    if (head?.width !== POSTER.width || head.height !== POSTER.height) throw new Refused('bad-request', `The preview has to be a JPEG, PNG or WebP of ${POSTER.width} × ${POSTER.height} pixels.`);
  }

  /** Checks what arrived and makes it a scene. Asked twice, it answers twice the same. */
  async publish(id: string, key: string): Promise<SceneInfo> {
    const done = await this.record(id);
    if (done) {
      this.allow(done.keyHash, key);
      return present(id, done);
    }
    const upload = await this.upload(id, key);
    if ((await this.missing(id, key)).missing.length > 0) throw new Refused('incomplete', 'Some pieces have not arrived; send them first.');
    const { frames, durationSecs, text } = await this.inspect(id, upload);
    await this.inspectLossless(id, upload);
    const clip = await this.storage.read(`scenes/${id}/clip`);
    const head = clip && readClipHead(clip);
    const stored: Stored = {
      title: upload.title, text, createdMs: this.now(), expiresMs: upload.expiryDays === null ? null : this.now() + upload.expiryDays * DAY_MS, encrypted: upload.encrypted, bytes: upload.bytes,
      hash: hashOf(upload), frames, durationSecs, poster: (await this.storage.read(`scenes/${id}/poster`)) !== null, clip: head && { width: head.width, height: head.height },
      lossless: upload.lossless && { bytes: upload.lossless.bytes, hash: hashOf(upload.lossless) }, keyHash: upload.keyHash,
    };
    if (stored.expiresMs !== null) await this.write(dueName(stored.expiresMs, id), {});
    await this.write(`scenes/${id}/record.json`, stored);
    await this.storage.remove(`scenes/${id}/upload.json`);
    return present(id, stored);
  }

  async info(id: string): Promise<SceneInfo> {
    const record = await this.record(id);
    if (!record) throw new Refused('not-found', 'There is no scene at this address; check that the link is complete.');
    return present(id, record);
  }

  async rename(id: string, key: string, title: unknown): Promise<SceneInfo> {
    const record = await this.owned(id, key);
    const stored = { ...record, title: cleanTitle(title) };
    await this.write(`scenes/${id}/record.json`, stored);
    return present(id, stored);
  }

  /** Also for an upload that was given up. */
  async remove(id: string, key: string): Promise<void> {
    const record = await this.record(id);
    if (record) this.allow(record.keyHash, key);
    else await this.upload(id, key);
    await this.clear(id, 'deleted');
  }

  /** A range of a scene's bytes, or of its scene.npz, both ends inside, piece after piece. */
  async *bytes({ id, bytes }: SceneInfo, part: 'scene' | 'lossless', from: number, to: number): AsyncGenerator<Uint8Array> {
    const first = part === 'scene' ? 0 : Math.ceil(bytes / LIMITS.pieceBytes);
    for (let index = Math.floor(from / LIMITS.pieceBytes); index * LIMITS.pieceBytes <= to; index++) {
      const start = index * LIMITS.pieceBytes;
      const stream = await this.storage.stream(pieceName(id, first + index), Math.max(0, from - start), Math.min(LIMITS.pieceBytes - 1, to - start));
      if (!stream) throw new Refused('gone', GONE);
      yield* stream as AsyncIterable<Uint8Array>;
    }
  }

  /** The poster of the scene, or of one of its moments. */
  poster(id: string, moment?: string): Promise<Uint8Array | null> {
    return this.storage.read(moment === undefined ? `scenes/${id}/poster` : `scenes/${id}/m/${moment}/poster`);
  }

  clip(id: string): Promise<Uint8Array | null> {
    return this.storage.read(`scenes/${id}/clip`);
  }

  async addMoment(id: string, key: string, start: unknown, poster: Uint8Array): Promise<Moment> {
    const record = await this.owned(id, key);
    if (record.encrypted) throw new Refused('bad-request', 'A private scene has no cards.');
    this.checkPoster(poster);
    if ((await this.storage.list(`scenes/${id}/m/`)).length >= 2 * LIMITS.moments) throw new Refused('too-many', `A scene has ${LIMITS.moments} moments at most.`);
    const moment = randomBytes(8).toString('base64url');
    const stored = { moment, start: cleanStart(start) };
    await this.put(`scenes/${id}/m/${moment}/poster`, poster);
    await this.write(`scenes/${id}/m/${moment}/start.json`, stored);
    return stored;
  }

  async moment(id: string, moment: string): Promise<Moment> {
    const stored = await this.readJson<Moment>(`scenes/${id}/m/${moment}/start.json`);
    if (!stored) throw new Refused('not-found', 'There is no such moment of this scene.');
    return stored;
  }

  /** Clears away what is over its time; any number of servers may do so at once. */
  async sweep(): Promise<number> {
    let cleared = 0;
    for (const name of await this.storage.list('due/')) {
      const [, due, id] = name.split('/') as [string, string, string];
      if (Number(due) > this.now()) break;
      const record = await this.readJson<Stored | Gone>(`scenes/${id}/record.json`);
      const living = record !== null && !('gone' in record) && (record.expiresMs === null || record.expiresMs > this.now());
      if (!living) {
        await this.clear(id, 'expired');
        cleared++;
      }
      await this.storage.remove(name);
    }
    return cleared;
  }

  /** The gravestone comes first: from then on the scene is gone for everybody, whatever happens to the rest. */
  private async clear(id: string, gone: Gone['gone']): Promise<void> {
    const record = `scenes/${id}/record.json`;
    await this.write(record, { gone });
    for (const name of await this.storage.list(`scenes/${id}/`)) if (name !== record) await this.storage.remove(name);
  }

  /** Reads as much as the header takes; the chunks are checked by whoever opens them. */
  private async inspect(id: string, upload: Upload): Promise<Pick<SceneInfo, 'frames' | 'durationSecs' | 'text'>> {
    let head = new Uint8Array(0);
    for (let index = 0; index < upload.pieces.length; index++) {
      head = Buffer.concat([head, (await this.storage.read(pieceName(id, index))) ?? new Uint8Array(0)]);
      if (upload.encrypted) {
        if (isEncrypted(head)) return { frames: 0, durationSecs: 0, text: '' };
        throw new Refused('bad-request', 'This is not an encrypted scene.');
      }
      try {
        const found = readContainerHead(head);
        if (!found) continue;
        if (containerBytes(found.header, found.dataStart) !== upload.bytes) throw new Refused('bad-request', 'The scene has another size than its header says.');
        return { frames: found.header.frames, durationSecs: found.header.durationSecs, text: textOf(found.header.meta) };
      } catch (error) {
        throw error instanceof FoursightError ? new Refused('bad-request', error.message) : error;
      }
    }
    throw new Refused('bad-request', 'The scene was cut off.');
  }

  /** Its directory names the members of a scene.npz and nothing else, and says that they unpack to a size that a device can hold. */
  private async inspectLossless(id: string, { pieces, lossless, encrypted }: Upload): Promise<void> {
    if (!lossless) return;
    const read = async (index: number) => (await this.storage.read(pieceName(id, pieces.length + index))) ?? new Uint8Array(0);
    if (encrypted) {
      if (isEncrypted(await read(0))) return;
      throw new Refused('bad-request', 'The scene.npz is not encrypted as the scene is.');
    }
    const last = lossless.pieces.length - 1;
    const members = readZipMembers(Buffer.concat([...(last > 0 ? [await read(last - 1)] : []), await read(last)]), lossless.bytes);
    const unpacked = members?.reduce((sum, member) => sum + member.unpackedBytes, 0) ?? 0;
    if (!members?.length || unpacked > MAX_UNPACKED_BYTES || !members.every(({ name }) => NPZ_MEMBERS.includes(name))) throw new Refused('bad-request', 'This is not the scene.npz of a scene.');
  }

  private async upload(id: string, key: string): Promise<Upload> {
    const upload = await this.readJson<Upload>(`scenes/${id}/upload.json`);
    if (!upload) {
      // Says the same of a finished upload as of none, but tells a deleted one.
      await this.record(id);
      throw new Refused('not-found', 'There is no such upload; start again.');
    }
    this.allow(upload.keyHash, key);
    return upload;
  }

  private async owned(id: string, key: string): Promise<Stored> {
    const record = await this.record(id);
    if (!record) throw new Refused('not-found', 'There is no scene at this address.');
    this.allow(record.keyHash, key);
    return record;
  }

  private async record(id: string): Promise<Stored | null> {
    const record = await this.readJson<Stored | Gone>(`scenes/${id}/record.json`);
    if (record && ('gone' in record || (record.expiresMs !== null && record.expiresMs <= this.now()))) throw new Refused('gone', GONE);
    return record as Stored | null;
  }

  /** Takes the same time whether the key is nearly right or quite wrong. */
  private allow(keyHash: string, key: string): void {
    if (!timingSafeEqual(Buffer.from(keyHash, 'hex'), sha256(key))) throw new Refused('not-allowed', 'Only the one who shared this scene can change it.');
  }

  private write(name: string, json: object): Promise<void> {
    return this.put(name, new TextEncoder().encode(JSON.stringify(json)));
  }

  private async readJson<T>(name: string): Promise<T | null> {
    const bytes = await this.storage.read(name);
    return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as T) : null;
  }

  private async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.storage.put(name, bytes).catch((error: unknown) => {
      throw error instanceof StorageFull ? new Refused('no-space', 'This server is full; save the scene as a file, or try again later.') : error;
    });
  }
}

/** The author's words in a header that nobody has checked yet. */
function textOf(meta: unknown): string {
  const { settings } = (typeof meta === 'object' && meta !== null ? meta : {}) as { settings?: unknown };
  return presentationOf({ meta: { settings: (typeof settings === 'object' && settings !== null ? settings : {}) as Record<string, unknown> } }).text;
}

const dueName = (ms: number, id: string): string => `due/${String(Math.round(ms)).padStart(15, '0')}/${id}`;

function present(id: string, { keyHash: _, ...rest }: Stored): SceneInfo {
  // Records of older servers say nothing of these.
  return { id, ...rest, text: rest.text ?? '', clip: rest.clip ?? null, lossless: rest.lossless ?? null };
}
