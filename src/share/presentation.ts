// What an author says of a scene: a text, where it starts, notes with viewpoints, and whether pages that embed it may read it.
// It travels in the scene's settings, through scene.npz and shared scenes alike, so whoever reads it trusts nothing.

import type { Scene } from '../scene/scene.ts';
import { formatLink, parseLink } from './fragment.ts';

export interface Note {
  readonly text: string;
  /** Fragment with the note's time, view and tracks. */
  readonly start: string;
}

export interface Presentation {
  readonly text: string;
  /** Fragment that the scene opens with where the link says nothing else; "" = as it comes. */
  readonly start: string;
  readonly notes: readonly Note[];
  /** Pages that embed the scene may take pictures of it and read its tracks. */
  readonly hostMayRead: boolean;
}

export const PRESENTATION_LIMITS = { text: 500, note: 280, notes: 10 } as const;
const SETTING = 'presentation';

/** One paragraph of plain text. */
export function cleanText(text: unknown, most: number): string {
  const line = typeof text === 'string' ? text.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim() : '';
  return [...line].slice(0, most).join('');
}

/** A fragment read and written again: nothing but what a link may say of a view comes through, and never a key or another address. */
export function cleanStart(start: unknown): string {
  const { version: _, frame: __, key: ___, src: ____, ...state } = parseLink(typeof start === 'string' ? start : '');
  return formatLink(state);
}

const objectOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {});

export function presentationOf({ meta }: { readonly meta: Pick<Scene['meta'], 'settings'> }): Presentation {
  const { text, start, notes, hostMayRead } = objectOf(meta.settings[SETTING]);
  const list = Array.isArray(notes) ? notes.slice(0, PRESENTATION_LIMITS.notes).map(objectOf) : [];
  return {
    text: cleanText(text, PRESENTATION_LIMITS.text), start: cleanStart(start), hostMayRead: hostMayRead === true,
    notes: list.map((note) => ({ text: cleanText(note.text, PRESENTATION_LIMITS.note), start: cleanStart(note.start) })).filter((note) => note.text !== ''),
  };
}

export function withPresentation(scene: Scene, change: Partial<Presentation>): Scene {
  const presentation: Presentation = { ...presentationOf(scene), ...change };
  return { ...scene, meta: { ...scene.meta, settings: { ...scene.meta.settings, [SETTING]: presentation } } };
}
