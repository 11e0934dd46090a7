// What page and server say to each other. Addresses, requests, replies; checked on arrival by whoever receives them.

import { LIMITS } from './limits.ts';

/** Days until a link ends by itself; null = when its owner deletes it. */
export type ExpiryDays = 1 | 30 | null;
export const EXPIRY_DAYS: readonly ExpiryDays[] = [30, 1, null];

/** Bytes as they are sent: how many, and SHA-256 (hex) of each piece of LIMITS.pieceBytes, in order. */
export interface Pieces {
  readonly bytes: number;
  readonly pieces: readonly string[];
}

export interface UploadRequest extends Pieces {
  readonly title: string;
  readonly expiryDays: ExpiryDays;
  /** The host cannot read the scene. */
  readonly encrypted: boolean;
  /** scene.npz to download beside it; its pieces are counted on from the scene's. */
  readonly lossless: Pieces | null;
}

/** What a host offers, asked before anything is sent. */
export interface Offer {
  readonly expiryDays: readonly ExpiryDays[];
}

export interface UploadReply {
  readonly id: string;
  /** Lets its holder change and delete the scene; told once. */
  readonly key: string;
}

export interface UploadState {
  /** Indices of the pieces that have not arrived. */
  readonly missing: readonly number[];
}

export interface SceneInfo {
  readonly id: string;
  readonly title: string;
  /** What its author says of it; "" where nobody does, or the host cannot know. */
  readonly text: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly encrypted: boolean;
  readonly bytes: number;
  /** Names the content: the address of the bytes changes when they do. */
  readonly hash: string;
  /** Seconds; 0 where the host cannot know. */
  readonly durationSecs: number;
  readonly frames: number;
  readonly poster: boolean;
  /** Size of the moving preview, px. */
  readonly clip: { readonly width: number; readonly height: number } | null;
  readonly lossless: { readonly bytes: number; readonly hash: string } | null;
}

/** Every refusal of the server. */
export interface Refusal {
  readonly code: 'bad-request' | 'not-found' | 'gone' | 'not-allowed' | 'too-large' | 'too-many' | 'no-space' | 'incomplete' | 'internal';
  readonly message: string;
}

export const POSTER = { width: 1200, height: 630 } as const;

export const paths = {
  offer: '/api/offer',
  uploads: '/api/uploads',
  upload: (id: string) => `/api/uploads/${id}`,
  piece: (id: string, index: number) => `/api/uploads/${id}/pieces/${index}`,
  poster: (id: string) => `/api/uploads/${id}/poster`,
  clip: (id: string) => `/api/uploads/${id}/clip`,
  finish: (id: string) => `/api/uploads/${id}/finish`,
  scene: (id: string) => `/api/scenes/${id}`,
  data: (id: string, hash: string) => `/api/scenes/${id}/data/${hash}`,
  lossless: (id: string, hash: string) => `/api/scenes/${id}/lossless/${hash}`,
  video: (id: string) => `/api/scenes/${id}/clip.mp4`,
  picture: (id: string) => `/api/scenes/${id}/poster`,
  page: (id: string) => `/s/${id}`,
  moments: (id: string) => `/api/scenes/${id}/moments`,
  momentPicture: (id: string, moment: string) => `/api/scenes/${id}/moments/${moment}/poster`,
  momentPage: (id: string, moment: string) => `/s/${id}/m/${moment}`,
  embed: (id: string) => `/e/${id}`,
} as const;

/** A moment of a scene with a card of its own. */
export interface Moment {
  readonly moment: string;
  /** Fragment that it opens with. */
  readonly start: string;
}

export const isMoment = (text: unknown): text is string => typeof text === 'string' && /^[A-Za-z0-9_-]{11}$/.test(text);

const ID = /^[A-Za-z0-9_-]{22}$/;
export const isId = (text: unknown): text is string => typeof text === 'string' && ID.test(text);

/** One line of plain text, as short as a card shows it. */
export function cleanTitle(text: unknown): string {
  const line = typeof text === 'string' ? text.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim() : '';
  return [...line].slice(0, LIMITS.titleLength).join('') || 'Scene';
}

/** Null for anything that is not a request within the limits. */
export function checkUpload(json: unknown): UploadRequest | null {
  if (typeof json !== 'object' || json === null) return null;
  const { title, expiryDays, encrypted, bytes, pieces, lossless = null } = json as Record<string, unknown>;
  const days = EXPIRY_DAYS.find((d) => d === expiryDays);
  const scene = checkPieces({ bytes, pieces }, LIMITS.sceneBytes);
  const more = lossless === null ? null : checkPieces(lossless, LIMITS.losslessBytes);
  if (days === undefined || typeof encrypted !== 'boolean' || !scene || (lossless !== null && !more)) return null;
  return { title: cleanTitle(title), expiryDays: days, encrypted, ...scene, lossless: more };
}

function checkPieces(json: unknown, most: number): Pieces | null {
  const { bytes, pieces } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const whole = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 && bytes <= most;
  if (!whole || !Array.isArray(pieces) || pieces.length !== Math.ceil(bytes / LIMITS.pieceBytes) || !pieces.every((p) => typeof p === 'string' && /^[0-9a-f]{64}$/.test(p))) return null;
  return { bytes, pieces };
}
