// What this browser has shared: the keys to rename and delete it exist nowhere else.

import type { SceneInfo, UploadReply } from '../../share/protocol.ts';

export interface MyLink extends UploadReply {
  readonly title: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  /** Of an encrypted scene; the server never had it. */
  readonly secret: string | null;
  /** scene.npz beside it; older links say nothing of one. */
  readonly lossless?: SceneInfo['lossless'];
}

const LINKS = 'foursight-links';
const UPLOAD = 'foursight-upload';

export function readLinks(): readonly MyLink[] {
  return (read(LINKS) as MyLink[] | null)?.filter((link) => typeof link?.id === 'string' && typeof link.key === 'string') ?? [];
}

export function keepLink(link: MyLink): void {
  write(LINKS, [link, ...readLinks().filter((l) => l.id !== link.id)]);
}

export function forgetLink(id: string): void {
  write(LINKS, readLinks().filter((l) => l.id !== id));
}

/** An upload that was cut off, by a closed tab perhaps: the same scene goes on where it stopped. */
export function readUpload(fingerprint: string): UploadReply | null {
  const kept = read(UPLOAD) as (UploadReply & { fingerprint: string }) | null;
  return kept?.fingerprint === fingerprint ? { id: kept.id, key: kept.key } : null;
}

export function keepUpload(fingerprint: string, upload: UploadReply): void {
  write(UPLOAD, { ...upload, fingerprint });
}

export function forgetUpload(): void {
  try {
    localStorage.removeItem(UPLOAD);
  } catch { /* nothing was kept */ }
}

function read(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

/** Private windows may refuse; the links then live as long as the page. */
function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch { /* see above */ }
}
