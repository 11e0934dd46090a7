// From the open scene to a link: encode, encrypt if asked, upload, remember the key.

import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ShareClient, ShareError, type Sending } from '../../share/client.ts';
import { encodeCompact, withoutTraces } from '../../share/compact.ts';
import type { Contents } from '../../share/container.ts';
import { createKey, encrypt } from '../../share/crypto.ts';
import { formatLink, type LinkState } from '../../share/fragment.ts';
import { LIMITS } from '../../share/limits.ts';
import { paths, POSTER, type ExpiryDays, type UploadReply } from '../../share/protocol.ts';
import { findVideoFormats } from '../../platform/browser/video-writer.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import { writeSceneNpz } from '../../scene/npz.ts';
import type { Scene } from '../../scene/scene.ts';
import { grabView } from '../../viewer/view-state.ts';
import type { App } from '../app.ts';
import { makeVideo } from '../capture.ts';
import { forgetUpload, keepLink, keepUpload, readUpload, type MyLink } from './my-links.ts';
import { BROWSER_CODEC } from './picture-codec.ts';

export interface Choices {
  readonly title: string;
  readonly contents: Contents;
  readonly expiryDays: ExpiryDays;
  readonly encrypted: boolean;
  /** scene.npz too, to download. */
  readonly lossless: boolean;
  /** A moving preview too. */
  readonly clip: boolean;
}

export type Phase = 'encode' | 'send';

const POSTER_BYTES = 100_000;

/** The moving preview: small, silent, as long as cards play it. */
const CLIP = { format: 'mp4', move: 'sway', layout: 'view', width: 640, height: 336, fps: 15, frozenSecs: LIMITS.clipSecs, mostSecs: LIMITS.clipSecs } as const;

/** Not every browser can encode H.264. */
export const canMakeClip = async (): Promise<boolean> => (await findVideoFormats(CLIP)).includes('mp4');

/** About how many bytes scene.npz takes: colours and depth are stored as they are. */
export const estimateLossless = ({ rgb, depth }: Scene): number => rgb.byteLength + 1.05 * depth.byteLength;

/** About how many bytes will be sent, before anything is encoded. */
export function estimateBytes(scene: Scene, contents: Contents): number {
  const pixels = scene.frameCount * scene.width * scene.height;
  return Math.round(pixels * (0.85 + { geometry: 0, thumbnails: 0.05, pictures: 0.16 }[contents]) + 6 * scene.tracks.count * scene.frameCount + 20_000);
}

/** What chats show of the view; small, so that it is there at once. */
const grabPoster = ({ viewer }: App) => grabView(viewer, POSTER.width, POSTER.height, 'image/jpeg', POSTER_BYTES);

/** One attempt at sharing; `run` may be called again after a failure and goes on where it stopped. */
export class Publication {
  private sending: Sending | null = null;
  private upload: UploadReply | null = null;
  private secret: string | null = null;
  private readonly client = new ShareClient();

  constructor(private readonly app: App, private readonly scene: Scene, private readonly choices: Choices) {}

  async run(signal: AbortSignal, onProgress: (phase: Phase, share: number, bytes: number) => void): Promise<MyLink> {
    const sending = (this.sending ??= await this.prepare(signal, (share) => onProgress('encode', share, 0)));
    const { client } = this;
    const request = client.describe(sending);
    const fingerprint = bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(request))));
    this.upload ??= readUpload(fingerprint) ?? (await client.announce(request, signal));
    keepUpload(fingerprint, this.upload);
    const report = (share: number) => onProgress('send', share, sending.bytes.length);
    const info = await client.send(sending, this.upload, report, signal).catch((error: unknown) => {
      // The server does not know the upload any more: the next attempt starts a new one.
      if (error instanceof ShareError && ['gone', 'not-found', 'not-allowed'].includes(error.code)) {
        this.upload = null;
        forgetUpload();
      }
      throw error;
    });
    forgetUpload();
    const link = { ...this.upload, title: info.title, createdMs: info.createdMs, expiresMs: info.expiresMs, secret: this.secret, lossless: info.lossless };
    keepLink(link);
    return link;
  }

  /** Takes back what was sent of an upload that was given up. */
  async abandon(): Promise<void> {
    if (!this.upload) return;
    forgetUpload();
    await this.client.remove(this.upload.id, this.upload.key).catch(() => { /* it is cleared away within a day */ });
  }

  private async prepare(signal: AbortSignal, onProgress: (share: number) => void): Promise<Sending> {
    const { title, contents, expiryDays, encrypted, lossless } = this.choices;
    // Taken first, while the view is as it was when Share was pressed. Without pictures, none of the view either.
    const poster = encrypted || contents === 'geometry' ? null : await grabPoster(this.app);
    const clip = poster && this.choices.clip ? await this.makeClip(signal) : null;
    const bytes = await encodeCompact(this.scene, { contents, title }, BROWSER_CODEC, signal, onProgress);
    const whole = lossless && contents === 'pictures' ? (writeSceneNpz(withoutTraces(this.scene, title)) as Uint8Array<ArrayBuffer>) : null;
    if (!encrypted) return { bytes, title, expiryDays, encrypted, poster, clip, lossless: whole };
    this.secret = createKey();
    // The title is part of what is encrypted.
    return { bytes: await encrypt(bytes, this.secret), title: 'Private scene', expiryDays, encrypted, poster: null, lossless: whole && (await encrypt(whole, this.secret)) };
  }

  /** Null where it grew too large for a card: a preview is no reason to fail. */
  private async makeClip(signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    const blob = await makeVideo(this.app, CLIP, () => {}, signal);
    throwIfCancelled(signal);
    return blob && blob.size <= LIMITS.clipBytes ? new Uint8Array(await blob.arrayBuffer()) : null;
  }
}

/** The whole address; with a state, of that moment and view. */
export function linkAddress(link: Pick<MyLink, 'id' | 'secret'>, state: Omit<LinkState, 'version'> = {}): string {
  return location.origin + paths.page(link.id) + formatLink({ ...state, key: link.secret ?? undefined });
}

/** A page with a card of what is on show now; for those who hold the scene's key. */
export async function makeMoment(app: App, { id, key }: UploadReply, state: Omit<LinkState, 'version'>): Promise<string> {
  const { moment } = await new ShareClient().addMoment(id, key, formatLink(state), await grabPoster(app));
  return location.origin + paths.momentPage(id, moment);
}

export function embedCode(link: Pick<MyLink, 'id' | 'secret' | 'title'>, state: Omit<LinkState, 'version'>): string {
  const attribute = (text: string) => text.replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const address = location.origin + paths.embed(link.id) + formatLink({ ...state, key: link.secret ?? undefined });
  return `<iframe src="${attribute(address)}" title="${attribute(link.title)}" loading="lazy" allow="fullscreen; web-share; clipboard-write; xr-spatial-tracking" style="width:100%;aspect-ratio:16/9;border:0"></iframe>`;
}
