// Notes to moments. They lie in the scene's settings, so a saved file carries them.

import type { Scene } from '../scene/scene.ts';
import type { App } from './app.ts';
import { h } from './dom.ts';

export interface Note {
  readonly frame: number;
  readonly text: string;
}

const SETTING = 'notes';
const LONGEST = 200;

/** By frame; whatever a file holds that is no note is left out. */
export function notesOf({ meta, frameCount }: Scene): Note[] {
  const given = meta.settings[SETTING];
  const isNote = (note: unknown): note is Note => typeof note === 'object' && note !== null && 'frame' in note && 'text' in note
    && Number.isInteger(note.frame) && (note.frame as number) >= 0 && (note.frame as number) < frameCount && typeof note.text === 'string' && note.text !== '';
  return Array.isArray(given) ? given.filter(isNote).map(({ frame, text }) => ({ frame, text: text.slice(0, LONGEST) })).sort((a, b) => a.frame - b.frame) : [];
}

/** A small dialog for the note of the present frame; an empty one takes it away. */
export function createNoteDialog({ store, clock, history, announce }: App): HTMLDialogElement {
  const input = h('input', { type: 'text', class: 'wide-input', maxLength: LONGEST, 'aria-label': 'Note', 'data-testid': 'note-text' });
  const title = h('h2', { id: 'note-title' });
  const put = (notes: readonly Note[]) => {
    const { open } = store.state;
    if (!open) return;
    const { scene } = open;
    store.set({ open: { ...open, scene: { ...scene, meta: { ...scene.meta, settings: { ...scene.meta.settings, [SETTING]: notes } } } }, saved: false });
  };
  const save = () => {
    const scene = store.state.open?.scene;
    dialog.close();
    if (!scene) return;
    const before = notesOf(scene);
    const text = input.value.trim();
    const after = [...before.filter(({ frame }) => frame !== clock.frame), ...(text ? [{ frame: clock.frame, text }] : [])].sort((a, b) => a.frame - b.frame);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    history.take({ title: 'the note', redo: () => put(after), undo: () => put(before) });
    announce(text ? `Note at frame ${clock.frame}` : 'Note removed');
  };
  const dialog = h('dialog', {
    class: 'sheet', 'aria-labelledby': 'note-title', 'data-testid': 'note', ontoggle: () => {
      if (!dialog.open) return;
      clock.pause();
      title.textContent = `Note at frame ${clock.frame}`;
      const scene = store.state.open?.scene;
      input.value = (scene && notesOf(scene).find(({ frame }) => frame === clock.frame)?.text) ?? '';
      input.focus();
    },
  },
  h('header', {}, title),
  h('form', { method: 'dialog', onsubmit: (event: Event) => { event.preventDefault(); save(); } }, input),
  h('footer', {}, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), h('button', { type: 'button', class: 'primary', 'data-testid': 'note-save', onclick: save }, 'Save the note')));
  return dialog;
}
