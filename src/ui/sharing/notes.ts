// Notes of a scene, one at a time; each one leads to its own moment and view.

import type { Note } from '../../share/presentation.ts';
import { h, icon } from '../dom.ts';

export interface NoteStrip {
  readonly element: HTMLElement;
  /** What there is to read; `fresh` starts before the first one. */
  set(notes: readonly Note[], fresh?: boolean): void;
  /** Shows a note, and leaves moment and view as they are. */
  tell(index: number): void;
}

/** `more`: what else can be done with the note on show, its index given. */
export function createNoteStrip(onGo: (note: Note, index: number) => void, ...more: readonly HTMLElement[]): NoteStrip {
  let notes: readonly Note[] = [];
  let at = -1;
  const text = h('p', { role: 'status', 'data-testid': 'note-text' });
  const step = (by: number, label: string, name: 'back' | 'next') => h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, 'data-testid': `note-${name}`, onclick: () => go((at + by + notes.length) % notes.length) }, icon(name));
  const [back, next] = [step(-1, 'Note before', 'back'), step(1, 'Next note', 'next')];
  const element = h('section', { class: 'note-strip', 'aria-label': 'Notes', 'data-testid': 'notes', hidden: true }, back, text, ...more, next);

  const show = () => {
    element.hidden = notes.length === 0;
    back.hidden = at < 0;
    for (const button of more) button.hidden = at < 0;
    text.textContent = at < 0 ? (notes.length === 1 ? 'One note' : `${notes.length} notes`) : `${at + 1} / ${notes.length}  ${notes[at].text}`;
  };
  const go = (index: number) => {
    at = index;
    show();
    onGo(notes[at], at);
  };
  return {
    element,
    tell: (index) => {
      at = index;
      show();
    },
    set: (list, fresh = false) => {
      notes = list;
      if (fresh) at = -1;
      if (at >= notes.length) at = notes.length - 1;
      show();
    },
  };
}
